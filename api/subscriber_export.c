/* GET /v1/subscribers/export: everything, in the columns that the import reads. */
#include <string.h>

#include "core/csv.h"
#include "api/resources.h"
#include "api/subscriber.h"
#include "core/clock.h"
#include "core/json.h"

enum { PAGE = 5000 };

static const char *const formats[] = {"csv", "ndjson", NULL};

struct export_filter {
    const char *format;
};
#define SHAPE_STRUCT struct export_filter
static const struct field export_filter_fields[] = {
    FIELD(TEXT, format, .one_of = formats, .doc = "csv or ndjson; else by Accept."),
};
const struct shape subscriber_export_filter_shape = SHAPE("ExportFilter", export_filter_fields);
#undef SHAPE_STRUCT

/* A JSON array of words as words with spaces. */
static const char *words(struct scope *s, const char *json)
{
    json_t *list = NULL;
    STRBUF(b, 1024 * 1024);
    if (json_parse(s, json, strlen(json), &list) != RC_OK)
        return "";
    for (size_t i = 0; i < json_array_size(list); i++)
        strbuf_addf(&b, "%s%s", i ? " " : "", json_string_value(json_array_get(list, i)));
    return strbuf_copy(&b, s);
}

static void add_csv(struct scope *s, struct strbuf *b, const struct subscriber *row)
{
    csv_add(b, scope_printf(s, "%lld", (long long)row->id), false);
    csv_add(b, row->channel, false);
    csv_add(b, row->address, false);
    csv_add(b, row->state, false);
    csv_add(b, row->locale, false);
    csv_add(b, row->timezone, false);
    csv_add(b, row->verbosity, false);
    csv_add(b, row->account, false);
    csv_add(b, words(s, row->components), false);
    csv_add(b, words(s, row->groups), false);
    csv_add(b, clock_rfc3339(s, row->created_at), true);
}

static void add(struct scope *s, struct strbuf *b, const struct subscriber *row, bool csv)
{
    if (csv) {
        add_csv(s, b, row);
        return;
    }
    shape_print(b, &subscriber_shape, row);
    strbuf_addch(b, '\n');
}

static bool wants_csv(const struct call *c)
{
    const struct export_filter *filter = c->query;
    if (filter->format)
        return !strcmp(filter->format, "csv");
    return !c->request->accept || !strcasestr(c->request->accept, "json");
}

enum rc subscriber_export(struct call *c)
{
    struct strbuf *b = &c->reply.body;
    bool csv = wants_csv(c);
    if (csv)
        strbuf_addstr(b, "id,channel,address,state,locale,timezone,verbosity,account,components,"
                         "groups,created_at\r\n");
    for (int64_t after = 0;;) {
        SCOPE(s);
        struct list rows;
        enum rc rc = subscriber_page(s, c->db, after, PAGE, NULL, NULL, &rows);
        if (rc != RC_OK)
            return fail_from(c->s, s);
        const struct subscriber *at = rows.at;
        for (size_t i = 0; i < rows.n; i++)
            add(s, b, &at[i], csv);
        if (rows.n < PAGE)
            break;
        after = at[rows.n - 1].id;
    }
    c->reply.status = 200;
    c->reply.type = csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
    return RC_OK;
}
