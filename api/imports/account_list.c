/* POST /v1/account-lists/{name}: accounts of an outage as a file, for scopes. A scope is evidence,
 * so a list never changes: a correction is another list. */
#include <inttypes.h>
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/list_page.h"
#include "api/imports/import.h"
#include "api/imports/imports.h"
#include "core/json.h"

struct list_line {
    const char *account;
    int64_t share_bp;
};
const struct shape account_list_line_shape = SHAPE("AccountListLine", struct list_line,
    FIELD(TEXT, account, .required = true, .min = 1, .max = 200, .doc = "Id in your system."),
    FIELD(INT, share_bp, .min = 0, .max = 10000,
        .doc = "How much of the weight counts, in basis points; default: the scope's."));

SHAPE_EXTERN(struct account_list, account_list_shape, "AccountList",
    FIELD(INT, id, .required = true, .doc = "Id of the list."),
    FIELD(TEXT, name, .required = true, .doc = "Name, for the member list of a scope."),
    FIELD(INT, accounts, .required = true, .doc = "Number of accounts."),
    FIELD(TIME, created_at, .required = true, .doc = "Time of the import."));

STMT(account_list_clear, "TRUNCATE account_stage");
STMT(account_list_check,
    "UPDATE account_stage s SET field = 'account', problem = x.problem FROM"
    "  (SELECT line, '\"' || external_id || '\" is already in line ' || first AS problem"
    "   FROM (SELECT line, external_id, min(line) OVER (PARTITION BY external_id) AS first"
    "         FROM account_stage WHERE problem IS NULL) AS y WHERE line > first"
    "   UNION ALL"
    "   SELECT s.line, 'no account \"' || s.external_id || '\"' FROM account_stage s"
    "   WHERE s.problem IS NULL"
    "   AND NOT EXISTS (SELECT FROM account a WHERE a.external_id = s.external_id)) AS x"
    " WHERE s.line = x.line");
STMT(account_list_write,
    "WITH made AS (INSERT INTO account_list (name, created_by) VALUES ($1, $2) RETURNING *),"
    "  filled AS (INSERT INTO account_list_member (list_id, account_id, share_bp)"
    "    SELECT m.id, a.id, s.share_bp FROM made m, account_stage s JOIN account a"
    "      USING (external_id) RETURNING account_id)"
    " SELECT id, name, (SELECT count(*) FROM filled) AS accounts, created_at FROM made",
    .row = &account_list_shape);
STMT(account_list_page,
    "SELECT l.id, l.name, (SELECT count(*) FROM account_list_member m WHERE m.list_id = l.id) AS "
    "accounts,"
    "  l.created_at FROM account_list l WHERE $1 = 0 OR l.id < $1 ORDER BY l.id DESC LIMIT $2",
    .row = &account_list_shape);
COPY_IN(account_list_rows, "account_stage", "line, field, problem, external_id, share_bp");

static enum rc take(struct scope *s, struct import *import, const void *line, int64_t number)
{
    const struct list_line *in = line;
    (void)s;
    import->to_check++;
    struct db_copy *copy = import_row(import, number);
    db_copy_text(copy, in->account);
    db_copy_int(copy, in->share_bp);
    return RC_OK;
}

static const struct import_kind list_kind = {
    .line = &account_list_line_shape,
    .take = take,
    .table = "account_stage",
    .stage = &account_list_rows,
    .check = &account_list_check,
    .clear = &account_list_clear,
    .lock = LOCK_ACCOUNT_STAGE,
};

struct listing {
    struct import import;
    struct call *c;
    struct account_list reply;
};

static enum rc check_name(struct scope *s, const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (strspn(name, letters) != strlen(name) || strchr("._-", *name) || strlen(name) > 100)
        return fail_field(s, RC_INVALID, "name",
            "must be letters, digits, dots, hyphens and underscores, a letter or digit first");
    return RC_OK;
}

static enum rc run(struct scope *s, struct db *db, void *arg)
{
    struct listing *job = arg;
    const char *name = job->c->param[0];
    TRY(import_stage(s, db, &job->import));
    if (job->import.refused)
        return import_refusal(s, db, &job->import, job->c);
    if (!job->import.lines)
        return fail(s, RC_INVALID, "the file has no account");
    enum rc rc = db_one(
        s, db, &account_list_write, PARAMS(P_TEXT(name), P_INT(job->c->key->id)), &job->reply);
    if (rc == RC_CONFLICT)
        return fail_field(s, RC_CONFLICT, "name",
            "list \"%s\" exists already, and lists do not change: choose another name", name);
    TRY(rc);
    TRY(db_do(s, db, list_kind.clear, NO_PARAMS, NULL));
    return audit_add(s, db, call_actor(job->c), "account_list.create", name,
        scope_printf(s, "{\"accounts\":%" PRId64 "}", job->reply.accounts));
}

enum rc account_list_create(struct call *c)
{
    struct listing job = {
        .import = {.kind = &list_kind,
            .api = c->api,
            .in = c->request->upload,
            .csv = import_is_csv(c->request, NULL)},
        .c = c,
    };
    TRY(check_name(c->s, c->param[0]));
    TRY(db_txn(c->s, c->db, run, &job));
    return reply_object(c, &job.reply);
}

enum rc account_list_list(struct call *c)
{
    const struct page_filter *filter = c->query;
    int64_t before;
    struct list rows;
    TRY(page_open(c, "account-lists", &before));
    TRY(db_all(
        c->s, c->db, &account_list_page, PARAMS(P_INT(before), P_INT(filter->page.limit)), &rows));
    return reply_page(c, "account-lists", rows, offsetof(struct account_list, id));
}
