#pragma once
/* Shared by the files of the subscriber resource. */
#include "api/subscribers/address.h"
#include "api/call/call.h"

struct subscriber {
    int64_t id;
    const char *channel;
    const char *address;
    const char *state;
    const char *state_reason;
    int64_t paused_until;
    const char *locale;
    const char *timezone;
    const char *verbosity;
    const char *account;
    const char *components; /* JSON */
    const char *groups;     /* JSON */
    int64_t created_at;
    int64_t changed_at;
    const char *format; /* of a webhook */
    const char *owner;  /* e-mail address */
    const char *team;   /* of a Slack bot */
    const char *secret; /* of a new webhook, shown once */
};
extern const struct shape subscriber_shape;
extern const char *const verbosities[];
extern const char *const subscriber_states[]; /* of the schema */

/* Rows of subscriber_shape; a WHERE may follow. */
#define SUBSCRIBER_SELECT \
    "SELECT s.id, s.channel::text, s.address, s.state::text, s.state_reason," \
    "  s.paused_until, s.locale, s.timezone, s.verbosity::text, a.external_id AS account, " \
    "s.created_at, s.changed_at," \
    "  CASE WHEN s.channel = 'webhook' THEN s.format END AS format, s.owner," \
    "  s.slack_team AS team," \
    "  (SELECT coalesce(json_agg(c.slug ORDER BY c.slug), '[]') FROM subscription t" \
    "     JOIN component c ON c.id = t.target_id" \
    "    WHERE t.subscriber_id = s.id AND t.kind = 'component') AS components," \
    "  (SELECT coalesce(json_agg(g.slug ORDER BY g.slug), '[]') FROM subscription t" \
    "     JOIN component_group g ON g.id = t.target_id" \
    "    WHERE t.subscriber_id = s.id AND t.kind = 'group') AS groups" \
    "  FROM subscriber s LEFT JOIN account a ON a.id = s.account_id "

/* By id; RC_NOT_FOUND. */
enum rc subscriber_read(struct scope *s, struct db *db, int64_t id, struct subscriber *ret);

/* Replace a subscriber's subscriptions, or keep them if both lists are absent; fresh: both absent
 * means everything. Runs in the caller's transaction. */
enum rc subscriber_subscribe(struct scope *s, struct db *db, int64_t id,
    const struct texts *components, const struct texts *groups, bool fresh);

/* End a subscription with a consent row; *ret_ended: true unless it had already ended.
 * source: api, one-click, page. Safe to repeat. */
enum rc subscriber_end(struct scope *s, struct db *db, int64_t id, const char *source,
    const char *actor, bool *ret_ended);

extern const char *const subscriber_signings[]; /* v1, v1a */
extern const char *const subscriber_formats[];  /* amends, statuspage */

/* RC_INVALID on "owner"; ret: normalised, owned by s. */
enum rc subscriber_check_owner(struct scope *s, const char *owner, const char **ret);
/* RC_INVALID on "token" or "team" if malformed (NULL is fine). */
enum rc subscriber_check_bot(struct scope *s, bool bot, const char *token, const char *team);

struct endpoint_change {
    const char *format, *owner, *signing, *token, *team; /* NULL: unchanged; owner "": none */
};
/* Runs in the caller's transaction. A different signing creates a new secret in *ret_secret (owned
 * by the call), and the previous one also signs for a day. RC_INVALID names a field that does not
 * apply to this channel. */
enum rc subscriber_alter_endpoint(struct scope *s, struct db *db, const struct call *c,
    const struct subscriber *row, const struct endpoint_change *in, char **ret_secret);

/* Sign by v1 or v1a from now on; no change if it already does. */
enum rc subscriber_sign_by(struct scope *s, struct db *db, const struct call *c, int64_t id,
    const char *signing, char **ret_shown);

/* A new webhook signing secret (Standard Webhooks): whsec_ and base64. */
char *subscriber_secret(struct scope *s);
/* The same for v1a: whsk_ and base64, and whpk_ for the verifier. */
char *subscriber_keypair(struct scope *s, char **ret_public);

/* The key that verifies a webhook's signatures: whsec_ or whpk_. RC_CONFLICT: it has none. */
enum rc subscriber_secret_shown(
    struct scope *s, struct db *db, const struct api *api, int64_t id, const char **ret);
/* Rotate the secret, keeping its kind; the previous one also signs for a day. RC_CONFLICT: not a
 * webhook. */
enum rc subscriber_secret_rotate(struct call *c, int64_t id, char **ret_shown);

/* The version of the API's current wording, for the consent log. */
#define CONSENT_WORDING "api-1"
