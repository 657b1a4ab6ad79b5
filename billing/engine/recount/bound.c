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

static bool is_per(const struct cap *cap, const json_t *bound)
{
    static const char *const per[] = {
        [PER_INCIDENT] = "incident", [PER_WINDOW] = "window", [PER_YEAR] = "year"};
    return !strcmp(json_get_word(bound, "per"), per[cap->per]);
}

/* Whether a cap may be the stated one: an amount names no base. */
static bool may_be(struct scope *s, const struct cap *cap, const json_t *bound)
{
    static const char *const of[] = {
        [OF_WINDOW] = "window", [OF_YEAR] = "year", [OF_PREVIOUS_30_DAYS] = "previous_30_days"};
    return is_per(cap, bound) &&
           (cap->amounts.n || !strcmp(json_get_word(bound, "of"), of[cap->of])) &&
           same(cap->percent, number(s, bound, "percent")) &&
           same(cap->days, number(s, bound, "days"));
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

/* An amount of the policy is lower. */
static bool is_over(struct scope *s, const struct rule *rule, const struct recount *line,
    const json_t *bound, mpq_srcptr value)
{
    for (size_t i = 0; i < rule->n_caps; i++) {
        const int64_t *minor = amounts_of(&rule->caps[i].amounts, line->currency);
        if (minor && is_per(&rule->caps[i], bound) && mpq_cmp(rat(s, *minor), value) < 0)
            return true;
    }
    return false;
}

/* The cap of the policy that gives the stated value; NULL: *ret_fault says why there is none. */
static const struct cap *cap_of(struct scope *s, const struct rule *rule,
    const struct recount *line, const json_t *bound, const char **ret_fault)
{
    mpq_srcptr value = number(s, bound, "value");
    *ret_fault = "names no cap of the policy";
    for (size_t i = 0; i < rule->n_caps; i++) {
        const struct cap *cap = &rule->caps[i];
        if (!may_be(s, cap, bound))
            continue;
        mpq_srcptr gives = value_of(s, cap, line, bound);
        if (gives && same(gives, value) && !is_over(s, rule, line, bound, value))
            return cap;
        *ret_fault = "does not follow from its base";
    }
    return NULL;
}

const char *bound_fault(struct scope *s, const struct rule *rule, const struct recount *line)
{
    const json_t *steps = json_object_get(line->explain, "steps"), *bound = NULL, *cap = NULL;
    const char *fault;
    json_t *one;
    size_t i;
    json_array_foreach((json_t *)steps, i, one)
    {
        bound = !strcmp(json_get_word(one, "step"), "bound") ? one : bound;
        cap = !strcmp(json_get_word(one, "step"), "cap") ? one : cap;
    }
    if (!bound)
        return NULL;
    if (!cap_of(s, rule, line, bound, &fault))
        return scope_printf(s, "the step bound %s", fault);
    if (!cap || !same(rat_floor(s, number(s, bound, "value")), number(s, cap, "value")))
        return "the step cap is not the bound rounded down";
    return NULL;
}

const char *bound_of_incident(struct scope *s, const struct rule *rule, const struct recount *line,
    const json_t *stated, bool in_window, mpq_srcptr *ret)
{
    const char *fault = "names no cap of the policy";
    const struct cap *by = strcmp(json_get_word(stated, "per"), "incident") != 0
                               ? NULL
                               : cap_of(s, rule, line, stated, &fault);
    if (!by)
        return scope_printf(s, "the cap of an incident %s", fault);
    if (!by->amounts.n && by->of == OF_WINDOW && in_window && json_object_get(stated, "prices"))
        return "the cap of an incident has the prices of another window";
    *ret = number(s, stated, "value");
    return NULL;
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
