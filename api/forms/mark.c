#include "api/forms/mark.h"

#include <string.h>
#include <strings.h>

enum { DEPTH = 8, PAGE_MAX = 4 * 1024 * 1024 };

struct marking {
    struct scope *s;
    const struct form_mark *mark;
    struct edits *edits;
    const char *from, *to;     /* the form that was sent */
    struct tag details[DEPTH]; /* around the place, outermost first */
    size_t n_details;
    const char *title;  /* the text of that legend, or NULL */
    const char *legend; /* past the </legend> of the fieldset around the place, or NULL */
    const char *label;  /* past the <label> around the place, or NULL */
    const char **ids;   /* of the marked controls by error; NULL: not on the page */
    const char **names; /* what they are called */
    size_t n_marked;
    bool loosely; /* what no control has the whole path of */
};

/* The text of <label for="id">, or NULL. */
static const char *label_of(const struct marking *m, const char *id)
{
    struct tag tag;
    for (const char *at = m->from; tag_next(&at, &tag) && tag.at < m->to;) {
        const char *target = tag_is(&tag, "label") ? tag_value(m->s, &tag, "for") : NULL;
        const char *end = target && !strcmp(target, id) ? strstr(tag.end, "</label") : NULL;
        if (end)
            return tag_text(m->s, tag.end, end);
    }
    return NULL;
}

static bool is_choice(struct scope *s, const struct tag *tag)
{
    const char *type = tag_value(s, tag, "type");
    return type && (!strcasecmp(type, "radio") || !strcasecmp(type, "checkbox"));
}

static const char *name_of(const struct marking *m, const struct tag *tag, const char *id)
{
    const char *said = tag_value(m->s, tag, "aria-label");
    said = said ? said : label_of(m, id);
    if (!said && m->label)
        said = tag_text(m->s, m->label, tag->at);
    if (!said || !m->title || is_choice(m->s, tag))
        return said ? said : m->title;
    return scope_printf(m->s, "%s, %s", m->title, said);
}

/* Where the message of a control stands: behind it; that of a choice, behind the legend or the
 * label. */
static const char *place_of(const struct marking *m, const struct tag *tag)
{
    static const char *const ends[][2] = {{"select", "</select>"}, {"textarea", "</textarea>"}};
    if (is_choice(m->s, tag) && m->legend)
        return m->legend;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        const char *end = tag_is(tag, ends[i][0]) ? strstr(tag->end, ends[i][1]) : NULL;
        if (end)
            return end + strlen(ends[i][1]);
    }
    const char *label = is_choice(m->s, tag) && m->label ? strstr(tag->end, "</label>") : NULL;
    return label ? label + strlen("</label>") : tag->end;
}

static const char *escaped(struct scope *s, const char *text)
{
    STRBUF(b, 64 * 1024);
    strbuf_addhtml(&b, text);
    return strbuf_copy(&b, s);
}

/* A page may keep an empty element for the message, which it also changes without a reload:
 * id="<field>-wrong". */
static const char *kept_place(const struct marking *m, const char *field)
{
    const char *id = scope_printf(m->s, " id=\"%s-wrong\"", escaped(m->s, field));
    const char *at = strstr(m->from, id), *end = at && at < m->to ? strchr(at, '>') : NULL;
    return end ? end + 1 : NULL;
}

static void put_message(struct marking *m, const struct tag *tag, const char *field, size_t n)
{
    const char *text = escaped(m->s, m->mark->errors[n].text), *at;
    const char *kept = kept_place(m, field);
    size_t len;
    if (kept) {
        edits_add(m->edits, kept, strcspn(kept, "<"), text);
        return;
    }
    edits_add(m->edits, place_of(m, tag), 0,
        scope_printf(m->s, "<span class=\"wrong\" id=\"wrong-%zu\">%s</span>", n + 1, text));
    if (tag_attribute(tag, "aria-describedby", &at, &len) && at)
        edits_add(m->edits, at, 0, scope_printf(m->s, "wrong-%zu ", n + 1));
    else
        edits_add(m->edits, tag->end - 1, 0,
            scope_printf(m->s, " aria-describedby=\"wrong-%zu\"", n + 1));
}

static void put_error(struct marking *m, const struct tag *tag, const char *field, size_t n)
{
    const char *id = tag_value(m->s, tag, "id");
    if (!id) {
        id = scope_printf(m->s, "field-%zu", n + 1);
        edits_add(m->edits, tag->end - 1, 0, scope_printf(m->s, " id=\"%s\"", id));
    }
    m->ids[n] = id;
    m->names[n] = name_of(m, tag, id);
    if (!tag_flag(tag, "aria-invalid"))
        edits_add(m->edits, tag->end - 1, 0, " aria-invalid=\"true\"");
    if (!m->n_marked++)
        edits_add(m->edits, tag->end - 1, 0, " autofocus");
    put_message(m, tag, field, n);
    for (size_t i = 0; i < m->n_details; i++)
        if (!tag_flag(&m->details[i], "open"))
            edits_add(m->edits, m->details[i].end - 1, 0, " open");
}

/* Is it the field, or, loosely, what its path ends in: "period.from", "incidents[0]"? */
static bool is_it(const char *field, const char *name, bool loosely)
{
    if (!loosely || !strncmp(field, "translations.", strlen("translations.")))
        return !strcmp(field, name);
    const char *dot = strrchr(field, '.');
    field = dot ? dot + 1 : field;
    size_t len = strcspn(field, "[");
    return len == strlen(name) && !strncmp(field, name, len);
}

static void mark_control(struct marking *m, const struct tag *tag)
{
    const char *name = tag_value(m->s, tag, "name"), *api = tag_value(m->s, tag, "data-field");
    if (!name || !fill_is_control(m->s, tag))
        return;
    for (size_t n = 0; n < m->mark->n_errors; n++) {
        const char *field = m->mark->errors[n].field;
        bool its =
            field && (is_it(field, name, m->loosely) || (api && is_it(field, api, m->loosely)));
        if (its && !m->ids[n]) {
            put_error(m, tag, name, n);
            return;
        }
    }
}

static void pass(struct marking *m, const struct tag *tag)
{
    if (tag_is(tag, "details") && !tag->closes && m->n_details < DEPTH)
        m->details[m->n_details++] = *tag;
    if (tag_is(tag, "details") && tag->closes && m->n_details)
        m->n_details--;
    if (tag_is(tag, "fieldset"))
        m->legend = m->title = NULL;
    if (tag_is(tag, "legend") && !tag->closes)
        m->title = tag_text(m->s, tag->end, tag->end + strcspn(tag->end, "<"));
    if (tag_is(tag, "legend") && tag->closes)
        m->legend = tag->end;
    if (tag_is(tag, "label"))
        m->label = tag->closes ? NULL : tag->end;
}

/* Another field has no claim to the focus. */
static void drop_focus(struct marking *m, const char *page)
{
    struct tag tag;
    for (const char *at = page; tag_next(&at, &tag);) {
        const char *flag = tag_flag(&tag, "autofocus");
        if (flag)
            edits_add(m->edits, flag - 1, strlen(" autofocus"), "");
    }
}

static void put_list(struct marking *m, const char *page)
{
    const char *main = strstr(page, "<main"), *at = main ? strchr(main, '>') : NULL;
    STRBUF(b, 256 * 1024);
    bool listed = m->mark->n_errors > 1 || (m->mark->n_errors && !m->ids[0]);
    if (!at || !listed)
        return;
    strbuf_addf(&b, "\n<div class=\"told wrong\" role=\"alert\"><p>%s</p><ul>",
        escaped(m->s, m->mark->heading));
    for (size_t n = 0; n < m->mark->n_errors; n++) {
        const char *text = escaped(m->s, m->mark->errors[n].text);
        const char *name =
            m->names[n] ? scope_printf(m->s, "%s: ", escaped(m->s, m->names[n])) : "";
        if (m->ids[n])
            strbuf_addf(
                &b, "<li><a href=\"#%s\">%s%s</a></li>", escaped(m->s, m->ids[n]), name, text);
        else
            strbuf_addf(&b, "<li>%s</li>", text);
    }
    strbuf_addstr(&b, "</ul></div>");
    edits_add(m->edits, at + 1, 0, strbuf_copy(&b, m->s));
}

static void mark_form(struct marking *m, const char *page)
{
    struct tag tag;
    if (!fill_find(m->s, &m->mark->typed, page, &m->from, &m->to))
        return;
    for (int turn = 0; turn < 2; turn++) {
        m->loosely = turn;
        m->n_details = 0;
        /* From the start of the page: the form itself may be in a disclosure. */
        for (const char *at = page; tag_next(&at, &tag) && tag.at < m->to;) {
            pass(m, &tag);
            if (tag.at > m->from)
                mark_control(m, &tag);
        }
    }
    fill_form(m->s, &m->mark->typed, m->from, m->to, m->edits);
}

void form_mark(struct scope *s, const struct form_mark *mark, struct strbuf *b)
{
    const char *page = strbuf_copy(b, s);
    struct marking m = {.s = s,
        .mark = mark,
        .edits = SCOPE_NEW(s, struct edits),
        .ids = SCOPE_ARRAY(s, const char *, mark->n_errors + 1),
        .names = SCOPE_ARRAY(s, const char *, mark->n_errors + 1)};
    mark_form(&m, page);
    if (m.n_marked)
        drop_focus(&m, page);
    put_list(&m, page);
    strbuf_clear(b);
    edits_apply(m.edits, page, b);
}
