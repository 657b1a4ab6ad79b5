#pragma once
/*
 * The explanation of a line, written as JSON at once: an explanation costs more than the amount
 * that it explains, so no values are built to be printed later.
 *
 *     tree_open(&b, NULL, '{');
 *     tree_number(&b, "sum", amount);
 *     tree_open(&b, "windows", '[');
 *     ...
 *     tree_close(&b, ']');
 *     tree_close(&b, '}');
 *
 * key NULL: an element of a list, or the whole.
 */
#include <gmp.h>
#include <stdbool.h>

#include "core/strbuf.h"

void tree_open(struct strbuf *b, const char *key, char bracket);
void tree_close(struct strbuf *b, char bracket);

void tree_text(struct strbuf *b, const char *key, const char *text);
void tree_int(struct strbuf *b, const char *key, int64_t value);
void tree_bool(struct strbuf *b, const char *key, bool value);
void tree_day(struct strbuf *b, const char *key, int64_t day);    /* "2018-05-01" */
void tree_instant(struct strbuf *b, const char *key, int64_t us); /* RFC 3339, UTC */

/* "12", or in lowest terms "10/3". */
void tree_number(struct strbuf *b, const char *key, mpq_srcptr value);
/* Cut off after that many digits, without zeros at the end. value is not below 0. */
void tree_decimal(struct strbuf *b, const char *key, mpq_srcptr value, int digits);
/* Seconds, of microseconds. */
void tree_seconds(struct strbuf *b, const char *key, int64_t us);
/* Digits. */
void tree_whole(struct strbuf *b, const char *key, mpz_srcptr value);
