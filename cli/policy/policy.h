#pragma once
/* Verbs of `amends policy` with a file of their own, and what they share. */
#include "cli/command.h"

extern const char *policy_given_locale; /* --locale */

/* The options of dry-run. */
extern struct policy_dry_run {
    const char *from; /* date or RFC 3339; NULL: a year ago */
    const char *to;   /* the same; NULL: now */
    const char *against, *format;
} policy_dry_run_given;

/* The JSON in a file, owned by s. */
enum rc policy_file(struct scope *s, const char *name, json_t **ret);

/* Run fn for the policy, or each of an array of policies, in the file in->arg. number: from 1. */
enum rc each_policy(struct scope *s, struct invocation *in,
    enum rc (*fn)(struct scope *s, struct invocation *in, json_t *policy, size_t number));

/* {gives, rows, counts, limits, example} in policy_given_locale, owned by s. RC_INVALID: what lint
 * refuses. */
enum rc policy_words_of(struct scope *s, const json_t *policy, json_t **ret);

/* Print them. */
void policy_words_show(const json_t *words);

enum rc policy_library(struct scope *s, struct invocation *in);     /* [NAME] */
enum rc policy_words_print(struct scope *s, struct invocation *in); /* FILE|NAME */
enum rc policy_dry_run(struct scope *s, struct invocation *in);     /* FILE|NAME */
