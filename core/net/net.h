#ifndef CORE_NET_NET_H
#define CORE_NET_NET_H
/*
 * Outgoing HTTP through libcurl, and the guard that keeps addresses given by
 * strangers (webhooks, Slack URLs) away from our own network:
 * RFC 6890 lists the ranges; OWASP, "Server-Side Request Forgery Prevention" the ways around.
 *
 * The guard judges the address that a socket is about to connect to, not the
 * name: a name may resolve to anything at any moment. Only curl's own parser
 * judges a URL, because `http://127.0.0.1:80\@evil` means different hosts to
 * different parsers.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "core/scope.h"
#include "core/strbuf.h"

/* curl_global_init, once a process; any thread, before its first handle. */
void net_start(void);

/* A global unicast address that we may connect to. False for private, shared, loopback,
 * link-local, benchmark, multicast and translated ranges, and for any family but IPv4 and IPv6. */
bool net_is_public(const struct sockaddr *address);
/* 127.0.0.0/8 or ::1. */
bool net_is_loopback(const struct sockaddr *address);

/* Who may be reached by a transfer; lives as long as the handle. */
struct net_guard {
    bool allow_loopback; /* loopback, by http too and on any port */
    bool allow_private;  /* any address: the operator named the host, not a stranger */
    bool refused;        /* set when an address was refused */
};

/* May this URL be stored and fetched? https on port 443 or 8443 without user or password;
 * with allow_loopback also http or https to localhost or a literal loopback address on any
 * port. RC_INVALID says what is wrong and never repeats the URL. */
enum rc net_url_check(struct scope *s, const char *url, bool allow_loopback);

/* Give an easy handle the guard: no proxy, no redirects, http(s) only, every new socket's
 * address checked, and checked again before the request is sent. */
void net_guard_apply(CURL *curl, struct net_guard *guard);

/* A response body with a ceiling: CURLOPT_WRITEFUNCTION with a struct strbuf as its
 * CURLOPT_WRITEDATA. What is over the strbuf's max is read and thrown away. */
size_t net_body(char *bytes, size_t size, size_t n, void *strbuf);

/* POST a form and read the answer into ret (its max is the ceiling), within 15 s. user may be
 * NULL, else user and password are sent as basic authentication. *ret_status: of HTTP.
 * RC_UPSTREAM when there is no answer; the URL and the form are never told. Blocks. */
enum rc net_post_form(struct scope *s, const char *url, struct net_guard *guard, const char *form,
    const char *user, const char *password, struct strbuf *ret, int *ret_status);

/* GET into ret, the same way. */
enum rc net_get(
    struct scope *s, const char *url, struct net_guard *guard, struct strbuf *ret, int *ret_status);

/* Append text as a value of a form (application/x-www-form-urlencoded). */
void net_form_value(struct strbuf *b, const char *text);

#endif
