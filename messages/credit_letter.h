#pragma once
/*
 * The letter about credits; CONTEXT.md describes its context. The notifier renders it with markers
 * for values that differ per recipient, the api with the values of one account.
 */
#include <jansson.h>
#include <stdint.h>

#include "templates/engine/template.h"

struct credit_cause {
    int64_t id;
    const char *ref, *title, *title_in; /* title_in: its translations, JSON; or NULL */
    int64_t from_at, to_at;             /* us; SHAPE_NONE: unknown, or not over */
    bool postmortem;
    bool listed; /* it has a public page */
};

/* NULL without one. */
struct credit_letter {
    const char *public_url, *locale, *timezone;
    const char *contact_name, *account_name, *account_ref;
    const char *credit_id, *amount_text, *currency, *days, *why_text;
    const char *statement_url, *review_url, *expected_by;
    const char *page_url; /* the page of the account */
    const struct credit_cause *causes;
    size_t n_causes;
    const char *selection; /* "3,17": ids of its causes, "0": none; NULL: all */
};

/* Put account, contact and credit into root. */
void credit_letter_put(struct scope *s, const struct credit_letter *letter, json_t *root);

/* The amounts of messages/sql/credit_letter.sql as text: "12.50 EUR + 300 JPY". */
char *credit_letter_amounts(struct scope *s, const char *amounts, const char *locale);

/* The variant of extra.variants for a reader of locale (templates/translation.h); without one,
 * *subject and *body stay. */
void credit_letter_choose(
    const json_t *extra, const char *locale, const char **subject, const char **body);

/* The day, YYYY-MM-DD, extra.expected_in_days after an instant; NULL without that member. */
const char *credit_letter_expected(struct scope *s, const json_t *extra, int64_t from);

/* Render a text written by staff, itself a template over root. RC_INVALID names it by name. */
enum rc letter_text(struct scope *s, const char *name, const char *text, enum escape escape,
    const json_t *root, const char **ret);

/* Whether a text renders without a hole over root: RC_INVALID names a merge field that is empty
 * outside a section of its own. */
enum rc letter_full(struct scope *s, const char *text, const json_t *root);

/* Check that both texts render with any combination of present and missing values. RC_INVALID on
 * the field PREFIXsubject or PREFIXbody, naming an unknown merge field. credit: a letter about
 * credits; otherwise a notice to subscribers. */
enum rc letter_check(
    struct scope *s, const char *prefix, const char *subject, const char *body, bool credit);
