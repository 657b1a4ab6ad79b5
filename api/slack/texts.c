#include "api/slack/texts.h"

#include <string.h>

#include "api/http/language.h"
#include "api/slack/ask.h"
#include "core/json.h"
#include "core/utf8.h"
#include "templates/label.h"

enum { LINE_MAX = 4096 };

static const char *const parts[] = {"title", "body", "affected_body", NULL};

static bool is_short(const json_t *texts)
{
    return utf8_count(json_get_word(texts, "body")) <= TEXTS_BODY_MAX &&
           utf8_count(json_get_word(texts, "affected_body")) <= TEXTS_BODY_MAX;
}

bool texts_fit(const json_t *of)
{
    const char *tag;
    json_t *texts;
    bool fit = is_short(of);
    json_object_foreach(json_object_get(of, "translations"), tag, texts) fit &= is_short(texts);
    return fit;
}

static bool is_title(const char *part)
{
    return !strcmp(part, "title");
}

static json_t *element_of(struct call *c, const char *part, const char *value)
{
    int most = is_title(part) ? TEXTS_TITLE_MAX : TEXTS_BODY_MAX;
    return slack_input_text(c, value, !is_title(part), most);
}

static void add(const struct making *m, const char *part, const char *value)
{
    making_add(m, &(struct slack_field){.name = part, .mark = m->of_preset},
        element_of(m->c, part, value));
}

void texts_add_title(const struct making *m, const char *value)
{
    add(m, "title", m->preset ? json_get_word(m->preset, "title") : value);
}

void texts_add_body(const struct making *m, const char *value)
{
    add(m, "body", m->preset ? json_get_word(m->preset, "body") : value);
}

/* Without it the affected read the body. */
void texts_add_affected(const struct making *m)
{
    if (m->two_texts)
        making_add(m,
            &(struct slack_field){.name = "affected_body",
                .optional = true,
                .hint = slack_word(m->c, "affected_hint")},
            element_of(m->c, "affected_body", json_get_text(m->preset, "affected_body")));
}

/* ---- other languages ---- */

static bool is_same(const char *a, const char *b)
{
    size_t n = strcspn(a, "-_");
    return strcspn(b, "-_") == n && !strncmp(a, b, n);
}

/* "Deutsch", "Deutsch (de-AT)" */
static const char *language_name(struct call *c, const char *tag)
{
    for (const struct language *l = languages; l->tag; l++)
        if (is_same(l->tag, tag))
            return strcmp(l->tag, tag) ? scope_printf(c->s, "%s (%s)", l->name, tag) : l->name;
    return tag;
}

/* The languages of a template that have one of the texts: [tag]. Owned by the scope. */
static json_t *tags_of(const struct making *m, bool whole)
{
    json_t *list = json_own(m->c->s, json_array()), *texts;
    const char *tag;
    json_object_foreach(json_object_get(m->preset, "translations"), tag, texts)
    {
        if (json_get_text(texts, "body") || (whole && json_get_text(texts, "title")))
            json_array_append_new(list, json_string(tag));
    }
    return list;
}

static bool is_listed(const json_t *tags, const char *tag)
{
    const json_t *one;
    size_t i;
    json_array_foreach(tags, i, one)
    {
        if (is_same(json_string_value(one), tag))
            return true;
    }
    return false;
}

/* All but that of the texts themselves; of a language, the template's own tag. */
static json_t *language_options(const struct making *m, const json_t *tags)
{
    json_t *options = json_array();
    const json_t *one;
    size_t i;
    json_array_foreach(tags, i, one)
    {
        const char *tag = json_string_value(one);
        json_array_append_new(options, slack_option(m->c, language_name(m->c, tag), tag));
    }
    for (const struct language *l = languages; l->tag; l++)
        if (!is_same(l->tag, m->c->api->config->language) && !is_listed(tags, l->tag))
            json_array_append_new(options, slack_option(m->c, l->name, l->tag));
    return options;
}

static void add_language(const struct making *m, const char *tag, bool whole)
{
    struct call *c = m->c;
    const json_t *texts = json_object_get(json_object_get(m->preset, "translations"), tag);
    for (const char *const *part = parts; *part; part++) {
        if ((is_title(*part) && !whole) || (!strcmp(*part, "affected_body") && !m->two_texts))
            continue;
        const char *label = label_text(c->s, slack_locale(c), "staff_translation", *part);
        making_add(m,
            &(struct slack_field){.name = scope_printf(c->s, "%s:%s", *part, tag),
                .mark = m->of_preset,
                .label = scope_printf(c->s, "%s: %s", label, language_name(c, tag)),
                .optional = true},
            element_of(c, *part, json_get_text(texts, *part)));
    }
}

void texts_add_languages(const struct making *m, bool whole)
{
    const json_t *tags = tags_of(m, whole), *one;
    const char *tag;
    bool asked = slack_has_input(m->view, "languages", m->of_preset);
    making_add(m,
        &(struct slack_field){
            .name = "languages", .mark = m->of_preset, .optional = true, .asks = true},
        slack_multi_select(m->c, language_options(m, tags), tags));
    for (size_t i = 0; asked && (tag = slack_typed_at(m->view, "languages", i)); i++)
        add_language(m, tag, whole);
    size_t i;
    json_array_foreach(asked ? NULL : tags, i, one) add_language(m, json_string_value(one), whole);
}

/* ---- what was submitted ---- */

static void put(json_t *object, const char *name, const char *text)
{
    if (*text)
        json_object_set_new(object, name, json_string(text));
}

void texts_read(struct call *c, const json_t *view, json_t *body)
{
    json_t *all = json_own(c->s, json_object());
    const char *tag;
    put(body, "body", slack_typed(view, "body"));
    put(body, "affected_body", slack_typed(view, "affected_body"));
    for (size_t i = 0; (tag = slack_typed_at(view, "languages", i)); i++) {
        json_t *one = json_own(c->s, json_object());
        for (const char *const *part = parts; *part; part++)
            put(one, *part, slack_typed(view, scope_printf(c->s, "%s:%s", *part, tag)));
        if (json_object_size(one))
            json_object_set(all, tag, one);
    }
    if (json_object_size(all))
        json_object_set(body, "translations", all);
}

const char *texts_languages_line(struct call *c, const json_t *body)
{
    STRBUF(b, LINE_MAX);
    json_t *texts;
    const char *tag;
    json_object_foreach(json_object_get(body, "translations"), tag, texts)
        strbuf_addf(&b, "%s%s", b.len ? ", " : "", language_name(c, tag));
    return b.len ? scope_printf(c->s, "%s: %s", slack_word(c, "languages"), b.buf) : "";
}
