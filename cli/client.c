#include "cli/client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/strbuf.h"

enum { LINE_MAX_BYTES = 4096, PROBLEM_MAX = 1024 * 1024, REPLY_MAX = 64 * 1024 * 1024 };

const char *client_read_line(struct scope *s, const char *dir, const char *name)
{
    FILE *file = fopen(scope_printf(s, "%s/%s", dir, name), "re");
    if (!file)
        return NULL;
    char *line = scope_alloc(s, LINE_MAX_BYTES);
    bool read = fgets(line, LINE_MAX_BYTES, file);
    fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    return read ? line : NULL;
}

enum rc client_open(struct scope *s, const char *dir, struct client *ret)
{
    const char *url = getenv("AMENDS_URL"), *key = getenv("AMENDS_KEY");
    if (!url)
        url = client_read_line(s, dir, "url");
    if (!key)
        key = client_read_line(s, dir, "admin.key");
    if (!url || !key)
        return fail(s, RC_INVALID,
            "neither AMENDS_URL and AMENDS_KEY nor an amends up on %s provide %s", dir,
            url ? "the API key" : "its URL");
    *ret = (struct client){.url = url, .key = key};
    return RC_OK;
}

struct reply {
    CURL *easy;
    FILE *out;
    struct strbuf problem;
};

static size_t take(char *bytes, size_t size, size_t n, void *arg)
{
    struct reply *reply = arg;
    long status = 0;
    curl_easy_getinfo(reply->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 300)
        return fwrite(bytes, size, n, reply->out);
    strbuf_add(&reply->problem, bytes, size * n);
    return size * n;
}

static enum rc rc_of(long status)
{
    switch (status) {
    case 401:
    case 403:
        return RC_DENIED;
    case 404:
        return RC_NOT_FOUND;
    case 409:
        return RC_CONFLICT;
    case 429:
    case 503:
        return RC_RETRY;
    default:
        return status < 500 ? RC_INVALID : RC_INTERNAL;
    }
}

/* A problem document (RFC 9457) as text, one line per field. */
static enum rc refusal(struct scope *s, long status, const struct strbuf *problem)
{
    json_t *json = NULL;
    SCOPE(inner);
    if (json_parse(inner, problem->buf, problem->len, &json) != RC_OK)
        return fail(s, rc_of(status), "the API returned %ld", status);
    const char *detail = json_get_text(json, "detail");
    STRBUF(b, PROBLEM_MAX);
    strbuf_addstr(&b, detail ? detail : "refused");
    size_t i;
    json_t *error;
    json_array_foreach(json_object_get(json, "errors"), i, error)
    {
        const json_t *line = json_object_get(error, "line");
        if (line)
            strbuf_addf(&b, "\n  line %lld: %s: %s", (long long)json_integer_value(line),
                json_get_text(error, "field"), json_get_text(error, "detail"));
    }
    return fail(s, rc_of(status), "%s", b.buf);
}

static void set_body(CURL *easy, const struct client_request *request)
{
    if (request->upload) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_READDATA, request->upload);
        /* Length unknown in advance: send in chunks. */
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)-1);
    } else if (request->body) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->verb);
}

/* A progress line that overwrites itself, only on a terminal. */
static int show_progress(
    void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
    int64_t *began = arg;
    (void)down_total;
    (void)down;
    (void)up_total;
    int64_t seconds = (clock_monotonic() - *began) / CLOCK_SECOND;
    if (seconds > 0)
        fprintf(stderr, "\r\033[K%.1f MB sent, %lld s", (double)up / 1e6, (long long)seconds);
    return 0;
}

static void set_progress(CURL *easy, const struct client_request *request, int64_t *began)
{
    *began = clock_monotonic();
    if (!request->progress || !isatty(STDERR_FILENO))
        return;
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, show_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, began);
}

static void free_easy(CURL **easy)
{
    curl_easy_cleanup(*easy);
}

static void free_headers(struct curl_slist **headers)
{
    curl_slist_free_all(*headers);
}

enum rc client_send(
    struct scope *s, const struct client *client, const struct client_request *request, FILE *out)
{
    CLEANUP(free_easy) CURL *easy = curl_easy_init();
    CLEANUP(free_headers) struct curl_slist *headers = NULL;
    headers = curl_slist_append(headers, scope_printf(s, "Authorization: Bearer %s", client->key));
    headers = curl_slist_append(headers,
        scope_printf(s, "Content-Type: %s", request->type ? request->type : "application/json"));
    headers = curl_slist_append(headers, "Expect:");
    if (!easy || !headers)
        abort();
    struct reply reply = {.easy = easy, .out = out, .problem = STRBUF_INIT(PROBLEM_MAX)};
    int64_t began;
    set_body(easy, request);
    set_progress(easy, request, &began);
    curl_easy_setopt(easy, CURLOPT_URL, scope_printf(s, "%s%s", client->url, request->path));
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &reply);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)request->seconds);
    CURLcode code = curl_easy_perform(easy);
    if (request->progress && isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K");
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    enum rc rc = RC_OK;
    if (code != CURLE_OK)
        rc = fail(s, RC_UPSTREAM, "%s: %s", client->url, curl_easy_strerror(code));
    else if (status >= 300)
        rc = refusal(s, status, &reply.problem);
    strbuf_release(&reply.problem);
    return rc;
}

static void free_text(void *text)
{
    free(text);
}

enum rc client_call(struct scope *s, const struct client *client,
    const struct client_request *request, json_t **ret)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        abort();
    enum rc rc = client_send(s, client, request, out);
    fclose(out);
    scope_defer(s, free_text, text);
    TRY(rc);
    if (len > REPLY_MAX)
        return fail(s, RC_UPSTREAM, "the reply is larger than %d bytes", REPLY_MAX);
    return json_parse(s, text, len, ret);
}

enum rc client_get(struct scope *s, const struct client *client, const char *path, json_t **ret)
{
    return client_call(s, client, &(struct client_request){.verb = "GET", .path = path}, ret);
}

enum rc client_post(
    struct scope *s, const struct client *client, const char *path, json_t *body, json_t **ret)
{
    const struct client_request request = {
        .verb = "POST", .path = path, .body = body ? json_text(s, json_own(s, body)) : NULL};
    return client_call(s, client, &request, ret);
}

const char *client_path(struct scope *s, const char *format, const char *value)
{
    char *escaped = curl_easy_escape(NULL, value, 0);
    const char *path = scope_printf(s, format, escaped ? escaped : "");
    curl_free(escaped);
    return path;
}
