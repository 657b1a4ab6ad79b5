#pragma once
/*
 * Exact numbers: GMP's mpq in a scope. Nothing here rounds but what says so.
 *
 *     mpq_srcptr share = rat_div(s, down, entitled);     // entitled above 0
 *     mpq_srcptr amount = rat_mul(s, price, rat_of(s, 5, 100));
 *
 * A number lives until its scope is released and is never changed once it was handed out.
 */
#include <gmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/scope.h"

enum rounding { ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_UP };

mpq_srcptr rat(struct scope *s, int64_t n);
mpq_srcptr rat_of(struct scope *s, int64_t num, int64_t den); /* den above 0 */

mpq_srcptr rat_add(struct scope *s, mpq_srcptr a, mpq_srcptr b);
mpq_srcptr rat_sub(struct scope *s, mpq_srcptr a, mpq_srcptr b);
mpq_srcptr rat_mul(struct scope *s, mpq_srcptr a, mpq_srcptr b);
mpq_srcptr rat_div(struct scope *s, mpq_srcptr a, mpq_srcptr b); /* b is not 0 */
mpq_srcptr rat_times(struct scope *s, mpq_srcptr a, int64_t n);
mpq_srcptr rat_over(struct scope *s, mpq_srcptr a, int64_t n); /* n above 0 */

mpq_srcptr rat_max(mpq_srcptr a, mpq_srcptr b);
mpq_srcptr rat_min(mpq_srcptr a, mpq_srcptr b);

/* A sum that grows in place: an integral over many stretches. */
mpq_ptr rat_sum(struct scope *s);
void rat_grow(mpq_ptr sum, int64_t a, int64_t b, int64_t c, int64_t den); /* += a b c / den */

/* To whole numbers. */
mpq_srcptr rat_floor(struct scope *s, mpq_srcptr a);
mpq_srcptr rat_ceil(struct scope *s, mpq_srcptr a);
mpq_srcptr rat_round(struct scope *s, mpq_srcptr a, enum rounding how);

/* A whole number; false where it is beyond int64_t or no whole number. */
bool rat_int(mpq_srcptr a, int64_t *ret);

/* "12", "12.5", ".5" or "10/3", unsigned, at most 60 characters; false where it is none. */
bool rat_parse(struct scope *s, const char *text, mpq_srcptr *ret);

/* "10/3", "990/1": the numerator and the denominator in lowest terms. */
char *rat_text(struct scope *s, mpq_srcptr a);
/* Cut off after that many digits; no trailing zeros. */
char *rat_decimal(struct scope *s, mpq_srcptr a, int digits);
