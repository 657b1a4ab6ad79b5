#include "api/forms/fill.h"

#include <string.h>
#include <strings.h>

enum { NAMES_MAX = 1024 };

/* Values of one name are given in the order of its controls. */
struct filling {
    struct scope *s;
    const struct form_typed *sent;
    struct edits *edits;
    const char *names[NAMES_MAX]; /* of the text fields so far */
    size_t n_names;
    const char *select; /* the name of the select around an option */
};

static const char *kind(struct scope *s, const struct tag *tag)
{
    const char *type = tag_value(s, tag, "type");
    return type ? type : "text";
}

static bool is_kind(struct scope *s, const struct tag *tag, const char *const *kinds)
{
    const char *its = kind(s, tag);
    for (; *kinds; kinds++)
        if (!strcasecmp(*kinds, its))
            return true;
    return false;
}

bool fill_is_control(struct scope *s, const struct tag *tag)
{
    static const char *const none[] = {"hidden", "submit", "button", "reset", "image", NULL};
    if (tag->closes)
        return false;
    if (tag_is(tag, "select") || tag_is(tag, "textarea"))
        return true;
    return tag_is(tag, "input") && !is_kind(s, tag, none);
}

/* The nth value of a name, or NULL. */
static const char *typed(const struct form_typed *sent, const char *name, size_t n)
{
    for (size_t i = 0; i < sent->n; i++)
        if (!strcmp(sent->at[i].name, name) && !n--)
            return sent->at[i].value;
    return NULL;
}

static bool is_sent(const struct form_typed *sent, const char *name)
{
    for (size_t i = 0; i < sent->n; i++)
        if (!strcmp(sent->at[i].name, name))
            return true;
    return false;
}

static bool is_typed(const struct form_typed *sent, const char *name, const char *value)
{
    for (size_t i = 0; i < sent->n; i++)
        if (!strcmp(sent->at[i].name, name) && !strcmp(sent->at[i].value, value ? value : ""))
            return true;
    return false;
}

/* -1: a hidden field differs, so it is another form. */
static int likeness(
    struct scope *s, const struct form_typed *sent, const char *from, const char *to)
{
    int n = 0;
    struct tag tag;
    for (const char *at = from; tag_next(&at, &tag) && tag.at < to;) {
        const char *name = tag_value(s, &tag, "name");
        if (!name || tag.closes)
            continue;
        bool hidden = tag_is(&tag, "input") && !strcasecmp(kind(s, &tag), "hidden");
        bool ours = !strcmp(name, "csrf") || !strcmp(name, "once") || !strncmp(name, "was_", 4);
        const char *held = hidden && !ours ? tag_value(s, &tag, "value") : NULL;
        if (held && !is_typed(sent, name, held) && (*held || is_sent(sent, name)))
            return -1;
        bool button = tag_is(&tag, "button");
        const char *value = button ? tag_value(s, &tag, "value") : NULL;
        n += value ? is_typed(sent, name, value) * 4 : !hidden && is_sent(sent, name);
    }
    return n;
}

bool fill_find(struct scope *s, const struct form_typed *sent, const char *page, const char **from,
    const char **to)
{
    int best = 0;
    struct tag tag;
    for (const char *at = page; tag_next(&at, &tag);) {
        const char *method = tag_is(&tag, "form") ? tag_value(s, &tag, "method") : NULL;
        const char *end = method && !tag.closes ? strstr(tag.end, "</form") : NULL;
        if (!end || strcasecmp(method, "post") != 0)
            continue;
        int like = likeness(s, sent, tag.end, end);
        if (like > best) {
            best = like;
            *from = tag.at;
            *to = end;
        }
        at = end;
    }
    return best > 0;
}

static const char *escaped(struct scope *s, const char *text)
{
    STRBUF(b, 1024 * 1024);
    strbuf_addhtml(&b, text);
    return strbuf_copy(&b, s);
}

/* Before the '>' of a tag. */
static const char *inside(const struct tag *tag)
{
    return tag->end - 1 - (tag->end[-2] == '/');
}

/* Set or clear "checked" or "selected". */
static void set_flag(struct filling *f, const struct tag *tag, const char *flag, bool on)
{
    const char *is = tag_flag(tag, flag);
    if (on && !is)
        edits_add(f->edits, inside(tag), 0, scope_printf(f->s, " %s", flag));
    if (!on && is)
        edits_add(f->edits, is - 1, strlen(flag) + 1, "");
}

static const char *next_value(struct filling *f, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_names; i++)
        n += !strcmp(f->names[i], name);
    if (f->n_names < NAMES_MAX)
        f->names[f->n_names++] = name;
    return typed(f->sent, name, n);
}

static void fill_input(struct filling *f, const struct tag *tag, const char *name)
{
    static const char *const choices[] = {"checkbox", "radio", NULL};
    static const char *const kept[] = {"password", "file", NULL};
    if (is_kind(f->s, tag, choices)) {
        const char *value = tag_value(f->s, tag, "value");
        set_flag(f, tag, "checked", is_typed(f->sent, name, value ? value : "on"));
        return;
    }
    const char *text = is_kind(f->s, tag, kept) ? NULL : next_value(f, name), *at;
    size_t len;
    if (!text)
        return;
    if (tag_attribute(tag, "value", &at, &len) && at)
        edits_add(f->edits, at, len, escaped(f->s, text));
    else
        edits_add(
            f->edits, inside(tag), 0, scope_printf(f->s, " value=\"%s\"", escaped(f->s, text)));
}

static void fill_textarea(struct filling *f, const struct tag *tag, const char *name)
{
    const char *text = next_value(f, name), *end = strstr(tag->end, "</textarea");
    if (!text || !end)
        return;
    /* A parser drops a first line feed. */
    const char *feed = *text == '\n' || *text == '\r' ? "\n" : "";
    edits_add(f->edits, tag->end, (size_t)(end - tag->end),
        scope_printf(f->s, "%s%s", feed, escaped(f->s, text)));
}

static void fill_one(struct filling *f, const struct tag *tag)
{
    const char *name = tag_value(f->s, tag, "name");
    if (tag_is(tag, "select"))
        f->select = tag->closes ? NULL : name;
    if (tag_is(tag, "option") && !tag->closes && f->select && is_sent(f->sent, f->select)) {
        const char *value = tag_value(f->s, tag, "value");
        if (value)
            set_flag(f, tag, "selected", is_typed(f->sent, f->select, value));
    }
    if (!name || !fill_is_control(f->s, tag))
        return;
    if (tag_is(tag, "input"))
        fill_input(f, tag, name);
    else if (tag_is(tag, "textarea"))
        fill_textarea(f, tag, name);
}

void fill_form(struct scope *s, const struct form_typed *sent, const char *from, const char *to,
    struct edits *edits)
{
    struct filling filling = {.s = s, .sent = sent, .edits = edits};
    struct tag tag;
    for (const char *at = from; tag_next(&at, &tag) && tag.at < to;)
        fill_one(&filling, &tag);
}
