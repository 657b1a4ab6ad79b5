#pragma once
/*
 * The checks of settings that each role makes before it starts, as a table per role (api/checks.h,
 * notifier/checks.h, billing/billing.h). `amends doctor` runs the same tables, so it cannot pass a
 * setting that a role refuses.
 *
 *     const struct settings_check billing_checks[] = {SETTINGS_SHARED, {0}};
 *     TRY(settings_check_all(s, config, billing_checks));
 */
#include "core/config.h"

struct settings_check {
    const char *setting;
    enum rc (*run)(struct scope *s, const struct config *config);
    const char
        *waits; /* "e-mail waits", while the setting is wrong; NULL: the role does not start */
    const char *advice; /* for amends doctor; NULL: correct the setting */
};

/* Run one check; the fault of RC_INVALID has the setting as its field. */
enum rc settings_check(
    struct scope *s, const struct config *config, const struct settings_check *check);

/* RC_INVALID for the first setting that keeps the role from starting. */
enum rc settings_check_all(
    struct scope *s, const struct config *config, const struct settings_check *checks);

/* RC_INVALID for the first setting with this consequence. */
enum rc settings_check_waiting(struct scope *s, const struct config *config,
    const struct settings_check *checks, const char *waits);

/* Call fn for each word of a list separated by spaces, until one is refused. */
enum rc settings_words(struct scope *s, const char *list,
    enum rc (*fn)(struct scope *s, const struct config *config, char *word),
    const struct config *config);

/* Checks of several roles. */
enum rc settings_database_url(struct scope *s, const struct config *config);
enum rc settings_public_url(struct scope *s, const struct config *config); /* "": valid */
enum rc settings_key_file(struct scope *s, const struct config *config);
enum rc settings_readable(struct scope *s, const char *path); /* "": valid */

#define SETTINGS_SHARED \
    {"database_url", settings_database_url, NULL, NULL}, \
    { \
        "key_file", settings_key_file, NULL, \
            "give every role the same file, and back it up: links and secrets depend on it" \
    }
