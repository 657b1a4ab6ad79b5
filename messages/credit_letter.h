#ifndef MESSAGES_CREDIT_LETTER_H
#define MESSAGES_CREDIT_LETTER_H
/*
 * The letter about credits, as CONTEXT.md describes its context: rendered by the notifier with
 * markers for what differs a recipient, and by the api with an account's own values.
 */
#include <jansson.h>
#include <stdint.h>

#include "templates/engine/template.h"

struct credit_cause {
    int64_t id;
    const char *ref, *title;
    int64_t from_at, to_at; /* us; SHAPE_NONE: unknown, or not over */
    bool postmortem;
};

/* NULL where there is none. */
struct credit_letter {
    const char *public_url, *timezone;
    const char *contact_name, *account_name, *account_ref;
    const char *credit_id, *amount_text, *currency, *days, *why_text;
    const char *statement_url, *review_url, *expected_by;
    const struct credit_cause *causes;
    size_t n_causes;
    const char *selection; /* "3,17": ids of the causes that it tells of; NULL: all */
};

/* Put account, contact and credit into root. */
void credit_letter_put(struct scope *s, const struct credit_letter *letter, json_t *root);

/* Of messages/sql/credit_letter.sql: "1250 EUR;300 JPY", and lines "FROM|TO|MINOR|CURRENCY;...". */
char *credit_letter_amounts(struct scope *s, const char *amounts, const char *locale);
char *credit_letter_why(struct scope *s, const char *why, const char *locale);

/* The variant of extra.variants that fits the locale best, else what *subject and *body are. */
void credit_letter_choose(struct scope *s, const json_t *extra, const char *locale,
    const char **subject, const char **body);

/* The day, YYYY-MM-DD, that extra.expected_in_days after an instant is; NULL without one. */
const char *credit_letter_expected(struct scope *s, const json_t *extra, int64_t from);

/* Render what staff wrote: itself a template over root, then text for its place. name stands in
 * the failure, which is RC_INVALID. */
enum rc letter_text(struct scope *s, const char *name, const char *text, enum escape escape,
    const json_t *root, const char **ret);

/* Do both texts render, whatever is there and whatever is missing? RC_INVALID on the field
 * PREFIXsubject or PREFIXbody, naming an unknown merge field. credit: a letter about credits;
 * else a notice to subscribers. */
enum rc letter_check(
    struct scope *s, const char *prefix, const char *subject, const char *body, bool credit);

#endif
