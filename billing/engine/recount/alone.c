#include "billing/engine/recount/alone.h"

#include <string.h>

#include "billing/engine/caps.h"
#include "billing/engine/evidence/read_member.h"
#include "billing/engine/recount/bound.h"
#include "core/clock.h"
#include "core/json.h"

static const json_t *incidents_of(const struct recounting *c)
{
    return json_object_get(c->line->explain, "incidents");
}

enum rc alone_read_incidents(struct recounting *c)
{
    const json_t *list = incidents_of(c);
    size_t n = json_array_size(list);
    struct incident *made = SCOPE_ARRAY(c->s, struct incident, n + 1);
    const struct incident **at = SCOPE_ARRAY(c->s, const struct incident *, n + 1);
    for (size_t i = 0; i < n; i++) {
        TRY(member_text(c->s, json_array_get(list, i), "incidents", "incident", &made[i].ref));
        at[i] = &made[i];
    }
    c->incidents = (struct incidents){.at = at, .n = n};
    c->r.n_incidents = n + 1;
    return RC_OK;
}

enum rc alone_read_windows(struct recounting *c, struct base *base)
{
    for (size_t i = 0; i < c->incidents.n; i++) {
        struct set_weight *set = SCOPE_NEW(c->s, struct set_weight);
        set->incidents = (struct incidents){.at = &c->incidents.at[i], .n = 1};
        set->next = base->sets;
        TRY(stated_spans(c, json_object_get(json_array_get(incidents_of(c), i), "windows"), base,
            &set->weight.amount));
        set->weight.below = set->weight.amount;
        base->sets = set;
    }
    return RC_OK;
}

static enum rc read_interval(struct recounting *c, const json_t *json, const struct base *base,
    int64_t after, struct interval *ret)
{
    TRY(member_time(c->s, json, "requests", "at", &ret->from));
    TRY(member_int(c->s, json, "requests", "bad", 1, INT64_MAX, 1, &ret->bad));
    TRY(member_int(c->s, json, "requests", "total", 1, INT64_MAX, 1, &ret->total));
    bool in = ret->from >= c->window.from && ret->from < c->window.to && ret->from > after &&
              ret->from % c->rule.requests_us == 0 && timeline_at(&base->timeline, ret->from);
    if (!in || ret->bad > ret->total)
        return fail_field(
            c->s, RC_INVALID, "requests", "must be of intervals of the window, in order");
    return RC_OK;
}

enum rc alone_read_requests(struct recounting *c, const json_t *list, struct base *base)
{
    size_t n = json_array_size(list);
    struct interval *at = SCOPE_ARRAY(c->s, struct interval, n + 1);
    for (size_t i = 0; i < n; i++)
        TRY(read_interval(
            c, json_array_get(list, i), base, i ? at[i - 1].from : INT64_MIN, &at[i]));
    base->stated = at;
    base->n_stated = n;
    return RC_OK;
}

/* Earliest instant of an incident in the window; INT64_MAX: none. */
static int64_t first_in(struct recounting *c, size_t i)
{
    int64_t first = INT64_MAX;
    for (size_t k = 0; k < c->r.n_bases; k++) {
        for (struct set_weight *set = c->r.bases[k].sets; set; set = set->next) {
            int64_t at = spans_first(&set->weight.amount);
            if (set->incidents.n == 1 && set->incidents.at[0] == c->incidents.at[i] && at < first)
                first = at;
        }
    }
    return first;
}

/* The prices of a cap are those around the first instant, or before it. */
static bool is_priced_at(const json_t *cap, int64_t first, bool here)
{
    const json_t *list = json_object_get(cap, "prices");
    size_t n = json_array_size(list);
    int64_t from, to;
    if (!n)
        return list ? !strcmp(json_get_word(cap, "base"), "0") : here;
    if (!clock_parse(json_get_word(json_array_get(list, 0), "from"), &from) ||
        !clock_parse(json_get_word(json_array_get(list, n - 1), "to"), &to))
        return false;
    return !strcmp(json_get_word(cap, "of"), "previous_30_days") ? to == first
                                                                 : from <= first && first < to;
}

/* An incident that began in the window has used up nothing, and its first instant is seen. */
static const char *first_fault(
    struct recounting *c, size_t i, int64_t first, mpq_srcptr used, const json_t *cap)
{
    int64_t seen = first_in(c, i);
    bool here = first >= c->window.from;
    if ((here ? first != seen : seen < first) || !is_priced_at(cap, first, here))
        return "the first instant of an incident is not that of its windows and prices";
    return here && mpq_sgn(used) ? "an incident that began in the window has used up a cap before"
                                 : NULL;
}

static enum rc settle_one(struct recounting *c, const struct rule *rule, size_t i,
    struct capped *ret, const char **ret_fault)
{
    const json_t *one = json_array_get(incidents_of(c), i), *cap = json_object_get(one, "cap");
    struct scope *s = c->s;
    mpq_srcptr used, least = NULL;
    int64_t first = INT64_MIN;
    bool priced = json_object_get(cap, "base") != NULL;
    if (priced)
        TRY(member_time(s, one, "incidents", "first", &first));
    if (!rat_parse(s, json_get_word(one, "used"), &used))
        return fail_field(s, RC_INVALID, "incidents.used", "must be a number");
    *ret_fault = priced ? first_fault(c, i, first, used, cap) : NULL;
    if (!*ret_fault && cap)
        *ret_fault = bound_of_incident(s, rule, c->line, cap, first >= c->window.from, &least);
    if (!*ret_fault && !cap && bound_is_due(rule, c->line->currency))
        *ret_fault = "the cap of an incident is missing";
    *ret = (struct capped){.incident = c->incidents.at[i],
        .windows = {.at = &c->window, .n = 1},
        .gives = SCOPE_ARRAY(s, mpq_srcptr, 1),
        .used = SCOPE_ARRAY(s, mpq_srcptr, 1),
        .gets = SCOPE_ARRAY(s, mpq_srcptr, 1)};
    ret->used[0] = used;
    ret->gives[0] = owed_without_gate(
        &c->r, &c->window, &(struct incidents){.at = &c->incidents.at[i], .n = 1});
    ret->gets[0] = least ? rat_min(ret->gives[0], rat_sub(s, least, used)) : ret->gives[0];
    return RC_OK;
}

enum rc alone_settle_caps(struct recounting *c, const struct rule *rule, const char **ret)
{
    size_t n = c->incidents.n;
    *ret = NULL;
    if (!caps_are_per_incident(rule))
        return RC_OK;
    c->r.capped = SCOPE_ARRAY(c->s, struct capped, n + 1);
    c->r.n_capped = n;
    for (size_t i = 0; i < n && !*ret; i++)
        TRY(settle_one(c, rule, i, &c->r.capped[i], ret));
    return RC_OK;
}
