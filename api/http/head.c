#include "api/http/head.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/http/head_lines.h"
#include "core/utf8.h"

struct reading {
    struct request *request;
    const char *host, *length, *encoding, *expect, *forwarded;
    struct head_lines lines;
    bool repeated; /* a singleton header */
    bool misnamed; /* a name that is not a token (RFC 9110 5.6.2) */
    bool control;  /* a control character in a value (RFC 9110 5.5) */
    bool binary;   /* a value that is looked up in the database is not UTF-8 */
};

struct place {
    const char *name;
    const char **value;
    bool once;
};

/* The destination of the value; NULL: unused. */
static struct place place_of(struct reading *reading, const char *name)
{
    struct request *r = reading->request;
    const struct place places[] = {
        {"Host", &reading->host, true},
        {"Content-Length", &reading->length, true},
        {"Transfer-Encoding", &reading->encoding, true},
        {"Authorization", &r->authorization, true},
        {"Content-Type", &r->content_type, false},
        {"Accept", &r->accept, false},
        {"Accept-Language", &r->accept_language, false},
        {"Accept-Encoding", &r->accept_encoding, false},
        {"Cookie", &r->cookie, false},
        {"Origin", &r->origin, false},
        {"Sec-Fetch-Site", &r->fetch_site, false},
        {"If-None-Match", &r->if_none_match, false},
        {"Idempotency-Key", &r->idempotency_key, false},
        {"Last-Event-ID", &r->last_event_id, false},
        {"Expect", &reading->expect, false},
        {"X-Forwarded-For", &reading->forwarded, false},
    };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (!strcasecmp(places[i].name, name))
            return places[i];
    for (size_t i = 0; i < REQUEST_SIGNATURES; i++)
        if (!strcasecmp(request_signatures[i], name))
            return (struct place){.value = &r->signature[i]};
    return (struct place){0};
}

static bool is_token(const char *name)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    const char *p = name;
    while (*p && (strchr(marks, *p) || (*p >= '0' && *p <= '9') ||
                     ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')))
        p++;
    return p > name && !*p;
}

static bool has_control(const char *value)
{
    for (; *value; value++)
        if (((unsigned char)*value < 0x20 && *value != '\t') || *value == 0x7f)
            return true;
    return false;
}

static enum MHD_Result take_header(
    void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    struct reading *reading = arg;
    struct place place = place_of(reading, name);
    head_lines_add(&reading->lines, name, value);
    reading->misnamed |= !is_token(name);
    reading->control |= value && has_control(value);
    if (!place.value)
        return MHD_YES;
    bool looked_up = place.value == &reading->request->authorization ||
                     place.value == &reading->request->idempotency_key;
    reading->binary |= looked_up && value && !utf8_is_valid(value, strlen(value));
    reading->repeated |= place.once && *place.value;
    /* Of several lines, the last one was added by the nearest proxy. */
    if (!*place.value || place.value == &reading->forwarded)
        *place.value = value ? value : "";
    return MHD_YES;
}

static const char *fault_of(const struct reading *reading, struct MHD_Connection *connection)
{
    if (!head_lines_whole(&reading->lines, connection))
        return "the head contains a NUL or a folded line";
    if (reading->control)
        return "a header's value contains a control character";
    if (reading->repeated)
        return "a singleton header is repeated";
    if (reading->binary)
        return "Authorization or Idempotency-Key is not valid UTF-8";
    if (reading->misnamed)
        return "a header's name contains a character that is not allowed";
    if (!reading->host && reading->lines.needs_host)
        return "the header Host is missing";
    if (reading->encoding && strcasecmp(reading->encoding, "chunked") != 0)
        return "the only Transfer-Encoding here is chunked";
    if (reading->length && reading->encoding)
        return "both Content-Length and Transfer-Encoding are present";
    return NULL;
}

static char *numeric(struct scope *s, const struct sockaddr *address)
{
    char *text = scope_alloc(s, INET6_ADDRSTRLEN);
    const void *bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    if (address->sa_family == AF_INET6)
        bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    inet_ntop(address->sa_family, bytes, text, INET6_ADDRSTRLEN);
    return text;
}

static const char *host_of(struct scope *s, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *known =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return known && known->client_addr ? numeric(s, known->client_addr) : "";
}

void head_read(struct scope *s, struct MHD_Connection *connection, struct head_lines lines,
    const struct proxies *proxies, struct request *r, struct head *ret)
{
    struct reading reading = {.request = r, .lines = lines};
    MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, &reading);
    r->peer = proxies_caller(s, proxies, host_of(s, connection), reading.forwarded);
    r->network = proxies_network(s, r->peer);
    *ret = (struct head){.announced = reading.length ? strtoll(reading.length, NULL, 10) : 0,
        .waits = reading.expect,
        .fault = fault_of(&reading, connection)};
}
