#include "api/console/translated.h"

#include <string.h>
#include <strings.h>

#include "api/console/console.h"
#include "api/http/language.h"
#include "api/readers/reader.h"
#include "core/json.h"
#include "templates/label.h"
#include "templates/translation.h"

/* The limits of the API. */
static const struct part {
    const char *name;
    int max;
    bool area;
} limits[] = {{"title", 250, false}, {"subject", 250, false}, {"body", 32768, true},
    {"affected_body", 32768, true}, {"name", 200, false}, {"description", 500, false}};

static const struct part *part_of(const char *name)
{
    const struct part *part = limits;
    while (strcmp(part->name, name) != 0)
        part++;
    return part;
}

/* The languages of two tags are the same: de-AT and de. */
static bool is_same(const char *a, const char *b)
{
    size_t n = strcspn(a, "-_");
    return strcspn(b, "-_") == n && !strncasecmp(a, b, n);
}

static const char *name_of(struct call *c, const char *tag)
{
    const char *primary = scope_strndup(c->s, tag, strcspn(tag, "-_"));
    const char *name = label_text(c->s, console_locale(c), "staff_language", primary);
    if (!strcmp(name, primary))
        return tag;
    bool region = tag[strlen(primary)] && strcmp(tag, "pt-BR") != 0;
    return region ? scope_printf(c->s, "%s (%s)", name, tag) : name;
}

json_t *translated_typed(struct call *c, const char *const *parts)
{
    json_t *all = json_object();
    for (size_t i = 0; c->form && i < c->form->n; i++) {
        const struct request_pair *field = &c->form->at[i];
        const char *colon = strchr(field->name, ':');
        size_t n = colon ? (size_t)(colon - field->name) : 0;
        for (const char *const *part = parts; n && *field->value && *part; part++) {
            if (strlen(*part) != n || strncmp(*part, field->name, n) != 0)
                continue;
            json_t *one = json_object_get(all, colon + 1);
            if (!one)
                json_object_set_new(all, colon + 1, one = json_object());
            json_object_set_new(one, *part, json_string(field->value));
        }
    }
    return all;
}

static int64_t count_of(const json_t *readers, const char *tag)
{
    int64_t n = 0;
    size_t i;
    json_t *one;
    json_array_foreach(readers, i, one) if (is_same(json_get_word(one, "locale"), tag)) n +=
        json_get_int(one, "count");
    return n;
}

/* The tag of the pages in this language, or NULL. */
static const char *page_tag(const char *tag)
{
    const struct language *l = languages;
    while (l->tag && !is_same(l->tag, tag))
        l++;
    return l->tag;
}

/* The n-th readers' tag, if it is the first of a language in which there may be a text; or NULL. */
static const char *first_tag(const struct translated *t, size_t n)
{
    const char *tag = json_get_word(json_array_get(t->readers, n), "locale");
    bool first = *tag && !is_same(tag, t->own) && (t->any || page_tag(tag));
    for (size_t i = 0; i < n && first; i++)
        first = !is_same(tag, json_get_word(json_array_get(t->readers, i), "locale"));
    return first ? tag : NULL;
}

/* The part without which a language has no text: the body, or else the first. */
static const char *main_part(const char *const *parts)
{
    for (size_t i = 0; parts[i]; i++)
        if (!strcmp(parts[i], "body"))
            return parts[i];
    return parts[0];
}

/* For each language of the readers without a text, this label. */
static json_t *missing(
    struct call *c, const struct translated *t, const json_t *all, const char *label)
{
    json_t *list = json_array();
    const char *sentence = label_text(c->s, console_locale(c), "staff", label);
    for (size_t i = 0; i < json_array_size(t->readers); i++) {
        const char *tag = first_tag(t, i);
        if (!tag || translation_find(all, tag, main_part(t->parts)))
            continue;
        json_t *values = json_own(c->s, json_pack("{s:s, s:I}", "language", name_of(c, tag), "n",
                                            (json_int_t)count_of(t->readers, tag)));
        json_array_append_new(list, json_string(label_fill(c->s, sentence, values)));
    }
    return list;
}

json_t *translated_missing(struct call *c, const struct translated *t, const json_t *all)
{
    return missing(c, t, all, "no_translation");
}

static json_t *parts_json(
    struct call *c, const struct translated *t, const char *tag, const json_t *texts)
{
    json_t *list = json_array();
    for (const char *const *name = t->parts; *name; name++) {
        const struct part *part = part_of(*name);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:b, s:b}", "field",
                      scope_printf(c->s, "%s:%s", *name, tag), "path",
                      scope_printf(c->s, "translations.%s.%s", tag, *name), "id",
                      scope_printf(c->s, "%s-%s%s", *name, tag, t->id ? t->id : ""), "label",
                      label_text(c->s, console_locale(c), "staff_translation", *name), "value",
                      json_get_word(texts, *name), "max", part->max, "area", part->area, "affected",
                      !strcmp(*name, "affected_body")));
    }
    return list;
}

static json_t *row_of(
    struct call *c, const struct translated *t, const char *tag, const json_t *texts)
{
    int64_t n = count_of(t->readers, tag);
    return json_pack("{s:s, s:s, s:o, s:b, s:o}", "tag", tag, "name", name_of(c, tag), "readers",
        n ? json_integer((json_int_t)n) : json_null(), "written", texts != NULL, "parts",
        parts_json(c, t, tag, texts));
}

static bool is_listed(const json_t *rows, const char *tag)
{
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) if (is_same(json_get_word(row, "tag"), tag)) return true;
    return false;
}

/* start may be context's own "translations", so that is replaced last. */
void translated_put(struct call *c, const struct translated *t, json_t *context)
{
    json_t *rows = json_array(), *typed = json_own(c->s, translated_typed(c, t->parts)), *texts;
    const json_t *all = t->form ? typed : t->start;
    const char *tag;
    json_object_foreach((json_t *)all, tag, texts)
        json_array_append_new(rows, row_of(c, t, tag, texts));
    json_object_set_new(context, "translations_open", json_boolean(json_array_size(rows)));
    for (size_t i = 0; i < json_array_size(t->readers); i++)
        if ((tag = first_tag(t, i)) && !is_listed(rows, tag))
            json_array_append_new(rows, row_of(c, t, page_tag(tag) ? page_tag(tag) : tag, NULL));
    for (const struct language *l = languages; l->tag; l++)
        if (!is_same(l->tag, t->own) && !is_listed(rows, l->tag))
            json_array_append_new(rows, row_of(c, t, l->tag, NULL));
    json_object_set_new(context, "translations_missing", missing(c, t, all, "no_text_of"));
    json_object_set_new(context, "translations_id", json_string(t->id ? t->id : ""));
    json_object_set_new(context, "translations", rows);
}

enum rc translated_readers(struct call *c, const json_t **ret)
{
    json_t *reply;
    TRY(console_get(c, "/v1/subscribers/languages", &reply));
    *ret = json_object_get(reply, "languages");
    return RC_OK;
}
