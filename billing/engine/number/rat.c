#include "billing/engine/number/rat.h"

#include <string.h>

static void clear(void *q)
{
    mpq_clear(q);
}

static mpq_ptr fresh(struct scope *s)
{
    mpq_ptr q = scope_alloc(s, sizeof *q);
    mpq_init(q);
    scope_defer(s, clear, q);
    return q;
}

mpq_srcptr rat(struct scope *s, int64_t n)
{
    mpq_ptr q = fresh(s);
    mpq_set_si(q, n, 1);
    return q;
}

mpq_srcptr rat_of(struct scope *s, int64_t num, int64_t den)
{
    mpq_ptr q = fresh(s);
    mpq_set_si(q, num, (unsigned long)den);
    mpq_canonicalize(q);
    return q;
}

mpq_srcptr rat_add(struct scope *s, mpq_srcptr a, mpq_srcptr b)
{
    mpq_ptr q = fresh(s);
    mpq_add(q, a, b);
    return q;
}

mpq_srcptr rat_sub(struct scope *s, mpq_srcptr a, mpq_srcptr b)
{
    mpq_ptr q = fresh(s);
    mpq_sub(q, a, b);
    return q;
}

mpq_srcptr rat_mul(struct scope *s, mpq_srcptr a, mpq_srcptr b)
{
    mpq_ptr q = fresh(s);
    mpq_mul(q, a, b);
    return q;
}

mpq_srcptr rat_div(struct scope *s, mpq_srcptr a, mpq_srcptr b)
{
    mpq_ptr q = fresh(s);
    mpq_div(q, a, b);
    return q;
}

mpq_srcptr rat_times(struct scope *s, mpq_srcptr a, int64_t n)
{
    return rat_mul(s, a, rat(s, n));
}

mpq_srcptr rat_over(struct scope *s, mpq_srcptr a, int64_t n)
{
    return rat_div(s, a, rat(s, n));
}

mpq_srcptr rat_max(mpq_srcptr a, mpq_srcptr b)
{
    return mpq_cmp(a, b) >= 0 ? a : b;
}

mpq_srcptr rat_min(mpq_srcptr a, mpq_srcptr b)
{
    return mpq_cmp(a, b) <= 0 ? a : b;
}

mpq_ptr rat_sum(struct scope *s)
{
    return fresh(s);
}

void rat_grow(mpq_ptr sum, int64_t a, int64_t b, int64_t c, int64_t den)
{
    mpq_t term;
    mpq_init(term);
    mpz_set_si(mpq_numref(term), a);
    mpz_mul_si(mpq_numref(term), mpq_numref(term), b);
    mpz_mul_si(mpq_numref(term), mpq_numref(term), c);
    mpz_set_si(mpq_denref(term), den);
    mpq_canonicalize(term);
    mpq_add(sum, sum, term);
    mpq_clear(term);
}

mpq_srcptr rat_floor(struct scope *s, mpq_srcptr a)
{
    mpq_ptr q = fresh(s);
    mpz_fdiv_q(mpq_numref(q), mpq_numref(a), mpq_denref(a));
    return q;
}

mpq_srcptr rat_ceil(struct scope *s, mpq_srcptr a)
{
    mpq_ptr q = fresh(s);
    mpz_cdiv_q(mpq_numref(q), mpq_numref(a), mpq_denref(a));
    return q;
}

mpq_srcptr rat_round(struct scope *s, mpq_srcptr a, enum rounding how)
{
    if (how == ROUND_UP)
        return rat_ceil(s, a);
    mpq_srcptr low = rat_floor(s, a);
    int above = mpq_cmp(rat_sub(s, a, low), rat_of(s, 1, 2));
    bool up = above > 0 || (above == 0 && (how == ROUND_HALF_UP || mpz_odd_p(mpq_numref(low))));
    return up ? rat_add(s, low, rat(s, 1)) : low;
}

bool rat_int(mpq_srcptr a, int64_t *ret)
{
    if (mpz_cmp_ui(mpq_denref(a), 1) != 0 || !mpz_fits_slong_p(mpq_numref(a)))
        return false;
    *ret = mpz_get_si(mpq_numref(a));
    return true;
}

/* Digits with at most one point. */
static bool parse_decimal(struct scope *s, const char *text, size_t len, mpq_srcptr *ret)
{
    static const char digits[] = "0123456789";
    size_t whole = strspn(text, digits), part = 0;
    if (text[whole] == '.')
        part = strspn(text + whole + 1, digits);
    if (whole + part == 0 || whole + (text[whole] == '.' ? part + 1 : 0) != len)
        return false;
    char *all = scope_printf(s, "%.*s%.*s", (int)whole, text, (int)part, text + whole + !!part);
    mpq_ptr q = fresh(s);
    mpz_set_str(mpq_numref(q), all, 10);
    mpz_ui_pow_ui(mpq_denref(q), 10, part);
    mpq_canonicalize(q);
    *ret = q;
    return true;
}

bool rat_parse(struct scope *s, const char *text, mpq_srcptr *ret)
{
    size_t len = strlen(text), before = strcspn(text, "/");
    if (len > 60)
        return false;
    mpq_srcptr num, den;
    if (before == len)
        return parse_decimal(s, text, len, ret);
    if (!parse_decimal(s, scope_strndup(s, text, before), before, &num) ||
        !parse_decimal(s, text + before + 1, len - before - 1, &den) || mpq_sgn(den) == 0)
        return false;
    *ret = rat_div(s, num, den);
    return true;
}

static char *whole_text(struct scope *s, mpz_srcptr z)
{
    char *text = scope_alloc(s, mpz_sizeinbase(z, 10) + 2);
    return mpz_get_str(text, 10, z);
}

char *rat_text(struct scope *s, mpq_srcptr a)
{
    return scope_printf(s, "%s/%s", whole_text(s, mpq_numref(a)), whole_text(s, mpq_denref(a)));
}

char *rat_decimal(struct scope *s, mpq_srcptr a, int digits)
{
    mpq_ptr scaled = fresh(s);
    mpz_ui_pow_ui(mpq_numref(scaled), 10, (unsigned long)digits);
    mpq_mul(scaled, scaled, a);
    mpz_tdiv_q(mpq_numref(scaled), mpq_numref(scaled), mpq_denref(scaled));
    bool negative = mpz_sgn(mpq_numref(scaled)) < 0;
    mpz_abs(mpq_numref(scaled), mpq_numref(scaled));
    const char *all = whole_text(s, mpq_numref(scaled));
    int pad = digits + 1 - (int)strlen(all);
    char *text = scope_printf(s, "%s%.*s%s", negative ? "-" : "", pad > 0 ? pad : 0,
        "0000000000000000000000000000000", all);
    size_t point = strlen(text) - (size_t)digits;
    char *both = scope_printf(s, "%.*s.%s", (int)point, text, text + point);
    size_t len = strlen(both);
    while (both[len - 1] == '0')
        len--;
    both[both[len - 1] == '.' ? len - 1 : len] = '\0';
    return both;
}
