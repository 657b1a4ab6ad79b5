#include "billing/engine/tree.h"

#include <stdlib.h>
#include <string.h>

#include "billing/engine/number/calendar.h"
#include "core/clock.h"

static void begin(struct strbuf *b, const char *key)
{
    if (b->len && !strchr("{[\n", b->buf[b->len - 1]))
        strbuf_addch(b, ',');
    if (!key)
        return;
    strbuf_addch(b, '"');
    strbuf_addstr(b, key);
    strbuf_add(b, "\":", 2);
}

void tree_open(struct strbuf *b, const char *key, char bracket)
{
    begin(b, key);
    strbuf_addch(b, bracket);
}

void tree_close(struct strbuf *b, char bracket)
{
    strbuf_addch(b, bracket);
}

void tree_text(struct strbuf *b, const char *key, const char *text)
{
    begin(b, key);
    strbuf_addch(b, '"');
    strbuf_addjson(b, text, strlen(text));
    strbuf_addch(b, '"');
}

void tree_int(struct strbuf *b, const char *key, int64_t value)
{
    begin(b, key);
    strbuf_addint(b, value);
}

void tree_bool(struct strbuf *b, const char *key, bool value)
{
    begin(b, key);
    strbuf_addstr(b, value ? "true" : "false");
}

void tree_day(struct strbuf *b, const char *key, int64_t day)
{
    begin(b, key);
    strbuf_addch(b, '"');
    day_print(b, day);
    strbuf_addch(b, '"');
}

static void put_two(struct strbuf *b, char before, int64_t value)
{
    char text[] = {before, (char)('0' + value / 10), (char)('0' + value % 10)};
    strbuf_add(b, text, sizeof text);
}

/* A fraction of a million, as six digits. */
static void put_six(struct strbuf *b, int64_t rest)
{
    char text[7] = ".000000";
    for (int i = 6; i > 0; i--, rest /= 10)
        text[i] = (char)('0' + rest % 10);
    strbuf_add(b, text, sizeof text);
}

void tree_instant(struct strbuf *b, const char *key, int64_t us)
{
    const int64_t day_us = 86400 * CLOCK_SECOND;
    int64_t day = us / day_us - (us % day_us < 0), rest = us - day * day_us;
    int64_t second = rest / CLOCK_SECOND;
    begin(b, key);
    strbuf_addch(b, '"');
    day_print(b, day);
    put_two(b, 'T', second / 3600);
    put_two(b, ':', second / 60 % 60);
    put_two(b, ':', second % 60);
    if (rest % CLOCK_SECOND)
        put_six(b, rest % CLOCK_SECOND);
    strbuf_add(b, "Z\"", 2);
}

static void put_digits(struct strbuf *b, mpz_srcptr z)
{
    char few[64];
    if (mpz_fits_slong_p(z)) {
        strbuf_addint(b, mpz_get_si(z));
    } else if (mpz_sizeinbase(z, 10) + 2 <= sizeof few) {
        strbuf_addstr(b, mpz_get_str(few, 10, z));
    } else {
        char *many = mpz_get_str(NULL, 10, z);
        strbuf_addstr(b, many);
        free(many);
    }
}

void tree_whole(struct strbuf *b, const char *key, mpz_srcptr value)
{
    begin(b, key);
    strbuf_addch(b, '"');
    put_digits(b, value);
    strbuf_addch(b, '"');
}

void tree_number(struct strbuf *b, const char *key, mpq_srcptr value)
{
    begin(b, key);
    strbuf_addch(b, '"');
    put_digits(b, mpq_numref(value));
    if (mpz_cmp_ui(mpq_denref(value), 1) != 0) {
        strbuf_addch(b, '/');
        put_digits(b, mpq_denref(value));
    }
    strbuf_addch(b, '"');
}

/* The digits behind the point, from the rest of a division by den. */
static void put_part(struct strbuf *b, mpz_ptr rest, mpz_srcptr den, int digits)
{
    mpz_t digit;
    mpz_init(digit);
    strbuf_addch(b, '.');
    for (int i = 0; i < digits && mpz_sgn(rest); i++) {
        mpz_mul_ui(rest, rest, 10);
        mpz_tdiv_qr(digit, rest, rest, den);
        strbuf_addch(b, (char)('0' + mpz_get_ui(digit)));
    }
    mpz_clear(digit);
    while (b->buf[b->len - 1] == '0')
        b->buf[--b->len] = '\0';
    if (b->buf[b->len - 1] == '.')
        b->buf[--b->len] = '\0';
}

void tree_decimal(struct strbuf *b, const char *key, mpq_srcptr value, int digits)
{
    mpz_t whole, rest;
    begin(b, key);
    strbuf_addch(b, '"');
    mpz_inits(whole, rest, NULL);
    mpz_tdiv_qr(whole, rest, mpq_numref(value), mpq_denref(value));
    put_digits(b, whole);
    if (mpz_sgn(rest))
        put_part(b, rest, mpq_denref(value), digits);
    mpz_clears(whole, rest, NULL);
    strbuf_addch(b, '"');
}

void tree_seconds(struct strbuf *b, const char *key, int64_t us)
{
    begin(b, key);
    strbuf_addch(b, '"');
    strbuf_addint(b, us / CLOCK_SECOND);
    if (us % CLOCK_SECOND) {
        put_six(b, us % CLOCK_SECOND);
        while (b->buf[b->len - 1] == '0')
            b->buf[--b->len] = '\0';
    }
    strbuf_addch(b, '"');
}
