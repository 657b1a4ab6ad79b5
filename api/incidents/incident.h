#pragma once
/* Shared by incidents.c and updates.c: an update as returned by the API. */
#include "api/call/call.h"
#include "api/call/translations.h"
#include "api/incidents/incident_post.h"

extern const char *const impact_levels[]; /* without operational */

enum { POST_BODY_MAX = 32 * 1024 };

struct update {
    int64_t id;
    const char *state;
    const char *body, *affected_body, *translations; /* translations: JSON, or NULL */
    int64_t posted_at;
    int64_t next_update_at;
    const char *broadcast; /* JSON: id or null; NULL within an incident */
    int64_t held_post, publish_at;
};
extern const struct shape update_shape;

/* The translations of a new incident, of its title alone, and of an update. */
extern const struct shape post_texts_shape, title_texts_shape, update_texts_shape;

/* Refuse a text for the affected, in any language, of an incident without that audience: nobody
 * would read it. RC_INVALID on affected_body or translations.LANGUAGE.affected_body. */
enum rc affected_body_check(
    struct scope *s, const char *audience, const char *affected_body, const json_t *translations);

#define AFFECTED_BODY_FIELD \
    FIELD(TEXT, affected_body, .multiline = true, .min = 1, .max = POST_BODY_MAX, \
        .doc = "With audience both: what the affected read instead of the body, Markdown.")

/* In a request that replaces such a text. */
#define AFFECTED_BODY_CHANGE_FIELD \
    FIELD(TEXT, affected_body, .multiline = true, .min = -1, .max = POST_BODY_MAX, \
        .doc = "What the affected read instead of the body, in place of that so far, Markdown; " \
               "the empty text: none.")

/* posted_at of a request; default: now. RC_INVALID in the future. */
enum rc update_time(struct scope *s, int64_t posted_at, int64_t *ret);

/* Fail for a ref without an incident: RC_NOT_FOUND, or RC_CONFLICT while the post that opens it is
 * held. */
enum rc incident_missing(struct scope *s, struct db *db, const char *ref);

/* Reply with the incident of the path. posted: of a change, or NULL. */
enum rc reply_incident(struct call *c, const struct posted *posted);

/* The member "broadcast" of a reply: an id as JSON, or null. */
const char *posted_broadcast(struct scope *s, const struct posted *posted);

void update_fill(struct scope *s, const struct post *post, const struct posted *posted,
    struct update *ret, const char **ret_broadcast);
