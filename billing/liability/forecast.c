#include "billing/liability/forecast.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

enum { POINTS = 4, CURRENCIES = 200, THRESHOLDS = 10 };

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

/* Of one account. */
static enum rc amount_at(
    struct looking *l, const struct group_state *group, int64_t at, int64_t *ret)
{
    SCOPE(inner);
    struct credit credit;
    int64_t sum = 0;
    book_until(l->book, at);
    if (engine_rate(inner, &l->book->rule, &group->account, &l->book->evidence, &group->held,
            &credit) != RC_OK)
        return fail_from(l->s, inner);
    for (size_t i = 0; i < credit.n_lines; i++)
        sum = add(sum, 1, credit.lines[i].amount);
    *ret = sum;
    return RC_OK;
}

/* The amount grows with every second, unless a grid of time makes steps of it. */
static bool is_continuous(const struct rule *rule)
{
    return rule->model == MODEL_PRORATA &&
           !(rule->for_amount && rule->quantum_us >= 60 * CLOCK_SECOND);
}

/* The first whole second in (from, to] at which the amount is not `was`; it is not at `to`. */
static enum rc bisect(struct looking *l, const struct group_state *group, int64_t was, int64_t to,
    int64_t *ret_at, int64_t *ret_amount)
{
    int64_t low = l->now / CLOCK_SECOND, high = to / CLOCK_SECOND;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2, amount;
        TRY(amount_at(l, group, middle * CLOCK_SECOND, &amount));
        if (amount == was)
            low = middle;
        else
            high = middle;
    }
    *ret_at = high * CLOCK_SECOND;
    return amount_at(l, group, *ret_at, ret_amount);
}

/* Amounts at all points. What is known to hold is not computed. */
static enum rc rate_points(struct looking *l, struct group_state *group, int64_t *amounts)
{
    for (size_t i = 0; i < POINTS; i++) {
        int64_t at = l->now + points[i] * 60 * CLOCK_SECOND;
        if (at < group->steady_until)
            amounts[i] = group->amount;
        else
            TRY(amount_at(l, group, at, &amounts[i]));
    }
    return RC_OK;
}

static enum rc look_ahead(struct looking *l, struct group_state *group, const int64_t *amounts)
{
    int64_t end = l->now + points[POINTS - 1] * 60 * CLOCK_SECOND;
    bool steps = !is_continuous(&l->book->rule) || amounts[0] == 0;
    if (group->changes && l->now < group->steady_until)
        return RC_OK;
    group->amount = amounts[0];
    group->changes = steps && amounts[POINTS - 1] != amounts[0];
    group->steady_until = steps ? end : INT64_MIN;
    if (!group->changes)
        return RC_OK;
    return bisect(l, group, amounts[0], end, &group->steady_until, &group->next);
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
    TRY(look_ahead(l, group, amounts));
    for (size_t i = 0; i < POINTS; i++) {
        sum->accounts[i] += amounts[i] ? group->accounts : 0;
        sum->minor[i] = add(sum->minor[i], group->accounts, amounts[i]);
    }
    if (group->changes)
        l->changes[l->n_changes++] = (struct change){.at = group->steady_until,
            .currency = currency,
            .accounts = group->accounts,
            .minor = add(0, group->accounts, group->next - group->amount)};
    return RC_OK;
}

static int by_time(const void *a, const void *b)
{
    const struct change *x = a, *y = b;
    return x->at != y->at ? (x->at > y->at) - (x->at < y->at) : strcmp(x->currency, y->currency);
}

static int by_currency(const void *a, const void *b)
{
    return strcmp(((const struct sum *)a)->currency, ((const struct sum *)b)->currency);
}

/* One a second and currency. */
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
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:I, s:I}", "at", clock_rfc3339(l->s, one->at), "currency",
                      one->currency, "accounts", (json_int_t)one->accounts, "amount_minor",
                      (json_int_t)one->minor));
    }
    return list;
}

enum rc forecast_book(struct scope *s, struct book *book, int64_t at, json_t **ret)
{
    struct looking *l = SCOPE_NEW(s, struct looking);
    *l = (struct looking){
        .s = s, .book = book, .now = at, .changes = SCOPE_ARRAY(s, struct change, book->n + 1)};
    for (size_t i = 0; i < book->n; i++)
        TRY(take(l, &book->groups[i]));
    *ret = json_pack("{s:s, s:I, s:o, s:o}", "policy", book->name, "version",
        (json_int_t)book->version, "sums", print_sums(l), "thresholds", print_changes(l));
    return RC_OK;
}
