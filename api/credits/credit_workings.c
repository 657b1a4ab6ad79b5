/* GET /v1/credits/{id}/workings. */
#include "api/credits/credit.h"
#include "api/credits/credits.h"

SHAPE_EXTERN(struct credit_working, credit_working_shape, "CreditWorkings",
    FIELD(INT, credit, .required = true, .doc = "The credit."),
    FIELD(RAW, lines, .required = true,
        .doc = "One per period: windows with weights, prices, model, formula, rounding, earlier "
               "credits subtracted, and cap. Sufficient to recompute the amount."));

STMT(credit_workings_read,
    "SELECT $1::bigint AS credit, (SELECT coalesce(json_agg(amends.explain(l) ORDER BY "
    "l.period_from),"
    "   '[]') FROM credit_line l WHERE l.credit_id = $1) AS lines",
    .row = &credit_working_shape);

enum rc credit_workings(struct call *c)
{
    struct credit_working row;
    struct credit credit;
    int64_t id;
    TRY(call_id(c, 0, &id));
    TRY(credit_read(c->s, c->db, id, &credit));
    TRY(db_one(c->s, c->db, &credit_workings_read, PARAMS(P_INT(id)), &row));
    return reply_object(c, &row);
}
