#pragma once
/* The content of a broadcast, read from the database once; templates/CONTEXT.md describes it for
 * templates. A text has its translations beside it, as JSON: title_in, body_in, name_in
 * (templates/translation.h). affected: what the affected read instead of the body, or NULL. */
#include "messages/broadcast.h"

/* auto: the label that replaces the body of an automatic update, or NULL. */
struct facts_update {
    int64_t id;
    const char *state, *body, *affected, *body_in, *auto_text;
    int64_t posted_at;
};

struct facts_component {
    const char *slug, *name, *name_in,
        *level; /* level NULL: operational at the time of the update */
};

struct facts_incident {
    const char *ref, *title, *title_in, *kind, *state, *body, *body_in, *auto_text;
    const char *affected;                    /* the body for the affected, or NULL */
    const char *worst;                       /* previous level, or NULL */
    const char *covers;                      /* of a post-mortem of several, JSON; or NULL */
    int64_t scheduled_from, scheduled_until; /* of a maintenance, or SHAPE_NONE */
    int64_t update_id, posted_at, started_at;
    int64_t next_update_at; /* SHAPE_NONE: not promised */
    bool listed;            /* it has a public page */
};

/* One update of a digest; updates of the same incident are adjacent, oldest first. */
struct facts_news {
    int64_t incident_id;
    const char *ref, *title, *title_in, *kind, *state,
        *now; /* state: of the update; now: of the incident */
    const char *body, *affected, *body_in, *auto_text;
    int64_t posted_at;
    bool listed; /* it has a public page */
};

struct facts {
    const char *brand;              /* as published, JSON (look_site) */
    struct facts_incident incident; /* of an update */
    struct list components;         /* struct facts_component */
    struct list timeline;           /* struct facts_update, newest first */
    struct list news;               /* of a digest: struct facts_news */
    struct list causes;             /* of a credit notice: struct credit_cause */
};

/* The brand as published, JSON. */
enum rc facts_brand(struct scope *s, struct db *db, const char **ret);

/* Load b->facts, owned by b, unless it is already there. */
enum rc facts_read(struct scope *s, struct db *db, struct broadcast *b);
