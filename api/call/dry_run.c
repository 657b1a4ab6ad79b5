#include "api/call/dry_run.h"

SHAPE_EXTERN(struct dry_run_query, dry_run_shape, "DryRunQuery",
    FIELD(BOOL, dry_run, .def = "false",
        .doc = "Check it and answer as if it were made; writes nothing."));

bool is_dry_run(const struct call *c)
{
    const struct dry_run_query *query = c->query;
    return query->dry_run;
}

enum rc dry_run_or_write(struct call *c, db_txn_fn *fn, void *arg)
{
    return is_dry_run(c) ? db_rehearse(c->s, c->db, fn, arg) : db_txn(c->s, c->db, fn, arg);
}
