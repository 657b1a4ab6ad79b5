#ifndef API_CALL_SESSION_H
#define API_CALL_SESSION_H
/*
 * What keeps a browser known: a random token in a cookie, of which the database holds a
 * hash only, and a token in each form that another site can not know. Readers have
 * sessions of an hour, staff of a day; each kind has a cookie of its own name.
 */
#include "api/call/call.h"
#include "api/call/form.h"
#include "core/sign.h"

/* "__Host-amends-<kind>" where the public URL is https, else (a trial on one machine)
 * "amends-<kind>": a __Host- cookie needs TLS. */
const char *session_cookie_name(const struct call *c, const char *kind);

/* Set-Cookie: HttpOnly, SameSite=Lax, Path=/. seconds 0 drops it. */
void session_set(struct call *c, const char *kind, const char *token, int seconds);

/* The token that the browser sent, or "". */
const char *session_token(struct call *c, const char *kind);

/* A new token, 256 random bits. */
const char *session_new_token(struct scope *s);

/* Its hash, as stored. */
void session_hash(const char *token, unsigned char ret[SIGN_HASH]);

/* What each form of the session carries as "csrf". */
const char *session_csrf(const struct call *c, const char *token);

/* That the form came from our own page: by its Origin (RFC 6454) alone, where nobody has a
 * session yet, or by that and its csrf. HTTP 403. */
enum rc session_check_origin(struct call *c);
enum rc session_check_form(struct call *c, const char *token, const struct form *form);

/* 303 to a path of ours, kept by nobody. */
enum rc session_see_other(struct call *c, const char *target);

#endif
