#include <stdlib.h>
#include <string.h>

#include "core/net/net.h"

enum { CONNECT_MS = 5000, WHOLE_MS = 15000 };

static void free_curl(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

/* A handle that writes the response to ret, within the timeouts. */
static CURL *prepare(const char *url, struct net_guard *guard, struct strbuf *ret)
{
    CURL *curl = curl_easy_init();
    if (!curl)
        abort();
    net_guard_apply(curl, guard);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "Amends/1");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)WHOLE_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, net_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, ret);
    return curl;
}

static enum rc perform(struct scope *s, CURL *curl, const struct net_guard *guard, int *ret_status)
{
    long status = 0;
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
        return fail(s, RC_UPSTREAM, "no answer: %s",
            guard->refused ? "the address is not allowed" : curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    *ret_status = (int)status;
    return RC_OK;
}

enum rc net_post_form(struct scope *s, const char *url, struct net_guard *guard, const char *form,
    const char *user, const char *password, struct strbuf *ret, int *ret_status)
{
    CLEANUP(free_curl) CURL *curl = prepare(url, guard, ret);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form);
    if (user) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERNAME, user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
    }
    return perform(s, curl, guard, ret_status);
}

static void free_lines(struct curl_slist **lines)
{
    curl_slist_free_all(*lines);
}

static void add_line(struct curl_slist **lines, const char *line)
{
    *lines = curl_slist_append(*lines, line);
    if (!*lines)
        abort();
}

enum rc net_post_json(struct scope *s, const char *url, struct net_guard *guard, const char *json,
    const char *bearer, int ms, struct strbuf *ret, int *ret_status)
{
    CLEANUP(free_lines) struct curl_slist *lines = NULL;
    CLEANUP(free_curl) CURL *curl = prepare(url, guard, ret);
    add_line(&lines, "Content-Type: application/json; charset=utf-8");
    add_line(&lines, scope_printf(s, "Authorization: Bearer %s", bearer));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, json);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)ms);
    return perform(s, curl, guard, ret_status);
}

enum rc net_get(
    struct scope *s, const char *url, struct net_guard *guard, struct strbuf *ret, int *ret_status)
{
    CLEANUP(free_curl) CURL *curl = prepare(url, guard, ret);
    return perform(s, curl, guard, ret_status);
}

void net_form_value(struct strbuf *b, const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    for (; *text; text++) {
        if (strchr(plain, *text))
            strbuf_addch(b, *text);
        else
            strbuf_addf(b, "%%%02X", (unsigned char)*text);
    }
}
