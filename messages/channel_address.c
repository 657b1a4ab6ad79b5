#include "messages/channel_address.h"

#include <string.h>

#include "core/json.h"
#include "core/net/net.h"
#include "messages/text_template.h"

/* RFC 3986, pchar without "%" and without those that JSON or HTML escape. */
#define SEGMENT "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$()*+,;=:@"
#define REST SEGMENT "/?&%"

struct part {
    const char *name;
    bool rest;
    const char *after; /* the pattern behind it */
};

/* The part that begins at open, a brace. */
static struct part part_at(struct scope *s, const char *open)
{
    size_t len = strcspn(open + 1, "}");
    struct part part = {.after = open + 1 + len + (open[1 + len] == '}')};
    part.rest = len > 3 && !strncmp(open + 1 + len - 3, "...", 3);
    part.name = scope_strndup(s, open + 1, part.rest ? len - 3 : len);
    return part;
}

static bool matches(struct scope *s, const char *pattern, const char *at, json_t *parts)
{
    while (*pattern) {
        if (*pattern != '{') {
            if (*pattern++ != *at++)
                return false;
            continue;
        }
        struct part part = part_at(s, pattern);
        size_t len = strspn(at, part.rest ? REST : SEGMENT);
        if (!len)
            return false;
        json_object_set_new(parts, part.name, json_stringn(at, len));
        at += len;
        pattern = part.after;
    }
    return !*at;
}

static bool is_listed(struct scope *s, const struct texts *hosts, const char *host)
{
    const char *name = scope_strndup(s, host, strcspn(host, ":"));
    for (size_t i = 0; i < hosts->n; i++)
        if (net_host_is(hosts->at[i], strlen(hosts->at[i]), name))
            return true;
    return !hosts->n;
}

enum rc channel_address(struct scope *s, const struct provider *channel, const char *url,
    bool allow_loopback, json_t **ret_parts)
{
    SCOPE(inner);
    if (net_url_check(inner, url, allow_loopback) != RC_OK)
        return fail_field(s, RC_INVALID, "address", "%s", inner->fault.message);
    json_t *parts = json_own(s, json_object());
    const char *at = strstr(url, "://");
    if (!at || !matches(s, channel->channel->address, at + 3, parts))
        return fail_field(
            s, RC_INVALID, "address", "must have the form %s", channel->channel->example);
    /* net_url_check has let plain http through only for loopback. */
    bool loopback = !strncmp(url, "http://", strlen("http://"));
    if (!loopback && !is_listed(s, &channel->channel->hosts, json_get_word(parts, "host")))
        return fail_field(s, RC_INVALID, "address", "must be at a host of %s, such as %s",
            channel->channel->title, channel->channel->example);
    *ret_parts = parts;
    return RC_OK;
}

const char *channel_address_url(
    struct scope *s, const struct provider *channel, const char *address)
{
    const char *prefix = channel->channel->prefix;
    return prefix && !strstr(address, "://") ? scope_printf(s, "%s%s", prefix, address) : address;
}

json_t *channel_address_markers(struct scope *s, const struct provider *channel)
{
    json_t *markers = json_own(s, json_object());
    int n = PLACEHOLDER_FIELD + 1;
    for (const char *at = channel->channel->address;
         (at = strchr(at, '{')) && n < PLACEHOLDER_MAX;) {
        struct part part = part_at(s, at);
        json_object_set_new(markers, part.name, json_string(text_template_marker(n++)));
        at = part.after;
    }
    return markers;
}

const char *channel_address_base(struct scope *s, const char *url)
{
    const char *host = strstr(url, "://") + 3;
    return scope_strndup(s, url, (size_t)(host - url) + strcspn(host, "/?#"));
}
