#include "billing/engine/price/timeline.h"

#include <string.h>

#include "billing/engine/evidence/people.h"
#include "billing/engine/price/terms.h"

/* A price as instants: the last that began counts. */
struct tag {
    int64_t from, minor;
};

struct tags {
    struct tag *at;
    size_t n, now; /* the one that counts: now - 1 */
};

/* There is no period before the first term, so no price either. Where the policy is not for the
 * plan, the price is 0. */
static struct tags tags_of(struct scope *s, const struct rule *rule, const struct account *account,
    const struct price_line *line)
{
    struct tags tags = {.at = SCOPE_ARRAY(s, struct tag, line->n_prices + 1)};
    int64_t start = account->terms[0].from;
    for (size_t i = 0; i < line->n_prices; i++) {
        const struct price *price = &line->prices[i];
        int64_t day = price->from > start ? price->from : start;
        const char *plan = price->plan ? price->plan : account->plan;
        tags.at[tags.n++] = (struct tag){.from = zone_midnight(account->zone, day),
            .minor = plan_is_in(plan, &rule->plans) ? price->minor : 0};
    }
    return tags;
}

static int64_t price_of(const struct tags *tags)
{
    return tags->now ? tags->at[tags->now - 1].minor : 0;
}

/* The prices of all lines at an instant that rises from call to call, and where they change. */
static bool price_at(struct tags *lines, size_t n, int64_t us, int64_t *ret_sum, int64_t *ret_next)
{
    *ret_sum = 0;
    for (size_t i = 0; i < n; i++) {
        struct tags *tags = &lines[i];
        while (tags->now < tags->n && tags->at[tags->now].from <= us)
            tags->now++;
        if (tags->now < tags->n && tags->at[tags->now].from < *ret_next)
            *ret_next = tags->at[tags->now].from;
        if (__builtin_add_overflow(*ret_sum, price_of(tags), ret_sum))
            return false;
    }
    return true;
}

static size_t changes(const struct tags *lines, size_t n)
{
    size_t all = 0;
    for (size_t i = 0; i < n; i++)
        all += lines[i].n;
    return all;
}

enum rc timeline_make(struct scope *s, const struct rule *rule, const struct account *account,
    size_t first, size_t n, int64_t from, int64_t to, struct timeline *ret)
{
    struct periods periods = periods_between(s, account, from, to);
    struct tags *lines = SCOPE_ARRAY(s, struct tags, n);
    struct timeline found = {0};
    if (!labels_match(&rule->labels, account)) {
        *ret = found;
        return RC_OK;
    }
    for (size_t i = 0; i < n; i++)
        lines[i] = tags_of(s, rule, account, &account->lines[first + i]);
    found.at = SCOPE_ARRAY(s, struct piece, periods.n + changes(lines, n));
    for (size_t i = 0; i < periods.n; i++) {
        const struct period *p = &periods.at[i];
        struct piece piece = {
            .length = p->length, .dates = p->whole_to - p->whole_from, .months = p->months};
        for (int64_t at = p->from; at < p->to; at = piece.to) {
            piece.from = at;
            piece.to = p->to;
            if (!price_at(lines, n, at, &piece.price, &piece.to))
                return fail(
                    s, RC_INVALID, "prices of account %s are beyond all bounds", account->id);
            if (piece.price > 0 && rule->remedy_days)
                piece.price = 100 * piece.dates;
            if (piece.price > 0)
                found.at[found.n++] = piece;
        }
    }
    *ret = found;
    return RC_OK;
}

/* The first piece that ends after an instant. */
static size_t piece_after(const struct timeline *timeline, int64_t us)
{
    size_t lo = 0, hi = timeline->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (timeline->at[mid].to <= us)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

const struct piece *timeline_at(const struct timeline *timeline, int64_t us)
{
    size_t i = piece_after(timeline, us);
    return i < timeline->n && timeline->at[i].from <= us ? &timeline->at[i] : NULL;
}

/* The part of piece i within [from, to); false where it begins behind. */
static bool part(
    const struct timeline *timeline, size_t i, int64_t from, int64_t to, struct piece *ret)
{
    if (i >= timeline->n || timeline->at[i].from >= to)
        return false;
    *ret = timeline->at[i];
    ret->from = ret->from > from ? ret->from : from;
    ret->to = ret->to < to ? ret->to : to;
    return true;
}

struct spans timeline_keep(
    struct scope *s, const struct timeline *timeline, const struct spans *spans)
{
    struct spans found = {0};
    struct piece one;
    for (size_t n = 0; n < spans->n; n++) {
        const struct span *span = &spans->at[n];
        for (size_t i = piece_after(timeline, span->from);
             part(timeline, i, span->from, span->to, &one); i++)
            spans_add(s, &found, one.from, one.to, span->weight);
    }
    return found;
}

mpq_srcptr timeline_money(
    struct scope *s, const struct timeline *timeline, int64_t from, int64_t to)
{
    mpq_ptr sum = rat_sum(s);
    struct piece one;
    for (size_t i = piece_after(timeline, from); part(timeline, i, from, to, &one); i++)
        rat_grow(sum, one.to - one.from, one.price, 1, one.length);
    return sum;
}

mpq_srcptr timeline_months(
    struct scope *s, const struct timeline *timeline, int64_t from, int64_t to, int months)
{
    mpq_ptr sum = rat_sum(s);
    struct piece one;
    for (size_t i = piece_after(timeline, from); part(timeline, i, from, to, &one); i++)
        rat_grow(sum, one.to - one.from, one.price, months, one.months);
    return rat_over(s, sum, to - from);
}

mpq_srcptr timeline_lost(
    struct scope *s, const struct timeline *timeline, const struct spans *spans)
{
    mpq_ptr sum = rat_sum(s);
    struct piece one;
    for (size_t n = 0; n < spans->n; n++) {
        const struct span *span = &spans->at[n];
        for (size_t i = piece_after(timeline, span->from);
             part(timeline, i, span->from, span->to, &one); i++)
            rat_grow(sum, one.to - one.from, span->weight, one.price, one.length);
    }
    return rat_over(s, sum, WEIGHT_ONE);
}

int64_t timeline_entitled(const struct timeline *timeline, int64_t from, int64_t to)
{
    int64_t sum = 0;
    struct piece one;
    for (size_t i = piece_after(timeline, from); part(timeline, i, from, to, &one); i++)
        sum += one.to - one.from;
    return sum;
}
