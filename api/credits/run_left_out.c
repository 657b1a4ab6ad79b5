/* GET /v1/credit-runs/{id}/left-out: accounts without a credit. */
#include "api/call/list_page.h"
#include "api/credits/credits.h"
#include "api/credits/run.h"

SHAPE_EXTERN(struct left_out, left_out_shape, "LeftOutAccount",
    FIELD(INT, id, .required = true, .doc = "Id of the account here."),
    FIELD(TEXT, account, .required = true, .doc = "external_id."),
    FIELD(TEXT, name, .required = true, .doc = "Name of the account."),
    FIELD(TEXT, reason, .required = true, .doc = "As in the report."));

static const char *const reasons[] = {
    "terms_changed", "no_price", "not_affected", "over_credited", "nothing_owed", NULL};
struct left_out_filter {
    struct list_page page;
    const char *q;
    const char *reason;
};
const struct shape left_out_filter_shape =
    SHAPE("LeftOutFilter", struct left_out_filter, PAGE_FIELDS("100", 1000),
        FIELD(TEXT, q, .min = 1, .max = 200,
            .doc = "Start of the external_id, or part of the name, of the account."),
        FIELD(TEXT, reason, .one_of = reasons, .doc = "Filter by reason."));

STMT(left_out_page,
    "SELECT a.id, a.external_id AS account, a.name,"
    "   amends.credit_left_out_reason($1, a.id) AS reason FROM account a"
    " WHERE a.id > $2 AND NOT EXISTS (SELECT FROM credit c WHERE c.run_id = $1"
    "     AND c.account_id = a.id)"
    "   AND ($4::text IS NULL OR starts_with(a.external_id, $4)"
    "     OR strpos(lower(a.name), lower($4)) > 0)"
    "   AND ($5::text IS NULL OR amends.credit_left_out_reason($1, a.id) = $5)"
    " ORDER BY a.id LIMIT $3",
    .row = &left_out_shape);

enum rc run_left_out(struct call *c)
{
    const struct left_out_filter *filter = c->query;
    int64_t id, after;
    struct run run;
    struct list rows;
    TRY(call_id(c, 0, &id));
    TRY(run_read(c->s, c->db, id, &run));
    TRY(page_open(c, "run_left_out", &after));
    TRY(db_all(c->s, c->db, &left_out_page,
        PARAMS(P_INT(id), P_INT(after), P_INT(filter->page.limit), P_TEXT(filter->q),
            P_TEXT(filter->reason)),
        &rows));
    return reply_page(c, "run_left_out", rows, offsetof(struct left_out, id));
}
