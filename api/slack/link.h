#pragma once
/*
 * A Slack user is linked with a member of staff once: /amends gives an unknown user a signed link
 * of ten minutes; the member of staff opens it, signed in to the console, and confirms. Both admins
 * and the person are told (staff_record). A link that ended cannot be made again by an older token.
 */
#include "api/slack/caller.h"

enum { SLACK_LINK_MINUTES = 10 };

/* The address of the console's page for the caller, owned by c->s. RC_INVALID: no ids of Slack. */
enum rc slack_link_url(struct call *c, const struct slack_caller *caller, const char **ret);

/* What an unknown caller reads instead, mrkdwn with that address. */
enum rc slack_link_words(struct call *c, const struct slack_caller *caller, const char **ret);

/* The caller of a token, and when it was made (us). HTTP 404: invalid or expired. */
enum rc slack_link_open(
    struct call *c, const char *token, struct slack_caller *ret, int64_t *ret_made);

/* Link the caller with c->staff. HTTP 409: somebody else is linked, or the token was used. */
enum rc slack_link_make(struct call *c, const struct slack_caller *caller, int64_t made);

/* End a link, of the person staff or of anybody (SHAPE_NONE). RC_NOT_FOUND: there is none. */
enum rc slack_link_end(struct call *c, int64_t id, int64_t staff);

/* A present link. */
struct slack_link {
    int64_t id;
    const char *login, *user, *user_name, *team, *team_name;
    int64_t linked_at;
};
/* Those of a person: struct slack_link. */
enum rc slack_link_of(struct call *c, int64_t staff, struct list *ret);
