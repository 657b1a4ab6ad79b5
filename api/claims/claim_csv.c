#include "api/claims/claim_csv.h"

#include <jansson.h>
#include <string.h>

#include "api/claims/customer_claim.h"
#include "core/clock.h"
#include "core/csv.h"
#include "core/json.h"

static const char *time_of(struct scope *s, int64_t at)
{
    return at == SHAPE_NONE ? NULL : clock_rfc3339(s, at);
}

static const char *number(struct scope *s, int64_t n)
{
    return n == SHAPE_NONE ? NULL : scope_printf(s, "%lld", (long long)n);
}

/* "a b": refs have no spaces. */
static enum rc refs_of(struct scope *s, const char *json, const char **ret)
{
    json_t *refs, *ref;
    size_t i;
    STRBUF(b, 64 * 1024);
    TRY(json_parse(s, json, strlen(json), &refs));
    json_array_foreach(refs, i, ref) strbuf_addf(&b, "%s%s", i ? " " : "", json_string_value(ref));
    *ret = strbuf_copy(&b, s);
    return RC_OK;
}

/* Of who decided: the name, or else the id of the key. */
static enum rc name_of(struct scope *s, const char *json, const char **ret)
{
    json_t *who;
    *ret = NULL;
    if (!json)
        return RC_OK;
    TRY(json_parse(s, json, strlen(json), &who));
    *ret = json_get_text(who, "name");
    return RC_OK;
}

static enum rc add(struct strbuf *b, const struct customer_claim *row)
{
    SCOPE(s);
    const char *refs, *name;
    TRY(refs_of(s, row->incidents, &refs));
    TRY(name_of(s, row->decided_by, &name));
    const char *const fields[] = {number(s, row->id), row->account, row->name, row->contact,
        time_of(s, row->at), refs, row->state, number(s, row->open_days), row->deadline,
        number(s, row->due_days), row->late ? "true" : "false", row->text,
        row->evidence ? "true" : "false", row->answer, number(s, row->run),
        time_of(s, row->decided_at), name};
    enum { COLUMNS = sizeof(fields) / sizeof(fields[0]) };
    for (size_t i = 0; i < COLUMNS; i++)
        csv_add(b, fields[i], i + 1 == COLUMNS);
    return RC_OK;
}

enum rc claim_csv_reply(struct call *c, const struct list *rows)
{
    strbuf_addstr(&c->reply.body,
        "id,account,name,contact,at,incidents,state,open_days,deadline,due_days,"
        "late,text,evidence,answer,run,decided_at,decided_by\r\n");
    for (size_t i = 0; i < rows->n; i++)
        if (add(&c->reply.body, (const struct customer_claim *)rows->at + i) != RC_OK)
            return fail(c->s, RC_INTERNAL, "a claim cannot be written");
    c->reply.status = 200;
    c->reply.type = "text/csv; charset=utf-8";
    reply_header(c, "Content-Disposition", "attachment; filename=\"claims.csv\"");
    return RC_OK;
}
