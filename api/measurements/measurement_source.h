#pragma once
/* A source of counters as measurement_sources.c adds it and measurement_source_change.c changes it.
 */
#include "api/measurements/measurements.h"
#include "api/signatures/hook_source.h"

/* Of a new source, and of a change: there what is absent stays as it is. */
struct new_measurement_source {
    const char *name, *component, *component_label;
    struct texts labels, scope_labels, former_names;
    int64_t per_minute;
    struct list match, bad;
};

struct measurement_source_made {
    int64_t id;
    const char *name, *secret, *url;
};

/* What the database knows of the fields; NULL and SHAPE_NONE: not given. */
struct source_check {
    const char *match, *bad; /* JSON */
    int64_t component;
};
enum rc measurement_source_check(struct scope *s, struct db *db,
    const struct new_measurement_source *in, struct source_check *ret);

/* With a new token and the URL, all but its id. */
struct measurement_source_made measurement_source_make(const struct call *c, const char *name);

/* Answer with a source as the API shows it, also within a transaction that changes it.
 * RC_NOT_FOUND: none has the name. */
enum rc measurement_source_reply(struct call *c, const char *name);
