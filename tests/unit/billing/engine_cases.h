#pragma once
/* Plays the worked cases of tests/cases/contracts.json through the engine: each run rates every
 * account, and its lines stand for the next run. No database. */
#include <jansson.h>
#include <string.h>

#include "billing/engine/number/calendar.h"
#include "billing/engine/engine.h"
#include "billing/engine/evidence/read.h"
#include "billing/engine/policy/policy.h"
#include "billing/zones.h"
#include "core/clock.h"
#include "core/json.h"

struct played;
typedef void seen_fn(struct played *p, const struct rule *rule, const struct credit *credit,
    const struct credit_line *line);

struct played {
    struct scope *s;
    const json_t *one;    /* the case */
    void *zones;          /* billing/zones.h */
    json_t *accounts;     /* by name, as they are now */
    json_t *lines;        /* standing: {account, policy, run, from, to, ...} */
    struct incident *all; /* of the case */
    size_t n_all;
    int64_t rated, us; /* cohorts, and how long they took */
    seen_fn *seen;     /* of each line; may be NULL */
    void *arg;         /* its own */
};

static enum rc play_open(struct scope *s, const json_t *one, void *zones, struct played *ret)
{
    const json_t *incidents = json_object_get(one, "incidents");
    int64_t until = 0; /* an open impact counts until then */
    clock_parse(json_get_word(one, "until"), &until);
    struct played p = {.s = s, .one = one, .zones = zones, .n_all = json_array_size(incidents)};
    p.accounts = json_own(s, json_deep_copy(json_object_get(one, "accounts")));
    p.lines = json_own(s, json_array());
    p.all = SCOPE_ARRAY(s, struct incident, p.n_all + 1);
    for (size_t i = 0; i < p.n_all; i++)
        TRY(read_incident(s, json_array_get(incidents, i), until, &p.all[i]));
    *ret = p;
    return RC_OK;
}

static bool names(const json_t *list, const char *ref)
{
    size_t i;
    json_t *one;
    if (!list)
        return true;
    json_array_foreach((json_t *)list, i, one)
    {
        if (!strcmp(json_string_value(one), ref))
            return true;
    }
    return false;
}

/* Those of the case that a run names; without a list all. */
static struct incidents chosen(struct played *p, const json_t *refs)
{
    const struct incident **at = SCOPE_ARRAY(p->s, const struct incident *, p->n_all + 1);
    size_t n = 0;
    for (size_t i = 0; i < p->n_all; i++) {
        if (names(refs, p->all[i].ref))
            at[n++] = &p->all[i];
    }
    return (struct incidents){.at = at, .n = n};
}

static enum rc gather(struct played *p, int number, const json_t *run, struct evidence *ret)
{
    const json_t *runs = json_object_get(p->one, "runs");
    struct earlier_run *earlier = SCOPE_ARRAY(p->s, struct earlier_run, (size_t)number + 1);
    struct evidence e;
    json_t *stated = json_own(p->s, json_object());
    json_object_set(stated, "claims", json_object_get(p->one, "claims"));
    json_object_set(stated, "measurements", json_object_get(p->one, "measurements"));
    TRY(read_evidence(p->s, stated, 0, &e));
    e.own = chosen(p, json_object_get(run, "incidents"));
    e.maintenance = chosen(p, NULL);
    e.earlier = earlier;
    e.n_earlier = (size_t)number;
    for (int i = 0; i < number; i++)
        earlier[i] = (struct earlier_run){.id = i,
            .incidents = chosen(p, json_object_get(json_array_get(runs, (size_t)i), "incidents"))};
    *ret = e;
    return RC_OK;
}

static enum rc policy_of(struct played *p, const json_t *run, struct rule *ret)
{
    const json_t *policies = json_object_get(p->one, "policies"), *found = NULL;
    size_t i;
    json_t *one;
    json_array_foreach((json_t *)policies, i, one)
    {
        if (!strcmp(json_get_word(one, "name"), json_get_word(run, "policy")))
            found = one;
    }
    found = found ? found : json_object_get(p->one, "policy");
    return rule_read(p->s, found, zones_find, p->zones, ret);
}

/* The account's standing lines as the engine reads them. */
static enum rc held_of(
    struct played *p, const char *account, const char *policy, struct held_lines *ret)
{
    json_t *mine = json_own(p->s, json_array()), *line;
    size_t i;
    json_array_foreach(p->lines, i, line)
    {
        if (strcmp(json_get_word(line, "account"), account) != 0)
            continue;
        json_t *copy = json_deep_copy(line);
        json_object_set_new(
            copy, "same", json_boolean(!strcmp(json_get_word(line, "policy"), policy)));
        json_array_append_new(mine, copy);
    }
    return read_held(p->s, mine, ret);
}

static json_t *days_of(struct played *p, const struct credit_line *line)
{
    json_t *days = json_array();
    for (size_t i = 0; i < line->n_days; i++)
        json_array_append_new(days, json_string(day_text(p->s, line->days[i])));
    return days;
}

static void add_line(struct played *p, int number, const struct account *account,
    const struct rule *rule, const struct credit *credit, const struct credit_line *line,
    json_t *rows)
{
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "account", account->id, "from",
        day_text(p->s, line->window.from_day), "to", day_text(p->s, line->window.to_day), "exact",
        rat_text(p->s, line->exact), "amount_minor", (json_int_t)line->amount, "currency",
        credit->currency);
    json_array_append_new(rows, row);
    json_t *standing = json_deep_copy(row);
    json_object_set_new(standing, "policy", json_string(rule->name));
    json_object_set_new(standing, "run", json_integer(number));
    json_object_set_new(standing, "start", json_string(clock_rfc3339(p->s, line->window.from)));
    json_object_set_new(standing, "days", days_of(p, line));
    if (line->reach != INT64_MIN)
        json_object_set_new(standing, "reach", json_string(clock_rfc3339(p->s, line->reach)));
    json_array_append_new(p->lines, standing);
}

static enum rc rate_account(struct played *p, int number, const json_t *json,
    const struct rule *rule, const struct evidence *evidence, json_t *rows)
{
    struct account account;
    struct held_lines held;
    struct credit credit;
    TRY(read_account(p->s, json, zones_find, p->zones, &account));
    TRY(held_of(p, account.id, rule->name, &held));
    int64_t start = clock_monotonic();
    TRY(engine_rate(p->s, rule, &account, evidence, &held, &credit));
    p->us += clock_monotonic() - start;
    p->rated++;
    if (credit.left_out)
        json_array_append_new(
            rows, json_pack("{s:s, s:s}", "account", account.id, "reason", credit.left_out));
    for (size_t i = 0; i < credit.n_lines; i++) {
        add_line(p, number, &account, rule, &credit, &credit.lines[i], rows);
        if (p->seen)
            p->seen(p, rule, &credit, &credit.lines[i]);
    }
    return RC_OK;
}

/* Reversed credits of earlier runs, and accounts that were imported again. */
static void change(struct played *p, const json_t *run)
{
    size_t i, j;
    json_t *one, *line;
    json_array_foreach(json_object_get(run, "reverse"), i, one)
    {
        for (j = json_array_size(p->lines); j-- > 0;) {
            line = json_array_get(p->lines, j);
            if (json_get_int(line, "run") == json_integer_value(one))
                json_array_remove(p->lines, j);
        }
    }
    json_array_foreach(json_object_get(run, "accounts"), i, one)
    {
        json_t *was;
        json_array_foreach(p->accounts, j, was)
        {
            if (!strcmp(json_get_word(was, "external_id"), json_get_word(one, "external_id")))
                json_array_set(p->accounts, j, one);
        }
    }
}

/* The rows of a run: [{account, from, to, exact, amount_minor, currency} or {account, reason}]. */
static enum rc play_run(struct played *p, int number, const json_t *run, json_t **ret_rows)
{
    struct rule rule;
    struct evidence evidence;
    json_t *rows = json_own(p->s, json_array()), *account;
    size_t i;
    change(p, run);
    TRY(policy_of(p, run, &rule));
    TRY(gather(p, number, run, &evidence));
    json_array_foreach(p->accounts, i, account)
        TRY(rate_account(p, number, account, &rule, &evidence, rows));
    *ret_rows = rows;
    return RC_OK;
}
