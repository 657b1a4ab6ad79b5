#pragma once
/*
 * Money is an int64_t of minor units and an ISO 4217 currency; never a float.
 *
 *     money_exponent("KWD");          // 3
 *     money_text(s, 2900, "USD");     // "29.00 USD"
 *     money_text(s, 310, "JPY");      // "310 JPY"
 */
#include <stdint.h>

#include "core/scope.h"

/* Digits of the minor unit (ISO 4217, active codes): JPY 0, USD 2, KWD 3. -1 for an unknown
 * currency. DAY, days added to a term as a policy's remedy, has 2. */
int money_exponent(const char *currency);

/* The amount without the currency: "29.00", "-0.05". exponent: 0 to 4. */
char *money_amount(struct scope *s, int64_t minor, int exponent);

/* Parse "29", "29.00" or "0.05" into minor units, exactly. RC_INVALID: not a plain amount, more
 * digits than the currency has, or an unknown currency. */
enum rc money_parse(struct scope *s, const char *text, const char *currency, int64_t *ret_minor);

/* "29.00 USD". Prints whole minor units for an unknown currency. */
char *money_text(struct scope *s, int64_t minor, const char *currency);

/* In the number format of the locale (BCP 47): "1.234,50 EUR" for de, "1,234.50 EUR" for en. */
char *money_local(struct scope *s, int64_t minor, const char *currency, const char *locale);

/* A plain decimal number with the point of the locale: "99.9" is "99,9" for de. */
const char *decimal_local(struct scope *s, const char *decimal, const char *locale);
