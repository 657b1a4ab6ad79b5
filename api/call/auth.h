#pragma once
/*
 * API keys: `amends_<id>_<secret>`. Only the SHA-256 of the secret is stored, which is enough
 * because the secret has 256 random bits. This process caches a verified key until the database
 * reports a change of keys, and at most five seconds, the lifetime of a revoked key if that
 * notification is lost.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/db/db.h"
#include "core/scope.h"

struct key {
    int64_t id;
    int64_t account; /* 0, or the account to which it is bound: it opens /v1/account alone */
    const char *public_id;
    const char *actor;  /* actor for the audit log: "key:<public id>", "staff:<login>" */
    const char *scopes; /* separated and surrounded by spaces; of a person's key, those of them that
                           the roles of the person have now */
};

/* The key of an Authorization header, owned by s. RC_DENIED without a reason. */
enum rc auth_key(struct scope *s, struct db *db, const char *authorization, const struct key **ret);

/* A thread that drops cached keys when they change, while the api runs. */
struct watch *auth_watch(const char *database_url);
/* Drop them now: to be called once a change of keys or roles is committed, before the reply, so
 * that the next request to this process sees it. Other processes follow by the notification. */
void auth_forget(void);

/* 'admin' includes all scopes; `<resource>:write` includes `<resource>:subscribe`. */
bool auth_may(const struct key *key, const char *scope);

/* All scopes, NULL-terminated. */
extern const char *const auth_scopes[];

struct new_key {
    const char *name;
    struct texts scopes;
    int64_t expires_at;  /* SHAPE_NONE: never */
    int64_t maker;       /* key of the creator; 0: the command line */
    const char *owner;   /* login of its person; NULL: the person of the creator */
    const char *account; /* external_id of the account to which it is bound; NULL: none */
};

/* Store a new key; *ret_key is shown only once. RC_INVALID on "owner", "account" or
 * "scopes". */
enum rc auth_create(
    struct scope *s, struct db *db, const struct new_key *in, int64_t *ret_id, char **ret_key);
