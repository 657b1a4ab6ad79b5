/* GET /v1/credit-runs, and the common parts of replies with runs. */
#include <string.h>

#include "api/credits/approval.h"
#include "api/call/list_page.h"
#include "api/credits/credits.h"
#include "api/credits/run.h"

struct run_filter {
    struct list_page page;
    const char *state;
    const char *incident;
};
static const char *const run_states[] = {
    "computing", "draft", "approved", "issued", "void", "failed", NULL};
const struct shape run_filter_shape =
    SHAPE("CreditRunFilter", struct run_filter, PAGE_FIELDS("20", 100),
        FIELD(TEXT, state, .one_of = run_states, .doc = "Filter by current state."),
        FIELD(TEXT, incident, .min = 1, .max = 100, .doc = "Filter by incident (ref)."));

STMT(run_page,
    RUN_SELECT "WHERE ($1::bigint = 0 OR r.id < $1) AND ($3::text IS NULL OR r.state = $3)"
               " AND ($4::text IS NULL OR EXISTS (SELECT FROM credit_run_incident x"
               "   JOIN incident i ON i.id = x.incident_id WHERE x.run_id = r.id AND i.ref = $4))"
               " ORDER BY r.id DESC LIMIT $2",
    .row = &run_shape);

enum rc run_list(struct call *c)
{
    const struct run_filter *filter = c->query;
    int64_t before;
    struct list rows;
    TRY(page_open(c, "credit_runs", &before));
    TRY(db_all(c->s, c->db, &run_page,
        PARAMS(P_INT(before), P_INT(filter->page.limit), P_TEXT(filter->state),
            P_TEXT(filter->incident)),
        &rows));
    struct run *at = rows.at;
    for (size_t i = 0; i < rows.n; i++)
        TRY(run_put_two_people(c, &at[i]));
    return reply_page(c, "credit_runs", rows, offsetof(struct run, id));
}
