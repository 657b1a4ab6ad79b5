#include "billing/engine/recount/bound.h"

#include <string.h>

#include "core/clock.h"
#include "core/json.h"

static mpq_srcptr number(struct scope *s, const json_t *of, const char *name)
{
    const char *text = json_get_word(of, name);
    mpq_ptr value = rat_sum(s);
    if (!*text || text[strspn(text, "0123456789/")] || mpq_set_str(value, text, 10) ||
        !mpz_sgn(mpq_denref(value)))
        return NULL;
    mpq_canonicalize(value);
    return value;
}

static bool same(mpq_srcptr a, mpq_srcptr b)
{
    return a && b ? mpq_equal(a, b) != 0 : !a && !b;
}

/* price(M): of a window the sum of the parts, else of the prices in the bound. */
static mpq_srcptr base_of(struct scope *s, const struct recount *line, const json_t *bound)
{
    bool window =
        !strcmp(json_get_word(bound, "of"), "window") && !json_object_get(bound, "prices");
    const json_t *list =
        window ? json_object_get(line->explain, "parts") : json_object_get(bound, "prices");
    int64_t months = json_get_int(bound, "months"), from, to;
    mpq_srcptr all = number(s, bound, "seconds"), sum = rat(s, 0);
    json_t *one;
    size_t i;
    if (months && (!all || !mpq_sgn(all)))
        return NULL;
    json_array_foreach((json_t *)list, i, one)
    {
        mpq_srcptr worth = window ? number(s, one, "worth") : NULL;
        if (!window && clock_parse(json_get_word(one, "from"), &from) &&
            clock_parse(json_get_word(one, "to"), &to)) {
            mpq_srcptr length = months ? all : number(s, one, "period_seconds");
            mpq_srcptr money =
                rat_times(s, rat_of(s, to - from, CLOCK_SECOND), json_get_int(one, "price_minor"));
            int64_t of = months ? json_get_int(one, "months") : 1;
            if (length && mpq_sgn(length) && of > 0)
                worth =
                    rat_over(s, rat_times(s, rat_div(s, money, length), months ? months : 1), of);
        }
        if (!worth)
            return NULL;
        sum = rat_add(s, sum, worth);
    }
    return sum;
}

static const struct cap *cap_of(struct scope *s, const struct rule *rule, const json_t *bound)
{
    static const char *const of[] = {
        [OF_WINDOW] = "window", [OF_YEAR] = "year", [OF_PREVIOUS_30_DAYS] = "previous_30_days"};
    mpq_srcptr percent = number(s, bound, "percent"), days = number(s, bound, "days");
    for (size_t i = 0; i < rule->n_caps; i++) {
        const struct cap *cap = &rule->caps[i];
        const char *per = cap->per == PER_YEAR     ? "year"
                          : cap->per == PER_WINDOW ? "window"
                                                   : "incident";
        bool base = !cap->amounts.n;
        if (!strcmp(json_get_word(bound, "per"), per) &&
            (!base || !strcmp(json_get_word(bound, "of"), of[cap->of])) &&
            same(cap->percent, percent) && same(cap->days, days))
            return cap;
    }
    return NULL;
}

/* NULL: not as the explanation says. */
static mpq_srcptr value_of(
    struct scope *s, const struct cap *cap, const struct recount *line, const json_t *bound)
{
    const int64_t *minor = amounts_of(&cap->amounts, line->currency);
    mpq_srcptr base = cap->amounts.n ? NULL : base_of(s, line, bound);
    int64_t dates = json_get_int(bound, "dates");
    if (cap->amounts.n)
        return minor ? rat(s, *minor) : NULL;
    if (!base || !same(base, number(s, bound, "base")) || (cap->days && dates <= 0))
        return NULL;
    return cap->percent ? rat_over(s, rat_mul(s, cap->percent, base), 100)
                        : rat_over(s, rat_mul(s, cap->days, base), dates);
}

const char *bound_fault(struct scope *s, const struct rule *rule, const struct recount *line)
{
    const json_t *steps = json_object_get(line->explain, "steps"), *bound = NULL, *cap = NULL;
    json_t *one;
    size_t i;
    json_array_foreach((json_t *)steps, i, one)
    {
        bound = !strcmp(json_get_word(one, "step"), "bound") ? one : bound;
        cap = !strcmp(json_get_word(one, "step"), "cap") ? one : cap;
    }
    if (!bound)
        return NULL;
    const struct cap *by = cap_of(s, rule, bound);
    if (!by)
        return "the step bound names no cap of the policy";
    mpq_srcptr value = value_of(s, by, line, bound);
    if (!value || !same(value, number(s, bound, "value")))
        return "the step bound does not follow from its base";
    if (!cap || !same(rat_floor(s, value), number(s, cap, "value")))
        return "the step cap is not the bound rounded down";
    return NULL;
}

const char *bound_of_incident(struct scope *s, const struct rule *rule, const struct recount *line,
    const json_t *stated, bool in_window, mpq_srcptr *ret)
{
    const struct cap *by =
        !strcmp(json_get_word(stated, "per"), "incident") ? cap_of(s, rule, stated) : NULL;
    if (!by)
        return "the cap of an incident is none of the policy";
    bool here = !by->amounts.n && by->of == OF_WINDOW && in_window;
    if (here && json_object_get(stated, "prices"))
        return "the cap of an incident has the prices of another window";
    *ret = value_of(s, by, line, stated);
    return *ret && same(*ret, number(s, stated, "value"))
               ? NULL
               : "the cap of an incident does not follow from its base";
}

bool bound_is_due(const struct rule *rule, const char *currency)
{
    for (size_t i = 0; i < rule->n_caps; i++) {
        const struct cap *cap = &rule->caps[i];
        if (cap->per == PER_INCIDENT && (!cap->amounts.n || amounts_of(&cap->amounts, currency)))
            return true;
    }
    return false;
}
