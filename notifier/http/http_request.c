#include "notifier/http/http_request.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/net/net.h"
#include "core/push/push_message.h"
#include "core/push/vapid.h"
#include "messages/broadcast.h"
#include "messages/content.h"
#include "messages/facts.h"
#include "messages/segments.h"
#include "notifier/http/document.h"
#include "notifier/http/document_request.h"
#include "notifier/http/push.h"
#include "notifier/http/slack.h"
#include "notifier/http/sms.h"
#include "notifier/http/webhook.h"

enum {
    ID_MAX = 64,
    SIGNATURE_MAX = 2048,
    SMS_MAX = 64 * 1024,
    MESSAGE_MAX = 256 * 1024,
    REPLY_MAX = 16 * 1024,
    BOT_REPLY_MAX = 256 * 1024, /* Slack returns the message */
    CONNECT_MS = 5000,
    WHOLE_MS = 15000,
    REST_MAX = 3600,
    DAY_S = 86400
};

static enum rc sign_headers(
    struct scope *s, const struct sender *sender, struct http_request *request)
{
    const struct recipient *r = request->recipient;
    int64_t now = clock_now() / CLOCK_SECOND;
    STRBUF(id, ID_MAX);
    STRBUF(signature, SIGNATURE_MAX);
    http_request_id(sender, r, &id);
    if (r->secret)
        TRY(webhook_sign(
            s, r->secret, id.buf, now, request->body.buf, request->body.len, &signature));
    http_request_header(s, request, "webhook-id", id.buf);
    http_request_header(s, request, "webhook-timestamp", scope_printf(s, "%lld", (long long)now));
    if (r->secret)
        http_request_header(s, request, "webhook-signature", signature.buf);
    return RC_OK;
}

static const char *prepare_endpoint(
    struct scope *s, const struct sender *sender, struct http_request *request)
{
    const struct recipient *r = request->recipient;
    if (net_url_check(s, r->address, sender->config->allow_loopback) != RC_OK)
        return "forbidden_address";
    http_request_text(sender, r, &request->body);
    if (r->batch->channel == CHANNEL_WEBHOOK && sign_headers(s, sender, request) != RC_OK)
        return "unusable_secret";
    http_request_header(s, request, "Content-Type", "application/json");
    curl_easy_setopt(request->curl, CURLOPT_URL, r->address);
    return NULL;
}

/* Encrypted for the browser; the outbox, which has no token, shows the text. */
static const char *encrypt(
    struct scope *s, const struct sender *sender, struct http_request *request)
{
    const char *secret = request->recipient->secret;
    struct push_keys keys;
    STRBUF(text, MESSAGE_MAX);
    http_request_text(sender, request->recipient, &text);
    if (!secret || push_keys_parse(s, secret, &keys) != RC_OK)
        return "unusable_secret";
    if (text.len > PUSH_PLAIN_MAX)
        return "too_large";
    if (!sender->vapid)
        strbuf_add(&request->body, text.buf, text.len);
    else if (!push_encrypt(&keys, text.buf, text.len, &request->body))
        return "unusable_secret";
    return NULL;
}

static const char *prepare_push(
    struct scope *s, const struct sender *sender, struct http_request *request)
{
    const struct recipient *r = request->recipient;
    int64_t now = clock_now();
    if (net_url_check(s, r->address, sender->config->allow_loopback) != RC_OK)
        return "forbidden_address";
    const char *reason = encrypt(s, sender, request);
    if (reason)
        return reason;
    struct push_headers headers = push_headers_of(s, sender->keys, r->batch->broadcast, now);
    http_request_header(s, request, "TTL", scope_printf(s, "%lld", (long long)headers.ttl));
    http_request_header(s, request, "Urgency", headers.urgency);
    if (headers.topic)
        http_request_header(s, request, "Topic", headers.topic);
    if (sender->vapid) {
        http_request_header(s, request, "Content-Type", "application/octet-stream");
        http_request_header(s, request, "Content-Encoding", "aes128gcm");
        http_request_header(
            s, request, "Authorization", vapid_header(s, sender->vapid, r->address, now));
    }
    curl_easy_setopt(request->curl, CURLOPT_URL, r->address);
    return NULL;
}

static bool is_end(const struct broadcast *b)
{
    const char *state = b->facts ? b->facts->incident.state : NULL;
    return state && (!strcmp(state, "resolved") || !strcmp(state, "completed") ||
                        !strcmp(state, "retracted"));
}

static const char *prepare_bot(struct scope *s, const struct sender *sender,
    struct http_request *request, enum slack_method method)
{
    const struct recipient *r = request->recipient;
    if (!r->secret)
        return "unusable_secret";
    STRBUF(message, MESSAGE_MAX);
    http_request_text(sender, r, &message);
    bool shown = method == SLACK_POST && r->root && is_end(r->batch->broadcast);
    slack_bot_body(&request->body, method, r->address, r->root, shown, message.buf, message.len);
    http_request_header(s, request, "Content-Type", "application/json; charset=utf-8");
    http_request_line(request, scope_printf(s, "Authorization: Bearer %s", r->secret));
    curl_easy_setopt(request->curl, CURLOPT_URL,
        scope_printf(s, "%s/%s", sender->config->slack_api_url, slack_method_name[method]));
    request->reply.max = BOT_REPLY_MAX;
    return NULL;
}

static const char *prepare_sms(
    struct scope *s, const struct sender *sender, struct http_request *request)
{
    const struct config *config = sender->config;
    const struct recipient *r = request->recipient;
    struct sms_delivery delivery = {.broadcast_id = r->batch->broadcast->id, .recipient_id = r->id};
    STRBUF(text, SMS_MAX);
    http_request_text(sender, r, &text);
    struct provider_message message = {
        .to = r->address,
        .from = config->sms_from,
        .text = text.buf,
        .unicode = !segments_count(text.buf).gsm7,
        .callback = sms_callback(s, config, sender->keys, sender->sms, delivery),
        .account = config->sms_account,
        .token = config->sms_token,
    };
    struct provider_request filled;
    if (provider_request(s, sender->sms, config->sms_url, &message, &filled) != RC_OK)
        return "forbidden_address";
    strbuf_add(&request->body, filled.body, filled.len);
    http_request_use(s, request, &filled);
    return NULL;
}

static struct outcome classify_webhook(
    const struct http_request *request, const struct http_reply *reply)
{
    struct outcome o = webhook_classify(reply);
    bool challenge = request->recipient->batch->broadcast->kind == KIND_CONFIRMATION;
    if (challenge && o.state == OUTCOME_ACCEPTED && webhook_echoes(request->body.buf, reply))
        strcpy(o.reference, OUTCOME_ECHOED);
    return o;
}

/* Later messages refer to a root only. */
static struct outcome only_root(const struct recipient *r, struct outcome o)
{
    enum kind kind = r->batch->broadcast->kind;
    if (r->root || (kind != KIND_UPDATE && kind != KIND_STAFF))
        *o.reference = '\0';
    return o;
}

static struct outcome classify_slack(const struct recipient *r, const struct http_reply *reply)
{
    return address_is_slack_bot(r->address) ? only_root(r, slack_bot_classify(reply))
                                            : slack_classify(reply);
}

static void begin(const struct sender *sender, struct http_request *request)
{
    http_request_end(request);
    if (!request->curl && !(request->curl = curl_easy_init()))
        abort();
    strbuf_clear(&request->body);
    strbuf_clear(&request->reply);
    request->reply.max = REPLY_MAX;
    curl_easy_reset(request->curl);
    request->guard = (struct net_guard){.allow_loopback = sender->config->allow_loopback};
    net_guard_apply(request->curl, &request->guard);
}

static void complete(struct scope *s, struct http_request *request)
{
    http_request_header(s, request, "User-Agent", "Amends/1");
    http_request_header(s, request, "Expect", "");
    curl_easy_setopt(request->curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(request->curl, CURLOPT_HTTPHEADER, request->headers);
    curl_easy_setopt(request->curl, CURLOPT_POST, 1L); /* unless the method is another one */
    curl_easy_setopt(request->curl, CURLOPT_POSTFIELDS, request->body.buf);
    curl_easy_setopt(request->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
    curl_easy_setopt(request->curl, CURLOPT_WRITEFUNCTION, net_body);
    curl_easy_setopt(request->curl, CURLOPT_WRITEDATA, &request->reply);
    curl_easy_setopt(request->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(request->curl, CURLOPT_TIMEOUT_MS, (long)WHOLE_MS);
}

const char *http_request_prepare(
    struct scope *s, const struct sender *sender, struct http_request *request)
{
    const struct recipient *r = request->recipient;
    const struct provider *channel = channel_document(r->batch->channel);
    const char *reason;
    begin(sender, request);
    if (channel)
        reason = document_prepare(s, sender, request, channel);
    else if (r->batch->channel == CHANNEL_SMS)
        reason = prepare_sms(s, sender, request);
    else if (r->batch->channel == CHANNEL_SLACK && address_is_slack_bot(r->address))
        reason = prepare_bot(s, sender, request, SLACK_POST);
    else if (r->batch->channel == CHANNEL_PUSH)
        reason = prepare_push(s, sender, request);
    else
        reason = prepare_endpoint(s, sender, request);
    if (!reason)
        complete(s, request);
    return reason;
}

bool http_request_follow(struct scope *s, const struct sender *sender, struct http_request *request)
{
    const struct recipient *r = request->recipient;
    if (r->batch->channel != CHANNEL_SLACK || !r->root)
        return false;
    begin(sender, request);
    if (prepare_bot(s, sender, request, SLACK_UPDATE))
        return false;
    complete(s, request);
    return true;
}

static const char *reply_header(CURL *curl, const char *name)
{
    struct curl_header *header;
    return curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value
                                                                                   : NULL;
}

/* Until when the endpoint takes no more, if none are left. */
static int64_t rest_asked(CURL *curl, const struct provider *channel)
{
    const struct provider_pause *pause = channel ? channel->channel->pause : NULL;
    const char *left = pause && pause->remaining ? reply_header(curl, pause->remaining) : NULL;
    const char *after = pause && pause->resets ? reply_header(curl, pause->resets) : NULL;
    if (!left || !after || strcmp(left, "0") != 0)
        return 0;
    double seconds = strtod(after, NULL);
    return seconds > 0 && seconds < REST_MAX ? (int64_t)(seconds * CLOCK_SECOND) : 0;
}

struct outcome http_request_classify(
    const struct sender *sender, const struct http_request *request, CURLcode code)
{
    const struct recipient *r = request->recipient;
    const struct provider *channel = channel_document(r->batch->channel);
    long status = 0, sent = 0;
    curl_off_t after = 0;
    curl_easy_getinfo(request->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(request->curl, CURLINFO_REQUEST_SIZE, &sent);
    curl_easy_getinfo(request->curl, CURLINFO_RETRY_AFTER, &after);
    struct http_reply reply = {
        .status = (int)status,
        .sent = sent > 0,
        .refused = code != CURLE_OK && !status && request->guard.refused,
        .retry_after = after > 0 ? (after < DAY_S ? after : DAY_S) * CLOCK_SECOND : 0,
        .rest = rest_asked(request->curl, channel),
        .body = request->reply.buf,
        .len = request->reply.len,
    };
    if (channel)
        return only_root(r, document_classify(channel, &reply));
    switch (r->batch->channel) {
    case CHANNEL_WEBHOOK:
        return classify_webhook(request, &reply);
    case CHANNEL_SLACK:
        return classify_slack(r, &reply);
    case CHANNEL_SMS:
        return document_classify(sender->sms, &reply);
    default: /* push; e-mail is not sent here */
        return push_classify(&reply);
    }
}
