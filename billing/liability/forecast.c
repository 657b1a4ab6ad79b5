#include "billing/liability/forecast.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

enum { POINTS = 4, LAST = POINTS - 1, CURRENCIES = 200, THRESHOLDS = 10, SEEN = 8 };

/* Minutes from now. Thresholds are looked for until the last. */
static const int64_t points[POINTS] = {0, 15, 60, 240};

struct sum {
    const char *currency;
    int64_t accounts[POINTS], minor[POINTS];
};

/* Groups whose amount changes at one instant. */
struct change {
    int64_t at;
    const char *currency;
    struct reason reason;
    int64_t accounts, minor;
};

struct looking {
    struct scope *s;
    struct book *book;
    int64_t now;
    struct sum sums[CURRENCIES];
    size_t n_sums;
    struct change *changes;
    size_t n_changes;
    int64_t seen[SEEN]; /* seconds of changes of other groups, the latest first; 0: none */
};

/* Sums beyond int64 are only of wrong prices. */
static int64_t add(int64_t sum, int64_t n, int64_t minor)
{
    int64_t product;
    if (__builtin_mul_overflow(n, minor, &product) ||
        __builtin_add_overflow(sum, product, &product))
        return INT64_MAX;
    return product;
}

static enum rc rate_at(struct looking *l, struct scope *inner, const struct group_state *group,
    int64_t at, struct credit *ret)
{
    book_until(l->book, at);
    if (engine_rate(
            inner, &l->book->rule, &group->account, &l->book->evidence, &group->held, ret) != RC_OK)
        return fail_from(l->s, inner);
    return RC_OK;
}

static int64_t sum_of(const struct credit *credit)
{
    int64_t sum = 0;
    for (size_t i = 0; i < credit->n_lines; i++)
        sum = add(sum, 1, credit->lines[i].amount);
    return sum;
}

/* Of one account. */
static enum rc amount_at(
    struct looking *l, const struct group_state *group, int64_t at, int64_t *ret)
{
    SCOPE(inner);
    struct credit credit;
    if (at < group->steady_until) {
        *ret = group->amount;
        return RC_OK;
    }
    TRY(rate_at(l, inner, group, at, &credit));
    *ret = sum_of(&credit);
    return RC_OK;
}

/* The amount grows with every second, unless a grid of time makes steps of it. */
static bool is_continuous(const struct rule *rule)
{
    return rule->model == MODEL_PRORATA &&
           !(rule->for_amount && rule->quantum_us >= 60 * CLOCK_SECOND);
}

/* Whole seconds: at `low` the amount is `was`, at `high` it is not. */
struct gap {
    int64_t was, low, high;
};

static enum rc narrow(
    struct looking *l, const struct group_state *group, struct gap *gap, int64_t second)
{
    int64_t amount;
    if (second <= gap->low || second >= gap->high)
        return RC_OK;
    TRY(amount_at(l, group, second * CLOCK_SECOND, &amount));
    if (amount == gap->was)
        gap->low = second;
    else
        gap->high = second;
    return RC_OK;
}

/* Most groups change when another does: those of one time zone, at any price. */
static enum rc narrow_as_seen(struct looking *l, const struct group_state *group, struct gap *gap)
{
    for (size_t i = 0; i < SEEN && l->seen[i]; i++) {
        TRY(narrow(l, group, gap, l->seen[i]));
        TRY(narrow(l, group, gap, l->seen[i] - 1));
    }
    return RC_OK;
}

static void note_seen(struct looking *l, int64_t second)
{
    size_t i = 0;
    while (i < SEEN - 1 && l->seen[i] != second)
        i++;
    memmove(l->seen + 1, l->seen, i * sizeof *l->seen);
    l->seen[0] = second;
}

/* What the group is paid by from its threshold on. */
static enum rc find_reason(struct looking *l, struct group_state *group)
{
    SCOPE(inner);
    struct credit before, after;
    TRY(rate_at(l, inner, group, group->steady_until - CLOCK_SECOND, &before));
    TRY(rate_at(l, inner, group, group->steady_until, &after));
    group->reason = reason_of(&l->book->rule, &before, &after);
    group->next = sum_of(&after);
    return RC_OK;
}

/* The first whole second until `to` at which the amount is not as now; it is not at `to`. */
static enum rc find_threshold(struct looking *l, struct group_state *group, int64_t to)
{
    struct gap gap = {
        .was = group->amount, .low = l->now / CLOCK_SECOND, .high = to / CLOCK_SECOND};
    TRY(narrow_as_seen(l, group, &gap));
    while (gap.high - gap.low > 1)
        TRY(narrow(l, group, &gap, gap.low + (gap.high - gap.low) / 2));
    note_seen(l, gap.high);
    group->steady_until = gap.high * CLOCK_SECOND;
    return find_reason(l, group);
}

static int64_t point(const struct looking *l, size_t i)
{
    return l->now + points[i] * 60 * CLOCK_SECOND;
}

static enum rc look_ahead(struct looking *l, struct group_state *group, const int64_t *amounts)
{
    bool steps = !is_continuous(&l->book->rule) || amounts[0] == 0;
    group->amount = amounts[0];
    group->changes = steps && amounts[LAST] != amounts[0];
    group->steady_until = INT64_MIN;
    if (group->changes)
        return find_threshold(l, group, point(l, LAST));
    if (steps)
        group->steady_until = point(l, LAST);
    return RC_OK;
}

/* Amounts at all points. What is known to hold is not computed. */
static enum rc rate_points(struct looking *l, struct group_state *group, int64_t *amounts)
{
    bool known = group->changes && l->now < group->steady_until;
    TRY(amount_at(l, group, l->now, &amounts[0]));
    TRY(amount_at(l, group, point(l, LAST), &amounts[LAST]));
    if (!known)
        TRY(look_ahead(l, group, amounts));
    for (size_t i = 1; i < LAST; i++)
        TRY(amount_at(l, group, point(l, i), &amounts[i]));
    return RC_OK;
}

static enum rc find_sum(struct looking *l, const char *currency, struct sum **ret)
{
    size_t i = 0;
    while (i < l->n_sums && strcmp(l->sums[i].currency, currency) != 0)
        i++;
    if (i == CURRENCIES)
        return fail(l->s, RC_INVALID, "more than %d currencies", CURRENCIES);
    if (i == l->n_sums)
        l->sums[l->n_sums++] = (struct sum){.currency = currency};
    *ret = &l->sums[i];
    return RC_OK;
}

static enum rc take(struct looking *l, struct group_state *group)
{
    const char *currency = rule_currency(&l->book->rule, group->account.currency);
    int64_t amounts[POINTS];
    struct sum *sum;
    TRY(find_sum(l, currency, &sum));
    TRY(rate_points(l, group, amounts));
    for (size_t i = 0; i < POINTS; i++) {
        sum->accounts[i] += amounts[i] ? group->accounts : 0;
        sum->minor[i] = add(sum->minor[i], group->accounts, amounts[i]);
    }
    if (group->changes)
        l->changes[l->n_changes++] = (struct change){.at = group->steady_until,
            .currency = currency,
            .reason = group->reason,
            .accounts = group->accounts,
            .minor = add(0, group->accounts, group->next - group->amount)};
    return RC_OK;
}

static int by_time(const void *a, const void *b)
{
    const struct change *x = a, *y = b;
    int by = x->at != y->at ? (x->at > y->at) - (x->at < y->at) : strcmp(x->currency, y->currency);
    return by ? by : reason_order(&x->reason, &y->reason);
}

static int by_currency(const void *a, const void *b)
{
    return strcmp(((const struct sum *)a)->currency, ((const struct sum *)b)->currency);
}

/* One a second, currency and reason. */
static void join(struct looking *l)
{
    size_t n = 0;
    if (l->n_changes)
        qsort(l->changes, l->n_changes, sizeof *l->changes, by_time);
    for (size_t i = 0; i < l->n_changes; i++) {
        struct change *last = n ? &l->changes[n - 1] : NULL, *one = &l->changes[i];
        if (last && by_time(last, one) == 0) {
            last->accounts += one->accounts;
            last->minor = add(last->minor, 1, one->minor);
        } else
            l->changes[n++] = *one;
    }
    l->n_changes = n;
}

static json_t *print_sums(struct looking *l)
{
    json_t *list = json_array();
    qsort(l->sums, l->n_sums, sizeof *l->sums, by_currency);
    for (size_t i = 0; i < l->n_sums; i++) {
        const struct sum *sum = &l->sums[i];
        if (!sum->minor[0] && !sum->minor[POINTS - 1])
            continue;
        json_t *later = json_array();
        for (size_t k = 1; k < POINTS; k++)
            json_array_append_new(later,
                json_pack("{s:I, s:I, s:I}", "minutes", (json_int_t)points[k], "accounts",
                    (json_int_t)sum->accounts[k], "amount_minor", (json_int_t)sum->minor[k]));
        json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:o}", "currency", sum->currency,
                                        "accounts", (json_int_t)sum->accounts[0], "amount_minor",
                                        (json_int_t)sum->minor[0], "forecast", later));
    }
    return list;
}

static json_t *print_changes(struct looking *l)
{
    json_t *list = json_array();
    join(l);
    for (size_t i = 0; i < l->n_changes && i < THRESHOLDS; i++) {
        const struct change *one = &l->changes[i];
        json_t *object = json_pack("{s:s, s:s, s:I, s:I}", "at", clock_rfc3339(l->s, one->at),
            "currency", one->currency, "accounts", (json_int_t)one->accounts, "amount_minor",
            (json_int_t)one->minor);
        reason_put(l->s, &one->reason, object);
        json_array_append_new(list, object);
    }
    return list;
}

enum rc forecast_book(
    struct scope *s, struct book *book, int64_t at, bool (*stop)(void), json_t **ret)
{
    struct looking *l = SCOPE_NEW(s, struct looking);
    *l = (struct looking){
        .s = s, .book = book, .now = at, .changes = SCOPE_ARRAY(s, struct change, book->n + 1)};
    for (size_t i = 0; i < book->n; i++) {
        if (stop())
            return fail(s, RC_RETRY, "this process ends");
        TRY(take(l, &book->groups[i]));
    }
    *ret = json_pack("{s:s, s:I, s:o, s:o}", "policy", book->name, "version",
        (json_int_t)book->version, "sums", print_sums(l), "thresholds", print_changes(l));
    return RC_OK;
}
