#include "billing/engine/lines.h"

#include <string.h>

#include "billing/engine/caps.h"
#include "billing/engine/explain.h"
#include "billing/engine/number/calendar.h"

/* What this policy's standing lines hold for the window, where they are subtracted. */
static mpq_srcptr earlier_in(struct rating *r, const struct window *window, const char *currency)
{
    mpq_ptr sum = rat_sum(r->s);
    for (size_t i = 0; i < r->held->n; i++) {
        const struct held_line *line = &r->held->at[i];
        if (line->same && (line->family || rule_is_cumulative(r->rule)) &&
            line->from == window->from_day && !strcmp(line->currency, currency))
            rat_grow(sum, line->minor, 1, 1, 1);
    }
    return sum;
}

/* Raised to the least that is paid. */
static mpq_srcptr raised(struct rating *r, mpq_srcptr whole, const char *currency)
{
    const int64_t *least = amounts_of(&r->rule->at_least, currency);
    bool raises = least && r->rule->model != MODEL_DAYS && r->rule->model != MODEL_FIXED;
    return raises && mpq_sgn(whole) > 0 ? rat_max(whole, rat(r->s, *least)) : whole;
}

static bool is_made(const struct rule *rule, int64_t amount, const char *currency)
{
    const int64_t *least = amounts_of(&rule->min_credit, currency);
    return amount >= rule->min_credit_minor && (!least || amount >= *least);
}

static enum rc whole(struct rating *r, mpq_srcptr amount, int64_t *ret)
{
    if (rat_int(amount, ret))
        return RC_OK;
    return fail(r->s, RC_INVALID, "an amount of account %s is beyond all bounds: check the prices",
        r->account->id);
}

static mpq_srcptr longest_down(const struct owed *owed, size_t n)
{
    mpq_srcptr longest = owed->parts[0].measured.down;
    for (size_t i = 1; i < n; i++)
        longest = rat_max(longest, owed->parts[i].measured.down);
    return longest;
}

/* Until when, and for which dates, so that later runs know. */
static void note_reach(struct rating *r, const struct owed *owed, struct credit_line *line)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_bases; i++)
        n += owed->moments[i].n;
    int64_t *days = SCOPE_ARRAY(r->s, int64_t, n + 1);
    line->days = days;
    line->reach = INT64_MIN;
    for (size_t i = 0; i < r->n_bases; i++) {
        const struct spans *spans = &owed->parts[i].measured.weight.amount;
        if (spans->n && spans->at[spans->n - 1].to > line->reach)
            line->reach = spans->at[spans->n - 1].to;
        for (size_t j = 0; j < owed->moments[i].n; j++) {
            const struct moment *one = &owed->moments[i].at[j];
            if (one->at < owed->window->from || one->at >= owed->window->to)
                continue;
            line->reach = one->at >= line->reach ? one->at + 1 : line->reach;
            if (one->day != DAY_NEVER)
                days[line->n_days++] = one->day;
        }
    }
}

static enum rc note_excess(struct rating *r, const struct settled *done, struct credit *ret)
{
    struct excess *excess = &ret->excess[ret->n_excess++];
    excess->from_day = done->owed->window->from_day;
    TRY(whole(r, done->earlier, &excess->earlier));
    return whole(r, rat_sub(r->s, done->earlier, done->rounded), &excess->minor);
}

/* Only a correction reports amounts that make no line. */
static enum rc note_unpaid(
    struct rating *r, const struct settled *done, mpq_srcptr left, struct credit *ret)
{
    if (!r->evidence->reconciles || !mpq_sgn(left))
        return RC_OK;
    struct unpaid *unpaid = &ret->unpaid[ret->n_unpaid++];
    unpaid->from_day = done->owed->window->from_day;
    TRY(whole(r, done->earlier, &unpaid->earlier));
    return whole(r, left, &unpaid->minor);
}

static enum rc add_line(struct rating *r, struct settled *done, struct credit *ret)
{
    struct credit_line line = {.window = *done->owed->window,
        .exact = done->exact,
        .cap = done->room.cap,
        .amount = done->amount,
        .seconds = longest_down(done->owed, r->n_bases)};
    TRY(whole(r, done->earlier, &line.earlier));
    if (done->room.cap)
        TRY(whole(r, done->room.taken, &line.taken));
    note_reach(r, done->owed, &line);
    if (!r->evidence->unexplained)
        line.explain = explain_line(r, done);
    ret->lines[ret->n_lines++] = line;
    return RC_OK;
}

enum rc lines_settle(struct rating *r, const struct owed *owed, struct credit *ret)
{
    struct scope *s = r->s;
    struct settled done = {.owed = owed, .per_incident = caps_per_incident(r, owed)};
    done.exact = owed->amount;
    if (done.per_incident)
        done.exact = rat_min(done.exact, done.per_incident);
    done.unraised = rat_round(s, done.exact, r->rule->rounding);
    done.rounded = raised(r, done.unraised, ret->currency);
    done.earlier = earlier_in(r, owed->window, ret->currency);
    done.room = caps_room(r, owed, ret->lines, ret->n_lines);
    mpq_srcptr left = rat_sub(s, done.rounded, done.earlier);
    if (mpq_sgn(left) < 0)
        return note_excess(r, &done, ret);
    if (done.room.cap)
        left = rat_min(left, rat_sub(s, done.room.cap, done.room.taken));
    if (mpq_sgn(left) <= 0)
        return note_unpaid(r, &done, left, ret);
    TRY(whole(r, left, &done.amount));
    if (!is_made(r->rule, done.amount, ret->currency))
        return note_unpaid(r, &done, left, ret);
    return add_line(r, &done, ret);
}
