#include "billing/engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "billing/engine/weight/claims.h"
#include "billing/engine/lines.h"
#include "billing/engine/evidence/people.h"
#include "billing/engine/question.h"
#include "billing/engine/weight/weight.h"
#include "core/clock.h"

/* A price line without components uses the account's; the account uses what any line uses. */
static void use(struct rating *r, struct base *base, size_t first, size_t n)
{
    const struct account *a = r->account;
    size_t most = a->components.n;
    for (size_t i = first; i < first + n; i++)
        most += a->lines[i].components.n + a->components.n;
    const char **at = SCOPE_ARRAY(r->s, const char *, most + 1);
    size_t used = 0;
    for (size_t i = first; i < first + n; i++) {
        const struct texts *own =
            a->lines[i].components.n ? &a->lines[i].components : &a->components;
        base->uses_all = base->uses_all || !own->n;
        for (size_t j = 0; j < own->n; j++)
            at[used++] = own->at[j];
    }
    base->components = (struct texts){.at = at, .n = used};
}

static enum rc make_bases(struct rating *r, int64_t from, int64_t to)
{
    const struct account *a = r->account;
    size_t each = r->rule->base_lines ? 1 : a->n_lines;
    r->n_bases = r->rule->base_lines ? a->n_lines : 1;
    r->bases = SCOPE_ARRAY(r->s, struct base, r->n_bases);
    TRY(timeline_make(r->s, r->rule, a, 0, a->n_lines, from, to, &r->timeline));
    for (size_t i = 0; i < r->n_bases; i++) {
        struct base *base = &r->bases[i];
        base->product = r->rule->base_lines ? a->lines[i].product : NULL;
        base->timeline = r->timeline;
        if (r->rule->base_lines)
            TRY(timeline_make(r->s, r->rule, a, i, 1, from, to, &base->timeline));
        use(r, base, i * each, each);
    }
    return RC_OK;
}

/* No policy looks further, and every date costs. */
static enum rc check_reach(struct rating *r, const struct reach *reach)
{
    static const int64_t most = 50 * 366 * 86400 * CLOCK_SECOND;
    if (reach->to - reach->from <= most)
        return RC_OK;
    return fail(r->s, RC_INVALID, "the incidents and lines of account %s are decades apart",
        r->account->id);
}

/* Of all bases the longest. */
static mpq_srcptr weighted_seconds(struct rating *r)
{
    mpq_srcptr longest = rat(r->s, 0);
    for (size_t i = 0; i < r->n_bases; i++) {
        struct spans spans = weight_of(r, &r->bases[i], &r->own).amount;
        longest = rat_max(longest, spans_seconds(r->s, &spans));
    }
    return longest;
}

/* Accounts with a moment to pay for, and a policy without an amount in their currency. */
static bool lacks_amount(const struct rating *r, const struct moments *moments)
{
    bool due = false;
    for (size_t i = 0; i < r->n_bases && r->rule->model == MODEL_FIXED; i++)
        due = due || moments[i].n > 0;
    return due && !amounts_of(&r->rule->amounts, rule_currency(r->rule, r->account->currency));
}

static void note_reached(const struct rating *r, const struct owed *owed, struct credit *ret)
{
    for (size_t i = 0; i < r->n_bases; i++) {
        const struct part *part = &owed->parts[i];
        struct reached *one = &ret->reached[ret->n_reached++];
        *one = (struct reached){
            .from_day = owed->window->from_day, .open = part->open, .tier = part->tier};
        if (part->units)
            rat_int(part->units, &one->units);
    }
}

static enum rc settle(struct rating *r, const struct windows *windows, struct credit *ret)
{
    struct moments *moments = SCOPE_ARRAY(r->s, struct moments, r->n_bases);
    ret->reached = SCOPE_ARRAY(r->s, struct reached, windows->n * r->n_bases);
    for (size_t i = 0; i < r->n_bases && !rule_is_cumulative(r->rule); i++)
        moments[i] = days_moments(r, &r->bases[i]);
    ret->no_amount = lacks_amount(r, moments);
    for (size_t i = 0; i < windows->n; i++) {
        const struct window *window = &windows->at[i];
        if (!timeline_entitled(&r->timeline, window->from, window->to))
            continue;
        struct incidents together = question_incidents(r, window);
        struct owed owed = owed_in(r, window, &together, moments);
        note_reached(r, &owed, ret);
        TRY(lines_settle(r, &owed, ret));
    }
    ret->seconds = weighted_seconds(r);
    return RC_OK;
}

enum rc engine_rate(struct scope *s, const struct rule *rule, const struct account *account,
    const struct evidence *evidence, const struct held_lines *held, struct credit *ret)
{
    struct rating r = {
        .s = s, .rule = rule, .account = account, .evidence = evidence, .held = held};
    struct credit credit = {
        .currency = rule_currency(rule, account->currency), .seconds = rat(s, 0)};
    if (question_terms_changed(&r)) {
        credit.left_out = "terms_changed";
        *ret = credit;
        return RC_OK;
    }
    r.n_incidents = question_count(evidence);
    r.own = question_own(&r);
    struct windows windows = question_windows(&r);
    credit.lines = SCOPE_ARRAY(s, struct credit_line, windows.n);
    credit.excess = SCOPE_ARRAY(s, struct excess, windows.n);
    credit.unpaid = SCOPE_ARRAY(s, struct unpaid, windows.n);
    if (windows.n && account->n_lines) {
        struct reach reach = question_reach(&r, &windows);
        TRY(check_reach(&r, &reach));
        TRY(make_bases(&r, reach.from, reach.to));
        TRY(settle(&r, &windows, &credit));
    }
    *ret = credit;
    return RC_OK;
}
