/* What is sent to each channel, and who judges the reply. */
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/net/net.h"
#include "messages/broadcast.h"
#include "notifier/http/chat.h"
#include "messages/content.h"
#include "notifier/links.h"
#include "notifier/http/post.h"
#include "messages/segments.h"
#include "notifier/http/slack.h"
#include "notifier/http/slack_bot.h"
#include "messages/facts.h"
#include "notifier/http/sms.h"
#include "notifier/http/webhook.h"

enum {
    TOKEN_MAX = 512,
    ID_MAX = 64,
    SIGNATURE_MAX = 2048,
    SMS_MAX = 64 * 1024,
    MESSAGE_MAX = 256 * 1024,
    REPLY_MAX = 16 * 1024,
    CODE_MAX = 32,
    BOT_REPLY_MAX = 256 * 1024, /* Slack sends the message back */
    CONNECT_MS = 5000,
    WHOLE_MS = 15000,
    REST_MAX = 3600
};

static void add_line(struct transfer *t, const char *line)
{
    struct curl_slist *list = curl_slist_append(t->headers, line);
    if (!list)
        abort();
    t->headers = list;
}

static void add_header(struct scope *s, struct transfer *t, const char *name, const char *value)
{
    add_line(t, scope_printf(s, "%s: %s", name, value));
}

static void fill_text(const struct post *post, const struct recipient *r, struct strbuf *b)
{
    STRBUF(token, TOKEN_MAX);
    const char *values[PLACEHOLDER_MAX] = {[PLACEHOLDER_ADDRESS] = ""};
    STRBUF(code, CODE_MAX);
    links_token(post->keys, r, &token);
    sign_code(post->keys, r->batch->broadcast->id, r->link_id, &code);
    values[PLACEHOLDER_TOKEN] = token.buf;
    values[PLACEHOLDER_CODE] = code.buf;
    text_template_fill(&r->content->text, values, NULL, b);
}

static enum rc sign_headers(struct scope *s, const struct post *post, struct transfer *t)
{
    const struct recipient *r = t->recipient;
    int64_t now = clock_now() / CLOCK_SECOND;
    STRBUF(id, ID_MAX);
    STRBUF(signature, SIGNATURE_MAX);
    strbuf_addstr(&id, "msg_");
    links_message_id(post->keys, r, &id);
    if (r->secret)
        TRY(webhook_sign(s, r->secret, id.buf, now, t->request.buf, t->request.len, &signature));
    add_header(s, t, "webhook-id", id.buf);
    add_header(s, t, "webhook-timestamp", scope_printf(s, "%lld", (long long)now));
    if (r->secret)
        add_header(s, t, "webhook-signature", signature.buf);
    return RC_OK;
}

static enum rc prepare_endpoint(
    struct scope *s, const struct post *post, struct transfer *t, bool sign)
{
    const struct recipient *r = t->recipient;
    if (net_url_check(s, r->address, post->config->allow_loopback) != RC_OK)
        return fail_field(s, RC_INVALID, "forbidden_address", "the URL is not allowed");
    fill_text(post, r, &t->request);
    if (sign && sign_headers(s, post, t) != RC_OK)
        return fail_field(s, RC_INVALID, "unusable_secret", "the secret is not base64");
    add_header(s, t, "Content-Type", "application/json");
    curl_easy_setopt(t->curl, CURLOPT_URL, r->address);
    return RC_OK;
}

static enum rc prepare_webhook(struct scope *s, const struct post *post, struct transfer *t)
{
    return prepare_endpoint(s, post, t, true);
}

static enum rc prepare_chat(struct scope *s, const struct post *post, struct transfer *t)
{
    return prepare_endpoint(s, post, t, false);
}

static bool is_end(const struct broadcast *b)
{
    const char *state = b->facts ? b->facts->incident.state : NULL;
    return state && (!strcmp(state, "resolved") || !strcmp(state, "completed"));
}

static enum rc prepare_bot(
    struct scope *s, const struct post *post, struct transfer *t, enum slack_method method)
{
    const struct recipient *r = t->recipient;
    if (!r->secret)
        return fail_field(s, RC_INVALID, "unusable_secret", "the bot has no token");
    STRBUF(message, MESSAGE_MAX);
    fill_text(post, r, &message);
    bool shown = method == SLACK_POST && r->root && is_end(r->batch->broadcast);
    slack_bot_body(&t->request, method, r->address, r->root, shown, message.buf, message.len);
    add_header(s, t, "Content-Type", "application/json; charset=utf-8");
    add_line(t, scope_printf(s, "Authorization: Bearer %s", r->secret));
    curl_easy_setopt(t->curl, CURLOPT_URL,
        scope_printf(s, "%s/%s", post->config->slack_api_url, slack_method_name[method]));
    t->reply.max = BOT_REPLY_MAX;
    return RC_OK;
}

static enum rc prepare_slack(struct scope *s, const struct post *post, struct transfer *t)
{
    return slack_bot_is(t->recipient->address) ? prepare_bot(s, post, t, SLACK_POST)
                                               : prepare_chat(s, post, t);
}

static enum rc prepare_sms(struct scope *s, const struct post *post, struct transfer *t)
{
    const struct config *config = post->config;
    const struct recipient *r = t->recipient;
    struct sms_delivery delivery = {.broadcast_id = r->batch->broadcast->id, .recipient_id = r->id};
    STRBUF(text, SMS_MAX);
    fill_text(post, r, &text);
    struct provider_message message = {
        .to = r->address,
        .from = config->sms_from,
        .text = text.buf,
        .unicode = !segments_count(text.buf).gsm7,
        .callback = sms_callback(s, config, post->keys, post->sms, delivery),
        .account = config->sms_account,
        .token = config->sms_token,
    };
    struct provider_request request;
    TRY(provider_request(s, post->sms, config->sms_url, &message, &request));
    strbuf_add(&t->request, request.body, request.len);
    add_header(s, t, "Content-Type", request.content_type);
    curl_easy_setopt(t->curl, CURLOPT_URL, request.url);
    if (request.header)
        add_line(t, request.header);
    if (request.user) {
        curl_easy_setopt(t->curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(t->curl, CURLOPT_USERNAME, request.user);
        curl_easy_setopt(t->curl, CURLOPT_PASSWORD, request.secret);
    }
    return RC_OK;
}

static struct outcome judge_webhook(
    const struct post *post, const struct transfer *t, const struct http_reply *reply)
{
    (void)post;
    struct outcome o = webhook_judge(reply);
    bool challenge = !strcmp(t->recipient->batch->broadcast->kind, "confirmation");
    if (challenge && o.state == OUTCOME_ACCEPTED && webhook_echoes(t->request.buf, reply))
        strcpy(o.reference, WEBHOOK_ECHOED);
    return o;
}

/* Only a root is referred to later. */
static struct outcome judge_slack(
    const struct post *post, const struct transfer *t, const struct http_reply *reply)
{
    (void)post;
    const struct recipient *r = t->recipient;
    if (!slack_bot_is(r->address))
        return slack_judge(reply);
    struct outcome o = slack_bot_judge(reply);
    if (r->root || strcmp(r->batch->broadcast->kind, "update") != 0)
        *o.reference = '\0';
    return o;
}

static struct outcome judge_chat(
    const struct post *post, const struct transfer *t, const struct http_reply *reply)
{
    (void)post, (void)t;
    return chat_judge(reply);
}

static struct outcome judge_sms(
    const struct post *post, const struct transfer *t, const struct http_reply *reply)
{
    (void)t;
    return sms_judge(post->sms, reply);
}

static const struct {
    enum rc (*prepare)(struct scope *s, const struct post *post, struct transfer *t);
    struct outcome (*judge)(
        const struct post *post, const struct transfer *t, const struct http_reply *reply);
} channels[CHANNEL_COUNT] = {
    [CHANNEL_WEBHOOK] = {.prepare = prepare_webhook, .judge = judge_webhook},
    [CHANNEL_TEAMS] = {.prepare = prepare_chat, .judge = judge_chat},
    [CHANNEL_DISCORD] = {.prepare = prepare_chat, .judge = judge_chat},
    [CHANNEL_SLACK] = {.prepare = prepare_slack, .judge = judge_slack},
    [CHANNEL_SMS] = {.prepare = prepare_sms, .judge = judge_sms},
};

static void begin(const struct post *post, struct transfer *t)
{
    strbuf_clear(&t->request);
    strbuf_clear(&t->reply);
    t->reply.max = REPLY_MAX;
    curl_easy_reset(t->curl);
    t->guard = (struct net_guard){.allow_loopback = post->config->allow_loopback};
    net_guard_apply(t->curl, &t->guard);
}

static void complete(struct scope *s, struct transfer *t)
{
    add_header(s, t, "User-Agent", "Amends/1");
    add_header(s, t, "Expect", "");
    curl_easy_setopt(t->curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(t->curl, CURLOPT_POST, 1L);
    curl_easy_setopt(t->curl, CURLOPT_POSTFIELDS, t->request.buf);
    curl_easy_setopt(t->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->request.len);
    curl_easy_setopt(t->curl, CURLOPT_WRITEFUNCTION, net_body);
    curl_easy_setopt(t->curl, CURLOPT_WRITEDATA, &t->reply);
    curl_easy_setopt(t->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(t->curl, CURLOPT_TIMEOUT_MS, (long)WHOLE_MS);
    curl_easy_setopt(t->curl, CURLOPT_PRIVATE, t);
}

enum rc post_prepare(struct scope *s, const struct post *post, struct transfer *t)
{
    begin(post, t);
    TRY(channels[t->recipient->batch->channel].prepare(s, post, t));
    complete(s, t);
    return RC_OK;
}

bool post_follow(struct scope *s, const struct post *post, struct transfer *t)
{
    const struct recipient *r = t->recipient;
    if (r->batch->channel != CHANNEL_SLACK || !r->root)
        return false;
    begin(post, t);
    if (prepare_bot(s, post, t, SLACK_UPDATE) != RC_OK)
        return false;
    complete(s, t);
    return true;
}

static const char *reply_header(CURL *curl, const char *name)
{
    struct curl_header *header;
    return curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value
                                                                                   : NULL;
}

/* Discord tells when nothing more may come for a while (SPEC.md 4.6). */
static int64_t rest_asked(CURL *curl)
{
    const char *left = reply_header(curl, "X-RateLimit-Remaining");
    const char *after = reply_header(curl, "X-RateLimit-Reset-After");
    if (!left || !after || strcmp(left, "0") != 0)
        return 0;
    double seconds = strtod(after, NULL);
    return seconds > 0 && seconds < REST_MAX ? (int64_t)(seconds * CLOCK_SECOND) : 0;
}

struct outcome post_judge(const struct post *post, const struct transfer *t, CURLcode code)
{
    long status = 0, sent = 0;
    curl_off_t after = 0;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->curl, CURLINFO_REQUEST_SIZE, &sent);
    curl_easy_getinfo(t->curl, CURLINFO_RETRY_AFTER, &after);
    struct http_reply reply = {
        .status = (int)status,
        .sent = sent > 0,
        .refused = code != CURLE_OK && !status && t->guard.refused,
        .retry_after = after > 0 && after < 86400 ? after * CLOCK_SECOND : 0,
        .rest = rest_asked(t->curl),
        .body = t->reply.buf,
        .len = t->reply.len,
    };
    if (after >= 86400)
        reply.retry_after = 86400 * CLOCK_SECOND;
    return channels[t->recipient->batch->channel].judge(post, t, &reply);
}
