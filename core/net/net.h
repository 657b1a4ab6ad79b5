#pragma once
/*
 * Outgoing HTTP through libcurl, and the guard that keeps addresses given by
 * strangers (webhooks, Slack URLs) away from our own network:
 * RFC 6890 lists the ranges; OWASP, "Server-Side Request Forgery Prevention" the ways around.
 *
 * The guard checks the address that a socket is about to connect to, not the name, since a name may
 * resolve to another address at any time. Only curl's own parser reads URLs, because
 * `http://127.0.0.1:80\@evil` means different hosts to different parsers.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "core/scope.h"
#include "core/strbuf.h"

/* Calls curl_global_init, once per process. Call it on any thread before its first handle. */
void net_start(void);

/* True for a global unicast address to which we may connect; false for private, shared, loopback,
 * link-local, benchmark, multicast and translated ranges, and for any family but IPv4 and IPv6. */
bool net_is_public(const struct sockaddr *address);
/* 127.0.0.0/8 or ::1. */
bool net_is_loopback(const struct sockaddr *address);

/* The hosts that a transfer may reach; must live as long as the handle. */
struct net_guard {
    bool allow_loopback; /* loopback, also by http and on any port */
    bool allow_private;  /* any address: the operator named the host, not a stranger */
    bool refused;        /* set when an address was refused */
};

/* May this URL be stored and fetched? https on port 443 or 8443 without user or password;
 * with allow_loopback also http or https to localhost or a literal loopback address on any
 * port. The message of RC_INVALID never repeats the URL. */
enum rc net_url_check(struct scope *s, const char *url, bool allow_loopback);

/* Does the word of len bytes name the host? ".example.com" names those under example.com, "*" any.
 */
bool net_host_is(const char *word, size_t len, const char *host);

/* Guard an easy handle: no proxy, no redirects, http(s) only; the address is checked per new socket
 * and again before the request is sent. */
void net_guard_apply(CURL *curl, struct net_guard *guard);

/* A response body with a ceiling: CURLOPT_WRITEFUNCTION with a struct strbuf as its
 * CURLOPT_WRITEDATA. Bytes beyond the strbuf's max are read and discarded. */
size_t net_body(char *bytes, size_t size, size_t n, void *strbuf);

/* POST a form and read the response into ret (its max is the ceiling) within 15 s. Sends user and
 * password as basic authentication unless user is NULL. *ret_status: the HTTP status. RC_UPSTREAM
 * without a response; its message contains neither URL nor form. Blocks. */
enum rc net_post_form(struct scope *s, const char *url, struct net_guard *guard, const char *form,
    const char *user, const char *password, struct strbuf *ret, int *ret_status);

/* POST JSON with a bearer token (RFC 6750) in the same way, but within ms. */
enum rc net_post_json(struct scope *s, const char *url, struct net_guard *guard, const char *json,
    const char *bearer, int ms, struct strbuf *ret, int *ret_status);

/* GET a URL into ret in the same way. */
enum rc net_get(
    struct scope *s, const char *url, struct net_guard *guard, struct strbuf *ret, int *ret_status);

/* Append text as a value of a form (application/x-www-form-urlencoded). */
void net_form_value(struct strbuf *b, const char *text);
