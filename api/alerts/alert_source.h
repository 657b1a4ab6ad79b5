#pragma once
/* A source of alerts as alert_sources.c adds it and alert_source_change.c changes it. */
#include "api/alerts/alerts.h"
#include "api/signatures/hook_source.h"

/* Of a new source, and of a change: there what is absent stays as it is. */
struct new_alert_source {
    const char *name, *format;
    const json_t *document;
    const char *secret;
    struct texts topics, former_names;
    int64_t per_minute;
};

struct alert_source_made {
    int64_t id;
    const char *name, *format, *secret, *url;
};

/* Whether a whole source can be stored; *ret is its format. RC_INVALID names the field. */
enum rc alert_source_check(
    struct scope *s, const struct new_alert_source *in, const struct alert_format **ret);

/* Set made->format, ->secret (a given one, or NULL: a new token) and ->url. RC_INVALID: the given
 * one does not fit. made->name is set. */
enum rc alert_source_fill(struct call *c, const struct alert_format *format, const char *secret,
    struct alert_source_made *made);

/* Answer with a source as the API shows it, also within a transaction that changes it.
 * RC_NOT_FOUND: none has the name. */
enum rc alert_source_reply(struct call *c, const char *name);
