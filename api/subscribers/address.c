#include "api/subscribers/address.h"

#include <ctype.h>
#include <curl/curl.h>
#include <sodium.h>
#include <string.h>

#include "core/clock.h"
#include "core/mail/mailaddr.h"
#include "core/net/net.h"
#include "core/push/push_message.h"
#include "messages/channel_address.h"

enum { URL_MAX = 2000 };

static const char slack_scheme[] = "slack://";

/* Report the failure of inner on the field "address". */
static enum rc of_field(struct scope *s, const struct scope *inner)
{
    return fail_field(s, RC_INVALID, "address", "%s", inner->fault.message);
}

static enum rc check_email(struct scope *s, const char *address, struct address *ret)
{
    char *normal;
    if (mailaddr_normalise(s, address, &normal) != RC_OK)
        return of_field(s, s);
    ret->normal = ret->shown = normal;
    return RC_OK;
}

/* ITU-T E.164, 6: at most 15 digits and no leading 0. Removes the spaces, dots and hyphens that
 * people write. */
static enum rc check_sms(struct scope *s, const char *address, struct address *ret)
{
    char *number = scope_alloc(s, strlen(address) + 1);
    size_t n = 0;
    for (const char *p = address; *p; p++)
        if (!strchr(" -.()", *p))
            number[n++] = *p;
    size_t digits = n ? strspn(number + 1, "0123456789") : 0;
    if (!n || number[0] != '+' || digits != n - 1 || digits < 7 || digits > 15 || number[1] == '0')
        return fail_field(s, RC_INVALID, "address",
            "must be a number in international form such as +4915112345678");
    ret->normal = ret->shown = number;
    return RC_OK;
}

static void free_url(CURLU **url)
{
    curl_url_cleanup(*url);
}

static enum rc url_part(struct scope *s, CURLU *url, CURLUPart part, const char **ret)
{
    char *text = NULL;
    if (curl_url_get(url, part, &text, CURLU_PUNYCODE) != CURLUE_OK || !text)
        return fail_field(s, RC_INVALID, "address", "is not a URL");
    *ret = scope_strdup(s, text);
    curl_free(text);
    return RC_OK;
}

/* No stranger confirms a subscription of a browser, so it may name only a known service. */
static bool is_push_service(const struct config *config, const char *host)
{
    for (const char *at = config->push_services; *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        if (net_host_is(at, len, host))
            return true;
        at += len;
    }
    return false;
}

static enum rc check_url(
    struct scope *s, const struct api *api, const char *address, struct address *ret)
{
    SCOPE(inner);
    const struct provider *document = channel_document(channel_of(ret->channel));
    json_t *parts;
    if (document)
        address = channel_address_url(s, document, address);
    if (strlen(address) > URL_MAX)
        return fail_field(s, RC_INVALID, "address", "is longer than %d bytes", URL_MAX);
    if (net_url_check(inner, address, api->config->allow_loopback) != RC_OK)
        return of_field(s, inner);
    CLEANUP(free_url) CURLU *url = curl_url();
    if (!url || curl_url_set(url, CURLUPART_URL, address, 0) != CURLUE_OK)
        return fail_field(s, RC_INVALID, "address", "is not a URL");
    const char *scheme = NULL, *host = NULL;
    TRY(url_part(s, url, CURLUPART_SCHEME, &scheme));
    TRY(url_part(s, url, CURLUPART_HOST, &host));
    TRY(url_part(s, url, CURLUPART_URL, &ret->normal));
    if (document)
        TRY(channel_address(s, document, ret->normal, api->config->allow_loopback, &parts));
    if (!strcmp(ret->channel, "push") && !is_push_service(api->config, host))
        return fail_field(s, RC_INVALID, "address",
            "must be the endpoint of a push service that the setting push_services names");
    ret->shown = scope_printf(s, "%s://%s/...", scheme, host);
    ret->secret = true;
    return RC_OK;
}

/* slack://C0123ABC: a channel id, not a name. */
static enum rc check_slack_channel(struct scope *s, const char *address, struct address *ret)
{
    const char *id = address + strlen(slack_scheme);
    size_t len = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    if (len < 3 || len > 30 || id[len])
        return fail_field(
            s, RC_INVALID, "address", "must be slack:// and the id of a channel: slack://C0123ABC");
    ret->normal = ret->shown = scope_strdup(s, address);
    ret->bot = true;
    return RC_OK;
}

enum rc address_check(struct scope *s, const struct api *api, const char *channel,
    const char *address, struct address *ret)
{
    struct address found = {.channel = channel};
    if (!strcmp(channel, "email"))
        TRY(check_email(s, address, &found));
    else if (!strcmp(channel, "sms"))
        TRY(check_sms(s, address, &found));
    else if (!strcmp(channel, "slack") && !strncmp(address, slack_scheme, strlen(slack_scheme)))
        TRY(check_slack_channel(s, address, &found));
    else
        TRY(check_url(s, api, address, &found));
    const char *unique =
        !strcmp(channel, "email") ? mailaddr_unique(s, found.normal) : found.normal;
    sign_address_hash(api->keys, channel, unique, found.hash);
    *ret = found;
    return RC_OK;
}

enum rc address_keys(struct scope *s, const char *p256dh, const char *auth, struct address *address)
{
    struct push_keys keys;
    if (strcmp(address->channel, "push") != 0)
        return p256dh || auth ? fail_field(s, RC_INVALID, p256dh ? "p256dh" : "auth",
                                    "is only for the channel push")
                              : RC_OK;
    if (!p256dh || !auth)
        return fail_field(s, RC_INVALID, p256dh ? "auth" : "p256dh", "is missing");
    TRY(push_keys_read(s, p256dh, auth, &keys));
    address->keys = push_keys_text(s, &keys);
    return RC_OK;
}

char *address_seal(
    struct scope *s, const struct api *api, const char *what, int64_t id, const char *text)
{
    unsigned char *sealed;
    size_t len;
    char *aad = scope_printf(s, "subscriber:%s:%lld", what, (long long)id);
    sign_seal(s, api->keys, aad, text, strlen(text), &sealed, &len);
    char *hex = scope_alloc(s, 2 * len + 1);
    return sodium_bin2hex(hex, 2 * len + 1, sealed, len);
}

enum rc address_open(struct scope *s, const struct api *api, const char *what, int64_t id,
    const char *hex, const char **ret)
{
    char *text;
    if (!hex)
        return RC_OK;
    TRY(sign_open_hex(
        s, api->keys, scope_printf(s, "subscriber:%s:%lld", what, (long long)id), hex, &text));
    *ret = text;
    return RC_OK;
}
