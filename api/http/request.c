#include "api/http/request.h"

#include <string.h>

#include "core/utf8.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

enum rc request_decode(struct scope *s, const char *text, size_t len, bool plus, char **ret)
{
    char *out = scope_alloc(s, len + 1);
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '%') {
            int high = i + 2 < len ? hex(text[i + 1]) : -1;
            int low = high < 0 ? -1 : hex(text[i + 2]);
            if (low < 0)
                return fail(s, RC_INVALID, "a percent sign is not followed by two hex digits");
            c = (char)(high * 16 + low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        out[n++] = c;
    }
    if (!utf8_is_valid(out, n))
        return fail(s, RC_INVALID, "not valid UTF-8");
    *ret = out;
    return RC_OK;
}

static bool has_control(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p < 0x20 || *p == 0x7F)
            return true;
    return false;
}

/* Refuses anything that two programs could interpret differently, anywhere in the path. */
static enum rc path_segment(struct scope *s, const char *at, size_t len, const char **ret)
{
    char *text = strbuf_empty;
    TRY(request_decode(s, at, len, false, &text));
    if (has_control(text))
        return fail(s, RC_INVALID, "control characters in the path");
    if (strpbrk(text, "/\\"))
        return fail(s, RC_INVALID, "an encoded slash in the path");
    if (!strcmp(text, ".") || !strcmp(text, ".."))
        return fail(s, RC_INVALID, "dot segments in the path");
    *ret = text;
    return RC_OK;
}

static enum rc split_path(struct scope *s, const char *path, size_t len, struct request *r)
{
    const char *end = path + len;
    const char *at = path + 1;
    while (at <= end) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        const char *stop = slash ? slash : end;
        if (stop == end && at == end)
            break; /* a trailing slash names the same resource */
        const char *segment = NULL;
        TRY(path_segment(s, at, (size_t)(stop - at), &segment));
        if (r->n_segments < REQUEST_SEGMENTS)
            r->segment[r->n_segments] = segment;
        if (r->n_segments <= REQUEST_SEGMENTS)
            r->n_segments++;
        at = stop + 1;
    }
    return RC_OK;
}

static enum rc split_query(struct scope *s, const char *query, struct request *r)
{
    while (*query) {
        size_t len = strcspn(query, "&");
        size_t name = strcspn(query, "&=");
        if (r->n_query == REQUEST_QUERY)
            return fail(s, RC_INVALID, "more than %d query parameters", REQUEST_QUERY);
        char *left = strbuf_empty, *right = strbuf_empty;
        TRY(request_decode(s, query, name, true, &left));
        size_t skip = name < len ? name + 1 : len;
        TRY(request_decode(s, query + skip, len - skip, true, &right));
        if (has_control(left) || has_control(right))
            return fail(s, RC_INVALID, "control characters in the query");
        if (len)
            r->query[r->n_query++] = (struct request_pair){.name = left, .value = right};
        query += len + (query[len] == '&');
    }
    return RC_OK;
}

const char *const request_signatures[REQUEST_SIGNATURES + 1] = {
    "X-Twilio-Signature",
    "X-Plivo-Signature-V3",
    "X-Plivo-Signature-V3-Nonce",
    "MessageBird-Signature-JWT",
    "X-Slack-Signature",
    "X-Slack-Request-Timestamp",
    "X-PagerDuty-Signature",
    "X-Grafana-Alerting-Signature",
    "X-Grafana-Alerting-Timestamp",
    "X-Amends-Signature",
    "X-Amends-Timestamp",
};

const char *request_signature(const struct request *r, const char *name)
{
    for (size_t i = 0; i < REQUEST_SIGNATURES; i++)
        if (!strcmp(request_signatures[i], name))
            return r->signature[i];
    return NULL;
}

enum rc request_target(struct scope *s, const char *target, struct request *r)
{
    size_t len = strnlen(target, REQUEST_TARGET_MAX + 1);
    if (len > REQUEST_TARGET_MAX)
        return fail(s, RC_INVALID, "the request target is too long");
    r->target = target;
    if (target[0] != '/')
        return fail(s, RC_INVALID, "the request target does not begin with a slash");
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)target[i] <= 0x20 || (unsigned char)target[i] >= 0x7F)
            return fail(
                s, RC_INVALID, "the request target contains raw control or non-ASCII bytes");
    size_t path = strcspn(target, "?");
    TRY(split_path(s, target, path, r));
    return target[path] ? split_query(s, target + path + 1, r) : RC_OK;
}

/* A boolean is true or false here, as the schema says; configuration has more words for them. */
static enum rc read_parameter(
    struct scope *s, const struct field *field, const char *value, void *out)
{
    if (field->type == FIELD_BOOL && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
        return fail_field(s, RC_INVALID, field->name, "must be true or false");
    return shape_set(s, field, value, out);
}

enum rc request_query(
    struct scope *s, const struct request *r, const struct shape *shape, void *out)
{
    if (shape)
        shape_defaults(s, shape, out);
    for (size_t i = 0; i < r->n_query; i++) {
        const char *name = r->query[i].name;
        const struct field *field = shape ? shape_field(shape, name) : NULL;
        if (!field)
            return fail_field(s, RC_INVALID, name, "unknown query parameter");
        for (size_t k = 0; k < i; k++)
            if (!strcmp(r->query[k].name, name))
                return fail_field(s, RC_INVALID, name, "given twice");
        TRY(read_parameter(s, field, r->query[i].value, out));
    }
    for (size_t i = 0; shape && i < shape->n; i++) {
        bool given = false;
        for (size_t k = 0; k < r->n_query; k++)
            given |= !strcmp(r->query[k].name, shape->fields[i].name);
        if (shape->fields[i].required && !given)
            return fail_field(s, RC_INVALID, shape->fields[i].name, "is required");
    }
    return RC_OK;
}
