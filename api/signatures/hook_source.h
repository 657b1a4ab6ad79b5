#pragma once
/*
 * What sources of alerts and of measurements have in common: a name, which is in the URL of their
 * hook, and a secret. A source may be renamed: its former names still lead to it, so that what
 * sends to it goes on, until they are ended. No two sources of a kind share one of their names.
 */
#include "api/call/call.h"
#include "api/signatures/hook_secret.h"

struct hook_source_kind; /* hook_source.c */
extern const struct hook_source_kind hook_alert_source, hook_measurement_source;

/* The limits and the sense of a name, in the shapes of both. */
#define HOOK_SOURCE_NAME(...) \
    FIELD(TEXT, name, .min = 1, .max = 64, \
        .doc = "In its URL: lower-case letters, digits, hyphens and underscores.", __VA_ARGS__)
#define HOOK_SOURCE_RENAME \
    FIELD(TEXT, name, .min = 1, .max = 64, \
        .doc = "Another name, and URL. The URL with the present one goes on working."), \
        FIELD(TEXTS, former_names, .max = 50, \
            .doc = "Those of its former names whose URLs go on working. Absent: all.")
#define HOOK_SOURCE_SHOWN \
    FIELD(TEXT, url, .doc = "Where it sends. Absent: an address that has the token."), \
        FIELD(TEXTS, former_names, .doc = "Former names, whose URLs still work."), \
        FIELD(TIME, previous_until, \
            .doc = "Time until which the secret before the last rotation works, too."), \
        FIELD(TIME, last_at, .doc = "Time of the last request."), \
        FIELD(TIME, created_at, .required = true, .doc = "Time at which it was added.")

/* RC_INVALID, field "name": it fits no URL. */
enum rc hook_source_name_check(struct scope *s, const char *name);

/* RC_CONFLICT, field "name": another source has it, or had it and its URL still works. */
enum rc hook_source_name_free(
    struct scope *s, struct db *db, const struct hook_source_kind *kind, const char *name);

/* RC_NOT_FOUND, naming the kind. */
enum rc hook_source_none(struct scope *s, const struct hook_source_kind *kind, const char *name);

/* Seal the secret of a source, and open it again. */
void hook_source_seal(struct scope *s, const struct call *c, const struct hook_source_kind *kind,
    const char *name, const char *secret, unsigned char **ret, size_t *ret_len);
enum rc hook_source_open(struct scope *s, const struct sign *keys,
    const struct hook_source_kind *kind, const char *name, const struct hook_sealed *sealed,
    struct hook_secret *ret);

/* Give the source of the path another secret; the previous one works for overlap_minutes. In a
 * transaction, with its audit row. RC_NOT_FOUND: none has the name. */
enum rc hook_source_rotate(struct scope *s, struct db *db, const struct call *c,
    const struct hook_source_kind *kind, const char *secret, int64_t overlap_minutes, int64_t *ret);

/* Rename the source of the path; NULL: it keeps its name. former: those of its former names that
 * go on working; at NULL: all. In a transaction. RC_INVALID and RC_CONFLICT name the field. */
enum rc hook_source_rename(struct scope *s, struct db *db, const struct call *c,
    const struct hook_source_kind *kind, const char *name, const struct texts *former);

/* Refuse a request above the limit of its source, until the next minute. */
enum rc hook_source_refuse(struct call *c);

/* DELETE of the source of the path. */
enum rc hook_source_delete(struct call *c, const struct hook_source_kind *kind);
