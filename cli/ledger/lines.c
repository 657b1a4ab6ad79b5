#include "cli/ledger/lines.h"

#include <string.h>

#include "billing/engine/policy/policy.h"
#include "billing/engine/recount/recount.h"
#include "billing/zones.h"
#include "core/db/db_copy.h"
#include "core/json.h"

enum { MOST = 10 };

SHAPE_STATIC(struct line_row, line_shape, "LedgerLine", FIELD(TEXT, place), FIELD(INT, policy),
    FIELD(RAW, document), FIELD(RAW, explain), FIELD(TEXT, currency), FIELD(INT, earlier),
    FIELD(INT, taken), FIELD(INT, amount));
STMT(lines_each, "SELECT * FROM amends.ledger_lines()", .row = &line_shape);

struct checking {
    struct scope *s; /* of the whole check */
    struct ledger_faults *faults;
    int64_t policy; /* whose rule is read */
    struct rule rule;
    int64_t found;
};

static enum rc read_rule(struct checking *c, const struct line_row *row)
{
    json_t *document;
    if (c->policy == row->policy)
        return RC_OK;
    TRY(json_parse(c->s, row->document, strlen(row->document), &document));
    TRY(rule_read(c->s, document, zones_shared, NULL, &c->rule));
    c->policy = row->policy;
    return RC_OK;
}

static enum rc recount(
    struct scope *s, struct checking *c, const struct line_row *row, const char **ret)
{
    json_t *explain;
    TRY(json_parse(s, row->explain, strlen(row->explain), &explain));
    TRY(read_rule(c, row));
    return recount_line(s, &c->rule,
        &(struct recount){.explain = explain,
            .currency = row->currency,
            .earlier = row->earlier,
            .taken = row->taken,
            .amount = row->amount},
        zones_shared, NULL, ret);
}

static enum rc check_line(struct scope *outer, const void *at, void *arg)
{
    (void)outer;
    const struct line_row *row = at;
    struct checking *c = arg;
    const char *fault = NULL;
    SCOPE(s);
    if (recount(s, c, row, &fault) != RC_OK)
        fault = scope_printf(s, "%s %s", s->fault.field ? s->fault.field : "", s->fault.message);
    if (fault && ++c->found <= MOST)
        ledger_fault(
            c->faults, row->place, "its amount does not follow from its explanation: %s", fault);
    return RC_OK;
}

enum rc lines_check(struct scope *s, struct db *db, struct ledger_faults *ret)
{
    struct checking checking = {.s = s, .faults = ret};
    return db_each(s, db, &lines_each, NO_PARAMS, check_line, &checking);
}
