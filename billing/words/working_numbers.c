#include "billing/words/working_numbers.h"

#include <string.h>

#include "billing/engine/number/rat.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

/* Of a whole calculation, and of a brief one. */
enum { DIGITS = 12, BRIEF_DIGITS = 4 };

const char *working_say(const struct words_working *w, const char *label, json_t *values)
{
    return label_fill(
        w->s, label_text(w->s, w->locale, "credit_working", label), json_own(w->s, values));
}

static struct policy_words words_of(const struct words_working *w)
{
    return (struct policy_words){.s = w->s, .locale = w->locale};
}

const char *working_money(const struct words_working *w, int64_t minor)
{
    struct policy_words p = words_of(w);
    return money_words(&p, w->currency, minor);
}

/* A ratio of the engine, of any length. */
static bool read(const struct words_working *w, const char *text, mpq_srcptr *ret)
{
    mpq_ptr value = rat_sum(w->s);
    if (rat_parse(w->s, text, ret))
        return true;
    if (!*text || text[strspn(text, "0123456789/")] || mpq_set_str(value, text, 10) ||
        !mpz_sgn(mpq_denref(value)))
        return false;
    mpq_canonicalize(value);
    *ret = value;
    return true;
}

/* Whether the value is a decimal with at most that many digits. */
static bool ends(const struct words_working *w, mpq_srcptr value, int digits)
{
    for (int i = 0; i < digits; i++)
        value = rat_times(w->s, value, 10);
    return mpz_cmp_ui(mpq_denref(value), 1) == 0;
}

static const char *cut(const struct words_working *w, mpq_srcptr value)
{
    int digits = w->brief ? BRIEF_DIGITS : DIGITS;
    const char *text = decimal_local(w->s, rat_decimal(w->s, value, digits), w->locale);
    return w->brief && !ends(w, value, digits) ? scope_printf(w->s, "%s\u2026", text) : text;
}

const char *working_exact(const struct words_working *w, const char *minor)
{
    mpq_srcptr value;
    int64_t whole;
    if (!read(w, minor, &value))
        return minor;
    if (rat_int(value, &whole))
        return working_money(w, whole);
    for (int i = 0; i < money_exponent(w->currency); i++)
        value = rat_over(w->s, value, 10);
    if (strcmp(w->currency, "DAY") != 0)
        return scope_printf(w->s, "%s %s", cut(w, value), w->currency);
    struct policy_words p = words_of(w);
    return say(&p, "days", json_pack("{s:s}", "n", cut(w, value)));
}

const char *working_decimal(const struct words_working *w, const char *number)
{
    mpq_srcptr value;
    return read(w, number, &value) ? cut(w, value) : number;
}

const char *working_number(const struct words_working *w, const char *number)
{
    mpq_srcptr value;
    return read(w, number, &value) && ends(w, value, DIGITS) ? cut(w, value) : number;
}

const char *working_hundredth(const struct words_working *w, const char *bp)
{
    mpq_srcptr value;
    if (!read(w, bp, &value))
        return bp;
    return cut(w, rat_over(w->s, value, 100));
}

const char *working_product(
    const struct words_working *w, const char *a, const char *b, const char *over)
{
    mpq_srcptr x, y, z;
    if (!read(w, a, &x) || !read(w, b, &y) || !read(w, over, &z) || !mpq_sgn(z))
        return "0";
    return rat_text(w->s, rat_div(w->s, rat_mul(w->s, x, y), z));
}

const char *working_seconds(const struct words_working *w, int64_t us)
{
    return cut(w, rat_of(w->s, us, CLOCK_SECOND));
}

const char *working_ratio(const struct words_working *w, int64_t over, int64_t under)
{
    return rat_text(w->s, rat_of(w->s, over, under));
}
