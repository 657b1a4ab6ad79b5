/*
 * Rate any policy, accounts and evidence: a JSON document as tests/bench/rate reads it. Amounts are
 * whole, above 0, and within their cap, and follow from their explanation; saying every impact
 * twice changes none; what lint accepts has been read. An "explain" of the document is recounted,
 * too.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "billing/engine/engine.h"
#include "billing/engine/evidence/read.h"
#include "billing/engine/policy/policy.h"
#include "billing/engine/recount/recount.h"
#include "billing/zones.h"
#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct zones *zones;

static void check_explained(struct scope *s, const struct rule *rule, const struct credit *credit,
    const struct credit_line *line)
{
    json_t *explain;
    const char *fault = NULL;
    if (json_parse(s, line->explain, strlen(line->explain), &explain) != RC_OK ||
        recount_line(s, rule,
            &(struct recount){.explain = explain,
                .currency = credit->currency,
                .earlier = line->earlier,
                .taken = line->taken,
                .amount = line->amount},
            zones_find, zones, &fault) != RC_OK ||
        fault)
        abort();
}

static void check_lines(struct scope *s, const struct rule *rule, const struct credit *credit)
{
    for (size_t i = 0; i < credit->n_lines; i++) {
        const struct credit_line *line = &credit->lines[i];
        if (line->amount < 1 || line->amount < rule->min_credit_minor || mpq_sgn(line->exact) < 0 ||
            (i && line->window.from < credit->lines[i - 1].window.to))
            abort();
        if (line->cap &&
            mpq_cmp(rat_add(s, rat(s, line->amount), rat(s, line->taken)), line->cap) > 0)
            abort();
        check_explained(s, rule, credit, line);
    }
}

/* The same evidence with every impact of this run's incidents said twice. */
static struct evidence said_twice(struct scope *s, const struct evidence *was)
{
    struct evidence e = *was;
    const struct incident **at = SCOPE_ARRAY(s, const struct incident *, e.own.n + 1);
    for (size_t i = 0; i < e.own.n; i++) {
        struct incident *copy = scope_memdup(s, e.own.at[i], sizeof *copy);
        size_t n = copy->n_impacts;
        struct impact *impacts = SCOPE_ARRAY(s, struct impact, 2 * n + 1);
        for (size_t j = 0; j < n; j++)
            impacts[j] = impacts[2 * n - 1 - j] = copy->impacts[j];
        copy->impacts = impacts;
        copy->n_impacts = 2 * n;
        at[i] = copy;
    }
    e.own.at = at;
    return e;
}

static void rate_account(struct scope *s, const json_t *world, const json_t *json,
    const struct rule *rule, const struct evidence *evidence)
{
    struct account account;
    struct held_lines held;
    struct credit credit, again;
    struct evidence twice = said_twice(s, evidence);
    if (read_account(s, json, zones_find, zones, &account) != RC_OK ||
        read_held(s, json_object_get(json_object_get(world, "held"), account.id), &held) != RC_OK ||
        engine_rate(s, rule, &account, evidence, &held, &credit) != RC_OK)
        return;
    check_lines(s, rule, &credit);
    if (engine_rate(s, rule, &account, &twice, &held, &again) != RC_OK ||
        again.n_lines != credit.n_lines || again.n_excess != credit.n_excess)
        abort();
    for (size_t i = 0; i < credit.n_lines; i++) {
        if (credit.lines[i].amount != again.lines[i].amount ||
            !mpq_equal(credit.lines[i].exact, again.lines[i].exact))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    SCOPE(s);
    json_t *world, *account;
    struct rule rule;
    struct evidence evidence;
    size_t i;
    if (!zones)
        zones = zones_new();
    if (size > 16 * 1024 || json_parse(s, (const char *)bytes, size, &world) != RC_OK)
        return 0;
    const json_t *policy = json_object_get(world, "policy");
    if (!policy || rule_read(s, policy, zones_find, zones, &rule) != RC_OK)
        return 0;
    rule_lint(s, policy, &rule);
    if (read_evidence(s, world, 0, &evidence) != RC_OK)
        return 0;
    const char *fault;
    recount_line(s, &rule,
        &(struct recount){.explain = json_object_get(world, "explain"), .currency = "EUR"},
        zones_find, zones, &fault);
    json_array_foreach(json_object_get(world, "accounts"), i, account)
        rate_account(s, world, account, &rule, &evidence);
    return 0;
}
