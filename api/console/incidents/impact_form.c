#include "api/console/incidents/impact_form.h"

#include <stdlib.h>
#include <string.h>

#include "api/call/form.h"
#include "api/console/console.h"
#include "api/console/scoped.h"
#include "api/incidents/incident.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/shape.h"
#include "templates/label.h"

static const char *name_of(struct call *c, const char *name, size_t n)
{
    return scope_printf(c->s, "%s:%zu", name, n);
}

static const char *cell(struct call *c, const char *name, size_t n)
{
    return form_text(c->form, name_of(c, name, n), "");
}

static struct scoped scope_of(struct call *c, const json_t *impact, size_t n)
{
    return (struct scoped){.suffix = scope_printf(c->s, ":%zu", n),
        .stored = json_object_get(impact, "scope"),
        .shares = true};
}

static size_t pages_of(const struct impact_form *form)
{
    size_t size = json_array_size(form->impacts);
    return size ? (size - 1) / IMPACT_PAGE + 1 : 1;
}

/* A page that there is not is the first or the last. */
static size_t page_of(const char *text, size_t pages)
{
    char *end;
    long page = strtol(text, &end, 10);
    return *end || page < 1 ? 1 : (size_t)page > pages ? pages : (size_t)page;
}

enum rc impact_form_read(struct call *c, struct impact_form *ret)
{
    struct form query = {0};
    TRY(console_get(c, console_incident_path(c, "/impacts"), &ret->whole));
    TRY(console_all_rows(c, "/v1/components", &ret->components));
    TRY(scoped_lists(c, &ret->lists));
    ret->impacts = json_object_get(ret->whole, "impacts");
    if (!c->form)
        TRY(form_read(c, &query));
    ret->page = page_of(form_text(c->form ? c->form : &query, "page", "1"), pages_of(ret));
    return RC_OK;
}

const char *impact_form_component(const struct impact_form *form, const char *slug)
{
    size_t i;
    json_t *one;
    json_array_foreach(form->components, i, one)
    {
        if (!strcmp(json_get_word(one, "slug"), slug))
            return json_get_word(one, "name");
    }
    return slug;
}

json_t *impact_form_duration(struct call *c, json_t *window)
{
    int64_t from, to;
    bool both = clock_parse(json_get_word(window, "from"), &from) &&
                clock_parse(json_get_word(window, "to"), &to);
    return both ? json_string(label_span(c->s, console_locale(c), (to - from) / CLOCK_SECOND))
                : json_null();
}

/* A component that is archived stays for the windows that name it. */
static json_t *options(const struct impact_form *form, const char *slug)
{
    json_t *list = json_array(), *one;
    size_t i;
    json_array_foreach(form->components, i, one)
    {
        bool selected = !strcmp(json_get_word(one, "slug"), slug);
        if (selected || !json_get_text(one, "archived_at"))
            json_array_append_new(
                list, json_pack("{s:O, s:O, s:b}", "value", json_object_get(one, "slug"), "label",
                          json_object_get(one, "name"), "selected", selected));
    }
    return list;
}

static void add_note(struct call *c, json_t *notes, const char *label, json_t *value)
{
    json_t *values = json_own(c->s, json_pack("{s:o}", "value", value));
    const char *text = label_text(c->s, console_locale(c), "staff_incidents", label);
    json_array_append_new(notes, json_string(label_fill(c->s, text, values)));
}

/* "region = eu, us; tier = gold". */
static json_t *labels_text(json_t *labels)
{
    STRBUF(b, SIZE_MAX);
    const char *key;
    json_t *value, *one;
    size_t i;
    json_object_foreach(labels, key, value)
    {
        strbuf_addf(&b, "%s%s = ", b.len ? "; " : "", key);
        if (json_is_string(value))
            strbuf_addstr(&b, json_string_value(value));
        json_array_foreach(value, i, one)
            strbuf_addf(&b, "%s%s", i ? ", " : "", json_string_value(one));
    }
    return json_string(b.buf);
}

/* What decides the money of a window, beside its times and level. */
static json_t *notes_of(struct call *c, json_t *impact)
{
    json_t *notes = json_array(), *scope = json_object_get(impact, "scope"),
           *labels = json_object_get(scope, "labels"),
           *accounts = json_object_get(scope, "accounts");
    const json_t *weight = json_object_get(impact, "weight_bp"),
                 *share = json_object_get(scope, "share_bp");
    const char *list = json_get_text(scope, "list");
    if (json_is_true(json_object_get(impact, "measured")))
        add_note(c, notes, "impact_measured", json_null());
    if (json_is_integer(weight))
        add_note(c, notes, "impact_weight", json_string(console_percent(c, weight)));
    if (json_object_size(labels))
        add_note(c, notes, "impact_labels", labels_text(labels));
    if (json_array_size(accounts))
        add_note(c, notes, "impact_accounts", json_integer((json_int_t)json_array_size(accounts)));
    if (list)
        add_note(c, notes, "impact_list", json_string(list));
    if (json_is_integer(share))
        add_note(c, notes, "impact_share", json_string(console_percent(c, share)));
    return notes;
}

static const char *weight_text(struct call *c, const json_t *impact)
{
    const json_t *weight = json_object_get(impact, "weight_bp");
    return json_is_integer(weight) ? console_percent(c, weight) : "";
}

/* One row of the form: an impact, or a blank one. */
static json_t *row(
    struct call *c, const struct impact_form *form, json_t *impact, size_t n, bool first)
{
    const char *slug = json_get_word(impact, "component");
    struct scoped of = scope_of(c, impact, n);
    json_t *row = json_pack("{s:i, s:s, s:o, s:o, s:s, s:s, s:o, s:b, s:b, s:b, s:s, s:o}", "n",
        (int)n, "component_name", impact_form_component(form, slug), "components",
        options(form, slug), "levels",
        console_choices(c, impact_levels, "level", json_get_word(impact, "level")), "from",
        console_wall(c, json_get_text(impact, "from")), "to",
        console_wall(c, json_get_text(impact, "to")), "duration", impact_form_duration(c, impact),
        "estimated", json_is_true(json_object_get(impact, "estimated")), "blank", impact == NULL,
        "open", first, "weight", weight_text(c, impact), "notes", notes_of(c, impact));
    scoped_put(c, &of, form->lists, row);
    return row;
}

static json_t *page_number(size_t page, size_t pages)
{
    return page >= 1 && page <= pages ? json_integer((json_int_t)page) : json_null();
}

static void put_pages(
    struct call *c, const struct impact_form *form, size_t first, size_t last, json_t *context)
{
    size_t pages = pages_of(form), all = json_array_size(form->impacts);
    json_t *shown = json_own(c->s, json_pack("{s:I, s:I, s:I}", "first", (json_int_t)first + 1,
                                       "last", (json_int_t)last, "all", (json_int_t)all));
    const char *text = label_text(c->s, console_locale(c), "staff_incidents", "windows_shown");
    json_object_set_new(context, "page", json_integer((json_int_t)form->page));
    json_object_set_new(context, "pages",
        pages == 1
            ? json_null()
            : json_pack("{s:s, s:o, s:o}", "text", label_fill(c->s, text, shown), "before",
                  page_number(form->page - 1, pages), "after", page_number(form->page + 1, pages)));
}

/* As many blank rows as were sent, so that each finds its text again. */
void impact_form_put(struct call *c, const struct impact_form *form, json_t *context)
{
    json_t *rows = json_array();
    size_t size = json_array_size(form->impacts), first = (form->page - 1) * IMPACT_PAGE;
    size_t last = first + IMPACT_PAGE < size ? first + IMPACT_PAGE : size, end = size;
    while (c->form && form_get(c->form, name_of(c, "component", end)))
        end++;
    end = end > size ? end : size + IMPACT_BLANK;
    for (size_t n = first; n < last; n++)
        json_array_append_new(rows, row(c, form, json_array_get(form->impacts, n), n, false));
    for (size_t n = size; n < end; n++)
        json_array_append_new(rows, row(c, form, NULL, n, !size && n == size));
    json_object_set_new(context, "rows", rows);
    put_pages(c, form, first, last, context);
    json_object_set_new(context, "revision", json_integer(json_get_int(form->whole, "revision")));
}

bool impact_form_is_stale(struct call *c, const struct impact_form *form)
{
    const char *shown = form_text(c->form, "revision", NULL);
    return shown && strtoll(shown, NULL, 10) != json_get_int(form->whole, "revision");
}

static const char *moment(struct call *c, const char *name, const json_t *was, size_t n)
{
    const char *text = cell(c, name, n);
    return *text ? console_moment(c, text, json_get_word(was, name)) : NULL;
}

/* The weight as it is, unless another was typed. */
static json_t *weight_typed(struct call *c, const json_t *was, size_t n)
{
    const char *text = form_get(c->form, name_of(c, "weight_bp", n));
    json_t *stored = json_object_get(was, "weight_bp");
    if (!text || !strcmp(text, weight_text(c, was)))
        return json_is_integer(stored) ? json_incref(stored) : NULL;
    return *text ? console_basis_points(text) : NULL;
}

/* Where staff changed a time, the times are no longer those of an alert. */
static json_t *typed(struct call *c, json_t *was, size_t n)
{
    const char *from = moment(c, "from", was, n), *to = moment(c, "to", was, n);
    struct scoped of = scope_of(c, was, n);
    json_t *scope = scoped_typed(c, &of);
    bool measured = json_is_true(json_object_get(was, "measured")) && from &&
                    !strcmp(from, json_get_word(was, "from")) &&
                    !strcmp(to ? to : "", json_get_word(was, "to"));
    json_t *one = json_pack("{s:s, s:s, s:s*, s:s*, s:b, s:b, s:o*}", "component",
        cell(c, "component", n), "level", cell(c, "level", n), "from", from, "to", to, "estimated",
        *cell(c, "estimated", n) != '\0', "measured", measured, "weight_bp",
        weight_typed(c, was, n));
    if (json_object_size(scope))
        json_object_set(one, "scope", scope);
    return one;
}

/* Without the members that the API omits. */
static json_t *as_it_is(json_t *impact)
{
    json_t *one = json_object(), *value;
    const char *key;
    json_object_foreach(impact, key, value) if (!json_is_null(value))
        json_object_set(one, key, value);
    return one;
}

/* A blank row without a start is none; a row with "drop" selected is removed. */
json_t *impact_form_typed(struct call *c, const struct impact_form *form, struct texts *ret_keys)
{
    json_t *list = json_array(), *body = json_own(c->s, json_pack("{s:o}", "impacts", list));
    size_t size = json_array_size(form->impacts);
    const char **at = SCOPE_ARRAY(c->s, const char *, size + FORM_FIELDS), *revision;
    for (size_t n = 0;; n++) {
        json_t *was = json_array_get(form->impacts, n);
        bool sent = form_get(c->form, name_of(c, "component", n)) != NULL;
        if (n >= size && !sent)
            break;
        if (sent && (*cell(c, "drop", n) || (!was && !*cell(c, "from", n))))
            continue;
        at[ret_keys->n++] = scope_printf(c->s, "%zu", n);
        json_array_append_new(list, sent ? typed(c, was, n) : as_it_is(was));
    }
    ret_keys->at = at;
    if ((revision = form_text(c->form, "revision", NULL)))
        json_object_set_new(body, "revision", json_integer(strtoll(revision, NULL, 10)));
    return body;
}

void impact_form_name_errors(struct call *c, json_t *problem, struct texts keys)
{
    console_name_rows(c, problem, "impacts", keys);
    for (size_t i = 0; i < keys.n; i++) {
        struct scoped of = {.suffix = scope_printf(c->s, ":%s", keys.at[i])};
        scoped_name_errors(c, &of, problem, scope_printf(c->s, "impacts[%zu].scope", i));
    }
}
