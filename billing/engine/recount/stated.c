#include "billing/engine/recount/stated.h"

#include <string.h>

#include "billing/engine/alone.h"
#include "billing/engine/evidence/read_member.h"
#include "billing/engine/number/calendar.h"
#include "billing/engine/recount/alone.h"
#include "billing/engine/recount/outages.h"
#include "core/clock.h"
#include "core/json.h"

/* Whether a cap is of the window and from its prices, so that the explanation has all of it. */
static bool caps_are_of_window(const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_caps; i++) {
        if (rule->caps[i].per != PER_WINDOW || rule->caps[i].of != OF_WINDOW)
            return false;
    }
    return true;
}

/* Lines from before explanations stated W(t) of single incidents lack it. */
static bool is_whole(const struct recounting *c)
{
    return !alone_needs_incidents(&c->rule) || json_object_get(c->line->explain, "incidents");
}

/* One cap of the stated amount, and those per incident, which are computed again alone. */
static void state_cap(struct recounting *c)
{
    const json_t *cap = json_object_get(c->line->explain, "cap_minor");
    struct cap *kept = SCOPE_ARRAY(c->s, struct cap, c->rule.n_caps + 1);
    struct amount *amount = SCOPE_NEW(c->s, struct amount);
    size_t n = 0;
    for (size_t i = 0; i < c->rule.n_caps && c->whole; i++) {
        if (c->rule.caps[i].per == PER_INCIDENT)
            kept[n++] = c->rule.caps[i];
    }
    *amount = (struct amount){.currency = c->line->currency, .minor = json_integer_value(cap)};
    if (json_is_integer(cap)) {
        kept[n] =
            (struct cap){.amounts = {.at = amount, .n = 1}, .per = PER_WINDOW, .of = OF_WINDOW};
        n++;
    }
    c->rule.caps = kept;
    c->rule.n_caps = n;
}

static enum rc read_seconds(struct scope *s, const json_t *json, const char *name, int64_t *ret)
{
    const char *text;
    mpq_srcptr value;
    TRY(member_text(s, json, "explain", name, &text));
    if (!rat_parse(s, text, &value) || !rat_int(rat_times(s, value, CLOCK_SECOND), ret))
        return fail_field(s, RC_INVALID, name, "must be seconds");
    return RC_OK;
}

static int months_of(const char *interval)
{
    return !strcmp(interval, "month") ? 1 : !strcmp(interval, "quarter") ? 3 : 12;
}

static enum rc read_window(struct recounting *c, const struct zone *zone)
{
    struct window *w = &c->window;
    const json_t *stated = json_object_get(c->line->explain, "period");
    const json_t *whole = json_object_get(stated, "whole");
    const char *interval;
    TRY(member_text(c->s, c->line->explain, "explain", "interval", &interval));
    TRY(member_day(c->s, stated, "period", "from", &w->from_day));
    TRY(member_day(c->s, stated, "period", "to", &w->to_day));
    w->whole_from = w->from_day;
    w->whole_to = w->to_day;
    if (whole) {
        TRY(member_day(c->s, whole, "whole", "from", &w->whole_from));
        TRY(member_day(c->s, whole, "whole", "to", &w->whole_to));
    }
    w->from = zone_midnight(zone, w->from_day);
    w->to = zone_midnight(zone, w->to_day);
    w->length = zone_midnight(zone, w->whole_to) - zone_midnight(zone, w->whole_from);
    w->months = c->rule.unit == UNIT_BILLING ? 0 : months_of(interval);
    w->interval = months_of(interval);
    if (w->from >= w->to || w->length <= 0)
        return fail_field(c->s, RC_INVALID, "period", "must last some time");
    return RC_OK;
}

/* A billing period is counted from the anchor. */
static bool is_counted(int64_t anchor, const struct window *w)
{
    int64_t months = day_months_between(anchor, w->whole_from);
    for (int64_t k = months - 1; k <= months + 1; k++) {
        if (day_add_months(anchor, k) == w->whole_from)
            return k % w->interval == 0 && day_add_months(anchor, k + w->interval) == w->whole_to;
    }
    return false;
}

static enum rc read_account_of(struct recounting *c, zone_find *zones, void *ctx)
{
    const char *zone;
    TRY(member_text(c->s, c->line->explain, "explain", "timezone", &zone));
    TRY(member_day(c->s, c->line->explain, "explain", "anchor", &c->term.anchor));
    c->account = (struct account){.id = "", .currency = c->line->currency, .n_terms = 1};
    c->account.terms = &c->term;
    c->account.zone = zones(ctx, zone);
    if (!c->account.zone)
        return fail_field(c->s, RC_INVALID, "timezone", "is no IANA time zone");
    TRY(read_window(c, c->account.zone));
    if (!c->window.months && !is_counted(c->term.anchor, &c->window))
        return fail_field(c->s, RC_INVALID, "period", "is none of those that the anchor makes");
    return RC_OK;
}

/* Standing lines that hold what was subtracted and what was taken of the cap. */
static void state_held(struct recounting *c)
{
    c->held[0] = (struct held_line){.from = c->window.from_day,
        .start = INT64_MIN,
        .minor = c->line->earlier,
        .currency = c->line->currency,
        .same = true,
        .family = true};
    c->held[1] = (struct held_line){
        .start = c->window.from, .minor = c->line->taken, .currency = c->line->currency};
    c->all = (struct held_lines){.at = c->held, .n = 2};
}

static enum rc read_piece(struct scope *s, const json_t *json, struct piece *ret)
{
    int64_t months;
    TRY(member_time(s, json, "prices", "from", &ret->from));
    TRY(member_time(s, json, "prices", "to", &ret->to));
    TRY(member_int(s, json, "prices", "price_minor", 1, INT64_MAX, 0, &ret->price));
    TRY(member_int(s, json, "prices", "months", 1, 12, 1, &months));
    TRY(member_int(s, json, "prices", "period_dates", 1, 10000, 1, &ret->dates));
    TRY(read_seconds(s, json, "period_seconds", &ret->length));
    ret->months = (int)months;
    if (ret->from >= ret->to || ret->length <= 0)
        return fail_field(s, RC_INVALID, "prices", "must last some time");
    return RC_OK;
}

/* In a billing window each price is of its period. */
static bool fits(const struct window *w, const struct piece *piece)
{
    return w->months || (piece->length == w->length && piece->months == w->interval &&
                            piece->dates == w->whole_to - w->whole_from);
}

static enum rc read_prices(struct recounting *c, struct base *base)
{
    const json_t *list = json_object_get(c->line->explain, "prices"), *one;
    size_t i;
    base->timeline.at = SCOPE_ARRAY(c->s, struct piece, json_array_size(list) + 1);
    json_array_foreach((json_t *)list, i, one)
    {
        struct piece *piece = &base->timeline.at[base->timeline.n];
        if (!stated_is_of(one, base))
            continue;
        TRY(read_piece(c->s, one, piece));
        if (!fits(&c->window, piece))
            return fail_field(c->s, RC_INVALID, "prices", "must be of the period");
        base->timeline.n++;
    }
    return RC_OK;
}

static const json_t *counting_of(const struct recounting *c, const struct base *base)
{
    const json_t *list = json_object_get(c->line->explain, "counting"), *one;
    size_t i;
    json_array_foreach((json_t *)list, i, one)
    {
        if (stated_is_of(one, base))
            return one;
    }
    return NULL;
}

/* The same weight, cut where the stated windows are: stretches are stated without cuts. */
static void cut_as(struct scope *s, const struct spans *windows, struct spans *spans)
{
    for (size_t i = 0; i < windows->n; i++) {
        struct spans cut = {0};
        for (size_t k = 0; k < spans->n; k++) {
            struct span left = spans->at[k];
            if (left.from < windows->at[i].from && windows->at[i].from < left.to) {
                spans_add(s, &cut, left.from, windows->at[i].from, left.weight);
                left.from = windows->at[i].from;
            }
            spans_add(s, &cut, left.from, left.to, left.weight);
        }
        *spans = cut;
    }
}

/* W(t) of the incidents that are rated together: from their stretches where these are stated, else
 * the windows. One incident is rated together as it is alone. */
static enum rc read_weight(struct recounting *c, struct base *base)
{
    const json_t *counting = counting_of(c, base);
    struct set_weight *set = SCOPE_NEW(c->s, struct set_weight);
    struct spans windows = {0};
    TRY(stated_spans(c, json_object_get(c->line->explain, "windows"), base, &windows));
    *set = (struct set_weight){.incidents = c->incidents, .next = base->sets};
    if (counting) {
        TRY(outages_weight(&c->r, base, counting, &set->weight));
        cut_as(c->s, &windows, &set->weight.amount);
    } else if (c->incidents.n == 1) {
        cut_as(c->s, &windows, &base->sets->weight.amount);
        return RC_OK;
    } else {
        set->weight.amount = set->weight.below = windows;
    }
    base->sets = set;
    return RC_OK;
}

static enum rc read_moment(
    struct recounting *c, const json_t *json, struct base *base, struct moments *moments)
{
    struct moment one = {.day = DAY_NEVER,
        .incident = json_get_text(json, "incident"),
        .hit = json_is_true(json_object_get(json, "affected"))};
    TRY(member_time(c->s, json, "claims", "at", &one.at));
    if (member_is_given(json, "day"))
        TRY(member_day(c->s, json, "claims", "day", &one.day));
    if (!stated_is_of(json, base))
        return RC_OK;
    one.piece = timeline_at(&base->timeline, one.at);
    if (!one.piece)
        return fail_field(c->s, RC_INVALID, "claims.at", "must have a price");
    moments->at[moments->n++] = one;
    return RC_OK;
}

static enum rc read_base(struct recounting *c, size_t number)
{
    struct base *base = &c->r.bases[number];
    const json_t *claims = json_object_get(c->line->explain, "claims"), *one;
    const json_t *part = json_array_get(json_object_get(c->line->explain, "parts"), number);
    size_t i;
    base->product = json_get_text(part, "product");
    TRY(read_prices(c, base));
    if (c->rule.requests_us)
        TRY(alone_read_requests(c, json_object_get(part, "requests"), base));
    if (c->incidents.n)
        TRY(alone_read_windows(c, base));
    TRY(read_weight(c, base));
    c->moments[number].at = SCOPE_ARRAY(c->s, struct moment, json_array_size(claims) + 1);
    if (c->whole)
        json_array_foreach((json_t *)claims, i, one)
            TRY(read_moment(c, one, base, &c->moments[number]));
    return RC_OK;
}

enum rc stated_exact(struct recounting *c, mpq_srcptr *ret)
{
    const json_t *exact = json_object_get(c->line->explain, "exact");
    mpq_ptr value = rat_sum(c->s);
    if (mpz_set_str(mpq_numref(value), json_get_word(exact, "numerator"), 10) ||
        mpz_set_str(mpq_denref(value), json_get_word(exact, "denominator"), 10) ||
        mpz_sgn(mpq_denref(value)) <= 0)
        return fail_field(c->s, RC_INVALID, "exact", "must be a fraction");
    mpq_canonicalize(value);
    *ret = value;
    return RC_OK;
}

enum rc stated_read(struct recounting *c, zone_find *zones, void *ctx)
{
    const json_t *parts = json_object_get(c->line->explain, "parts");
    size_t n = json_array_size(parts);
    if (!n)
        return fail_field(c->s, RC_INVALID, "parts", "must be stated");
    c->whole = is_whole(c);
    c->claim = c->rule.claim;
    c->rule.claim = false;
    /* The cap of several price lines is one of the sum of their prices. */
    if (!c->whole || n > 1 || !caps_are_of_window(&c->rule))
        state_cap(c);
    TRY(read_account_of(c, zones, ctx));
    state_held(c);
    c->r = (struct rating){.s = c->s,
        .rule = &c->rule,
        .account = &c->account,
        .evidence = &c->evidence,
        .held = &c->all,
        .bases = SCOPE_ARRAY(c->s, struct base, n),
        .n_bases = n,
        .n_incidents = 1};
    c->moments = SCOPE_ARRAY(c->s, struct moments, n);
    if (alone_needs_incidents(&c->rule) && c->whole)
        TRY(alone_read_incidents(c));
    for (size_t i = 0; i < n; i++)
        TRY(read_base(c, i));
    c->r.timeline = c->r.bases[0].timeline;
    return RC_OK;
}
