/*
 * The engine of credits as a filter, for tests that compare it with other programs.
 *
 *     rate < worlds.ndjson
 *
 * A line of input: {"policy", "accounts", "incidents", "maintenance", "earlier": [{"id",
 * "incidents"}], "claims", "measurements", "held": {account: [...]}, "reconciles"}, in the forms of
 * billing/engine/evidence/read.h. A line of output: {account: {"left_out", "lines", "excess",
 * "seconds"}} or
 * {"error"}. At the end, the time per account on standard error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "billing/engine/number/calendar.h"
#include "billing/engine/engine.h"
#include "billing/engine/evidence/read.h"
#include "billing/engine/policy/policy.h"
#include "billing/engine/recount/recount.h"
#include "billing/zones.h"
#include "core/clock.h"
#include "core/json.h"

static struct {
    struct zones *zones;
    int64_t accounts, us;
} run;

static json_t *line_json(struct scope *s, const struct credit_line *line)
{
    json_t *out = json_pack("{s:s, s:s, s:I, s:s, s:I, s:I}", "from",
        day_text(s, line->window.from_day), "to", day_text(s, line->window.to_day), "amount_minor",
        (json_int_t)line->amount, "exact", rat_text(s, line->exact), "earlier",
        (json_int_t)line->earlier, "taken", (json_int_t)line->taken);
    if (line->cap)
        json_object_set_new(out, "cap", json_string(rat_decimal(s, line->cap, 0)));
    json_t *explain;
    if (getenv("EXPLAIN") && json_parse(s, line->explain, strlen(line->explain), &explain) == RC_OK)
        json_object_set(out, "explain", explain);
    return out;
}

static json_t *credit_json(struct scope *s, const struct credit *credit)
{
    json_t *lines = json_array(), *excess = json_array();
    for (size_t i = 0; i < credit->n_lines; i++)
        json_array_append_new(lines, line_json(s, &credit->lines[i]));
    for (size_t i = 0; i < credit->n_excess; i++)
        json_array_append_new(
            excess, json_pack("{s:s, s:I}", "from", day_text(s, credit->excess[i].from_day),
                        "amount_minor", (json_int_t)credit->excess[i].minor));
    json_t *out = json_pack("{s:s, s:o, s:o, s:s}", "currency", credit->currency, "lines", lines,
        "excess", excess, "seconds", rat_text(s, credit->seconds));
    if (credit->left_out)
        json_object_set_new(out, "left_out", json_string(credit->left_out));
    return out;
}

/* Each line follows from its explanation. */
static enum rc recount_all(struct scope *s, const struct rule *rule, const struct credit *credit)
{
    for (size_t i = 0; i < credit->n_lines; i++) {
        const struct credit_line *line = &credit->lines[i];
        const char *fault = NULL;
        json_t *explain;
        TRY(json_parse(s, line->explain, strlen(line->explain), &explain));
        TRY(recount_line(s, rule,
            &(struct recount){.explain = explain,
                .currency = credit->currency,
                .earlier = line->earlier,
                .taken = line->taken,
                .amount = line->amount},
            zones_find, run.zones, &fault));
        if (fault)
            return fail(s, RC_INTERNAL, "recount: %s", fault);
    }
    return RC_OK;
}

static enum rc rate_one(struct scope *s, const json_t *world, const json_t *json,
    const struct rule *rule, const struct evidence *evidence, json_t *out)
{
    struct account account;
    struct held_lines held;
    struct credit credit;
    TRY(read_account(s, json, zones_find, run.zones, &account));
    TRY(read_held(s, json_object_get(json_object_get(world, "held"), account.id), &held));
    int64_t start = clock_monotonic();
    TRY(engine_rate(s, rule, &account, evidence, &held, &credit));
    run.us += clock_monotonic() - start;
    run.accounts++;
    TRY(recount_all(s, rule, &credit));
    json_object_set_new(out, account.id, credit_json(s, &credit));
    return RC_OK;
}

static enum rc rate_world(struct scope *s, const char *text, size_t len, json_t *out)
{
    json_t *world, *account;
    struct rule rule;
    struct evidence evidence;
    size_t i;
    TRY(json_parse(s, text, len, &world));
    TRY(rule_read(s, json_object_get(world, "policy"), zones_find, run.zones, &rule));
    TRY(read_evidence(s, world, 0, &evidence));
    json_array_foreach(json_object_get(world, "accounts"), i, account)
        TRY(rate_one(s, world, account, &rule, &evidence, out));
    return RC_OK;
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    run.zones = zones_new();
    while ((len = getline(&line, &room, stdin)) > 0) {
        SCOPE(s);
        json_t *out = json_own(s, json_object());
        if (rate_world(s, line, (size_t)len, out) != RC_OK) {
            json_object_clear(out);
            json_object_set_new(out, "error",
                json_string(scope_printf(
                    s, "%s %s", s->fault.field ? s->fault.field : "", s->fault.message)));
        }
        puts(json_text(s, out));
        fflush(stdout);
    }
    fprintf(stderr, "%lld accounts, %.1f us each\n", (long long)run.accounts,
        run.accounts ? (double)run.us / (double)run.accounts : 0.0);
    free(line);
    zones_free(run.zones);
    return 0;
}
