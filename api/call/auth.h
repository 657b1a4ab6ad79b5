#ifndef API_CALL_AUTH_H
#define API_CALL_AUTH_H
/*
 * API keys: `amends_<id>_<secret>`. Only the SHA-256 of the secret is stored, which
 * is enough because the secret has 256 random bits. A verified key is remembered in this
 * process until the database tells that keys have changed, and for five seconds at most: so
 * long a revoked one lives where that word is lost.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/db/db.h"
#include "core/scope.h"

struct key {
    int64_t id;
    const char *public_id;
    const char *actor;  /* who, for the audit log: "key:<public id>", "staff:<login>" */
    const char *scopes; /* separated and surrounded by spaces */
};

/* Authorization header value to key, owned by s. RC_DENIED without saying why. */
enum rc auth_key(struct scope *s, struct db *db, const char *authorization, const struct key **ret);

/* Forget keys when they change: a thread, while the api runs. */
struct watch *auth_watch(const char *database_url);

/* 'admin' may all; `<resource>:write` includes `<resource>:subscribe`. */
bool auth_may(const struct key *key, const char *scope);

/* The scopes that exist, NULL-terminated. */
extern const char *const auth_scopes[];

struct new_key {
    const char *name;
    struct texts scopes;
    int64_t expires_at; /* SHAPE_NONE: never */
    int64_t maker;      /* key of who makes it, whose owner owns it; 0: the command line */
};

/* Store a new key; *ret_key is shown once and never again. */
enum rc auth_create(
    struct scope *s, struct db *db, const struct new_key *in, int64_t *ret_id, char **ret_key);

#endif
