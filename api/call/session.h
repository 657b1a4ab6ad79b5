#pragma once
/*
 * Browser sessions: a random token in a cookie, of which the database stores only a hash, and a
 * CSRF token in each form that other sites cannot know. Sessions of readers last an hour, those of
 * staff a day; each kind has its own cookie name.
 */
#include "api/call/call.h"
#include "api/call/form.h"
#include "core/sign.h"

/* "__Host-amends-<kind>" if the public URL is https, otherwise (a trial on one machine)
 * "amends-<kind>": a __Host- cookie needs TLS. */
const char *session_cookie_name(const struct call *c, const char *kind);

/* Set-Cookie: HttpOnly, SameSite=Lax, Path=/. seconds 0 drops it. */
void session_set(struct call *c, const char *kind, const char *token, int seconds);

/* The token sent by the browser, or "". */
const char *session_token(struct call *c, const char *kind);

/* A new token, 256 random bits. */
const char *session_new_token(struct scope *s);

/* Its hash, as stored. */
void session_hash(const char *token, unsigned char ret[SIGN_HASH]);

/* The value of "csrf" in each form of the session. */
const char *session_csrf(const struct call *c, const char *token);

/* Check that a form without a session came from our own page: HTTP 403 if the browser says that
 * another site's did. By Sec-Fetch-Site, else by Origin, which is "null" from a page without
 * referrer, as those behind links are. A client that sends neither is no browser, and nobody can
 * make it post. */
enum rc session_check_site(struct call *c);

/* Check that the form came from our own page: by its Origin (RFC 6454) alone before there is a
 * session, otherwise also by its csrf. HTTP 403. */
enum rc session_check_origin(struct call *c);
enum rc session_check_form(struct call *c, const char *token, const struct form *form);

/* 303 to one of our paths, not cacheable. */
enum rc session_see_other(struct call *c, const char *target);
