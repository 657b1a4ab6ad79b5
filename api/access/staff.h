#pragma once
/*
 * The people with access to the console: roles, passwords, one-time codes and sessions.
 *
 * A session stands for the person's own key (migrations/0009_access.sql), with the scopes of their
 * roles. Passwords are argon2id (libsodium), codes TOTP (RFC 6238, liboath), each valid once.
 * Sign-ins are limited per login and per address after five failures in 15 minutes.
 */
#include "api/call/auth.h"
#include "api/call/call.h"
#include "api/call/roles.h"

#define STAFF_COOKIE "staff"

enum { STAFF_SESSION_SECONDS = 12 * 3600 };

struct staff {
    int64_t id;
    int64_t key_id;
    const char *login;
    const char *name;
    const char *email;   /* or NULL */
    const char *phone;   /* or NULL */
    struct texts alerts; /* channels for alerts about overdue promises: email, sms */
    const char *locale;
    const char *timezone;
    struct texts roles;
    bool totp;           /* has a second factor */
    bool password;       /* has chosen one: otherwise signs in by OpenID Connect alone */
    const char *session; /* the cookie's token */
};

/* The columns of a person p of table staff, for a struct staff. */
#define STAFF_COLUMNS \
    "p.id, p.key_id, p.login, p.name, p.email, p.phone, p.alerts, p.locale, p.timezone, p.roles," \
    " p.totp_secret IS NOT NULL AS totp, p.password_hash IS NOT NULL AS password"
extern const struct shape staff_row_shape;

/* Let the rest of the call act as the person, under their key: sets c->staff and c->key. */
void staff_act_as(struct call *c, const struct staff *staff);

/* The person of the session's cookie. */
extern const struct staff_guard staff_guard;

/* The page after signing in: "next" of the form if it is a page of the console, otherwise the first
 * page. */
struct form;
const char *staff_next(const struct form *form);

/* Start a session and set its cookie, always with a new token. */
enum rc staff_begin(struct call *c, int64_t staff_id);

/* Add a person. RC_CONFLICT on login. */
struct new_staff;
enum rc staff_add(struct scope *s, struct db *db, const struct new_staff *in, int64_t *ret_id);
/* Mail a link to choose a password, valid for three days, to the person alone, and record that.
 * RC_INVALID on "email". Call it within a transaction. */
enum rc staff_invite(struct scope *s, struct db *db, int64_t id, const char *actor);
/* Record a change of a person's access in the audit log, and report it to all admins
 * and the person.
 * detail: JSON or NULL. Call it within the transaction of the change. */
enum rc staff_record(struct scope *s, struct db *db, const char *actor, const char *action,
    int64_t id, const char *detail);

struct new_staff {
    const char *login;
    const char *name;
    const char *email;
    struct texts roles;
};
extern const struct shape new_staff_shape;
