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
#include "notifier/handover/links.h"
#include "notifier/http/chat.h"
#include "notifier/http/push.h"
#include "notifier/http/slack.h"
#include "notifier/http/sms.h"
#include "notifier/http/webhook.h"

enum {
    TOKEN_MAX = 512,
    ID_MAX = 64,
    SIGNATURE_MAX = 2048,
    SMS_MAX = 64 * 1024,
    MESSAGE_MAX = 256 * 1024,
    REQUEST_MAX = 1024 * 1024,
    REPLY_MAX = 16 * 1024,
    CODE_MAX = 32,
    BOT_REPLY_MAX = 256 * 1024, /* Slack returns the message */
    CONNECT_MS = 5000,
    WHOLE_MS = 15000,
    REST_MAX = 3600,
    DAY_S = 86400
};

void http_request_init(struct http_request *request)
{
    *request = (struct http_request){0};
    strbuf_init(&request->body, REQUEST_MAX);
    strbuf_init(&request->reply, REPLY_MAX);
}

void http_request_end(struct http_request *request)
{
    curl_slist_free_all(TAKE(request->headers));
}

void http_request_release(struct http_request *request)
{
    http_request_end(request);
    curl_easy_cleanup(request->curl);
    strbuf_release(&request->body);
    strbuf_release(&request->reply);
}

static void add_line(struct http_request *request, const char *line)
{
    struct curl_slist *list = curl_slist_append(request->headers, line);
    if (!list)
        abort();
    request->headers = list;
}

static void add_header(
    struct scope *s, struct http_request *request, const char *name, const char *value)
{
    add_line(request, scope_printf(s, "%s: %s", name, value));
}

void http_request_text(const struct sender *sender, const struct recipient *r, struct strbuf *b)
{
    STRBUF(token, TOKEN_MAX);
    const char *values[PLACEHOLDER_MAX] = {[PLACEHOLDER_ADDRESS] = ""};
    STRBUF(code, CODE_MAX);
    links_token(sender->keys, r, &token);
    sign_code(sender->keys, r->batch->broadcast->id, r->link_id, &code);
    values[PLACEHOLDER_TOKEN] = token.buf;
    values[PLACEHOLDER_CODE] = code.buf;
    text_template_fill(&r->content->text, values, NULL, b);
}

static enum rc sign_headers(
    struct scope *s, const struct sender *sender, struct http_request *request)
{
    const struct recipient *r = request->recipient;
    int64_t now = clock_now() / CLOCK_SECOND;
    STRBUF(id, ID_MAX);
    STRBUF(signature, SIGNATURE_MAX);
    strbuf_addstr(&id, "msg_");
    sign_message_id(sender->keys, r->batch->broadcast->id, r->id, &id);
    if (r->secret)
        TRY(webhook_sign(
            s, r->secret, id.buf, now, request->body.buf, request->body.len, &signature));
    add_header(s, request, "webhook-id", id.buf);
    add_header(s, request, "webhook-timestamp", scope_printf(s, "%lld", (long long)now));
    if (r->secret)
        add_header(s, request, "webhook-signature", signature.buf);
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
    add_header(s, request, "Content-Type", "application/json");
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
    add_header(s, request, "TTL", scope_printf(s, "%lld", (long long)headers.ttl));
    add_header(s, request, "Urgency", headers.urgency);
    if (headers.topic)
        add_header(s, request, "Topic", headers.topic);
    if (sender->vapid) {
        add_header(s, request, "Content-Type", "application/octet-stream");
        add_header(s, request, "Content-Encoding", "aes128gcm");
        add_header(s, request, "Authorization", vapid_header(s, sender->vapid, r->address, now));
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
    add_header(s, request, "Content-Type", "application/json; charset=utf-8");
    add_line(request, scope_printf(s, "Authorization: Bearer %s", r->secret));
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
    add_header(s, request, "Content-Type", filled.content_type);
    curl_easy_setopt(request->curl, CURLOPT_URL, filled.url);
    if (filled.header)
        add_line(request, filled.header);
    if (filled.user) {
        curl_easy_setopt(request->curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(request->curl, CURLOPT_USERNAME, filled.user);
        curl_easy_setopt(request->curl, CURLOPT_PASSWORD, filled.secret);
    }
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
static struct outcome classify_slack(const struct recipient *r, const struct http_reply *reply)
{
    if (!address_is_slack_bot(r->address))
        return slack_classify(reply);
    struct outcome o = slack_bot_classify(reply);
    enum kind kind = r->batch->broadcast->kind;
    if (r->root || (kind != KIND_UPDATE && kind != KIND_STAFF))
        *o.reference = '\0';
    return o;
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
    add_header(s, request, "User-Agent", "Amends/1");
    add_header(s, request, "Expect", "");
    curl_easy_setopt(request->curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(request->curl, CURLOPT_HTTPHEADER, request->headers);
    curl_easy_setopt(request->curl, CURLOPT_POST, 1L);
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
    const char *reason;
    begin(sender, request);
    if (r->batch->channel == CHANNEL_SMS)
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

/* Discord reports when the next message may come:
 * https://discord.com/developers/docs/topics/rate-limits#header-format */
static int64_t rest_asked(CURL *curl)
{
    const char *left = reply_header(curl, "X-RateLimit-Remaining");
    const char *after = reply_header(curl, "X-RateLimit-Reset-After");
    if (!left || !after || strcmp(left, "0") != 0)
        return 0;
    double seconds = strtod(after, NULL);
    return seconds > 0 && seconds < REST_MAX ? (int64_t)(seconds * CLOCK_SECOND) : 0;
}

struct outcome http_request_classify(
    const struct sender *sender, const struct http_request *request, CURLcode code)
{
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
        .rest = rest_asked(request->curl),
        .body = request->reply.buf,
        .len = request->reply.len,
    };
    switch (request->recipient->batch->channel) {
    case CHANNEL_WEBHOOK:
        return classify_webhook(request, &reply);
    case CHANNEL_SLACK:
        return classify_slack(request->recipient, &reply);
    case CHANNEL_SMS:
        return sms_classify(sender->sms, &reply);
    case CHANNEL_PUSH:
        return push_classify(&reply);
    default: /* Teams and Discord; e-mail is not sent here */
        return chat_classify(&reply);
    }
}
