#pragma once
/* The letter of a run: who gets it, its values, and whether it has holes. */
#include <jansson.h>

#include "api/call/call.h"

struct run_letter {
    const char *subject;
    const char *body;
    const json_t *variants;
    int64_t expected_in_days;
    int64_t hold_seconds;
    int64_t per_minute;
    const char *account;
    const char *locale;
    const char *to;
};

/* The values of the letter to an account's first contact. */
struct addressee {
    int64_t contact, credit_id, contacts; /* contacts: with such a letter */
    const char *contact_name, *locale, *timezone, *account_name, *account_ref, *currency;
    const char *amounts, *why, *days, *selection;
    const char *accounts; /* examples of such contacts' accounts: "acct-1, acct-2" */
};

/* The first contact of an account, or of the first credited account with one. RC_INVALID on
 * account. */
enum rc run_letter_addressee(
    struct call *c, int64_t run, const char *account, struct addressee *ret);

/* The context of its letter in a language; owned by c->s. */
enum rc run_letter_context(struct call *c, int64_t run, const struct addressee *addressee,
    const char *locale, const struct run_letter *in, json_t **ret);

/* The letter in the broadcast's extra. */
json_t *run_letter_extra(struct scope *s, const struct run_letter *in);

/* RC_INVALID on subject, body or a variant of them if a merge field would be empty in a letter; the
 * error names the field and accounts. Reads the facts of all letters only if one may have holes. */
enum rc run_letter_holes(struct call *c, int64_t run, const struct run_letter *in);

/* JSON: [{locale, contacts, written}], the languages of the contacts, most contacts first. */
enum rc run_letter_languages(
    struct call *c, int64_t run, const struct run_letter *in, const char **ret);
