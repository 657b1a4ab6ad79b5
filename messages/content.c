#include "messages/content.h"

#include <string.h>

#include "core/json.h"
#include "core/log.h"
#include "core/mail/mailaddr.h"
#include "messages/chat_event.h"
#include "messages/chat_message.h"
#include "messages/context.h"
#include "messages/limits.h"
#include "messages/segments.h"
#include "templates/engine/template.h"

enum { TEXT_MAX = 1024 * 1024 };

SHAPE_STATIC(struct statuspage_members, statuspage_members_shape, "StatuspageMembers",
    FIELD(TEXT, page), FIELD(TEXT, incident));

struct making {
    struct scope *s; /* the broadcast's: the content lives as long */
    const struct config *config;
    struct broadcast *b;
    struct content *content;
    struct statuspage_members statuspage; /* of a webhook in its format */
};

/* Statuspage's format covers only updates; other kinds use ours. */
static bool is_statuspage(const struct making *m)
{
    return !strcmp(m->content->format, "statuspage") &&
           (m->b->kind == KIND_UPDATE || m->b->kind == KIND_RETRACTION);
}

STMT(content_statuspage, "SELECT page, incident FROM amends.statuspage_webhook($1, $2)",
    .row = &statuspage_members_shape);

/* The page's status and the incident as Statuspage's API has them, as JSON. */
static enum rc read_statuspage(struct scope *s, struct db *db, struct making *m)
{
    if (!is_statuspage(m))
        return RC_OK;
    return db_one(s, db, &content_statuspage,
        PARAMS(P_INT(m->b->update_id), P_TEXT(m->config->public_url)), &m->statuspage);
}

static enum rc render(
    const struct making *m, const json_t *context, const char *suffix, const char **ret)
{
    struct template *template;
    const char *kind = scope_printf(m->s, "%s/%s%s", channel_name[m->content->channel],
        is_statuspage(m) ? "statuspage_" : "", kinds[m->b->kind].template);
    STRBUF(b, TEXT_MAX);
    TRY(template_load(m->s, kind, m->content->locale, suffix, &template));
    TRY(template_render(m->s, template, context, &b));
    if (b.overflow)
        return fail(m->s, RC_INVALID, "%s is too large", kind);
    *ret = strbuf_copy(&b, m->s);
    return RC_OK;
}

static enum rc context_of(const struct making *m, size_t title_chars, json_t **ret)
{
    struct context_spec spec = {
        .config = m->config,
        .broadcast = m->b,
        .channel = m->content->channel,
        .locale = m->content->locale,
        .timezone = m->content->timezone,
        .selection = m->content->selection,
        .claim = m->content->claim,
        .opens_account = m->content->opens_account,
        .card = !strcmp(m->content->format, "card"),
        .title_chars = title_chars,
    };
    return context_make(m->s, &spec, ret);
}

/* The test of a post was rendered together with the post. */
static enum rc ready_made(const struct making *m)
{
    json_t *extra;
    TRY(json_parse(m->s, m->b->extra, strlen(m->b->extra), &extra));
    m->content->subject = m->b->subject;
    m->content->plain = json_get_text(extra, "text");
    m->content->html = json_get_text(extra, "html");
    return RC_OK;
}

static enum rc render_mail(const struct making *m)
{
    json_t *context = NULL;
    if (!kinds[m->b->kind].template)
        return ready_made(m);
    TRY(context_of(m, (size_t)limits_of(CHANNEL_EMAIL)->title, &context));
    TRY(render(m, context, "subject.txt", &m->content->subject));
    TRY(render(m, context, "txt", &m->content->plain));
    return render(m, context, "html", &m->content->html);
}

static enum rc make_mail(const struct making *m)
{
    struct scope *s = m->s;
    const struct broadcast *b = m->b;
    char *name, *address = NULL;
    TRY(render_mail(m));
    TRY(mailaddr_split_mailbox(s, m->config->mail_from, &name, &address));
    const char *domain = strrchr(address, '@') + 1;
    bool listed = kinds[b->kind].listed;
    const char *leave = listed ? "/u/" : kinds[b->kind].leave;
    struct mime_spec spec = {
        .from = m->config->mail_from,
        .subject = m->content->subject,
        .message_domain = domain,
        .list_id = listed ? scope_printf(s, "status.%s", domain) : NULL,
        .unsubscribe_base = leave ? scope_printf(s, "%s%s", m->config->public_url, leave) : NULL,
        .feedback_id = scope_printf(s, "%lld:%s:amends:%s", (long long)b->id, b->kind_name, domain),
        .date = b->not_before,
        .text = m->content->plain,
        .html = m->content->html,
    };
    if (broadcast_is_of_incident(b))
        spec.thread_id = scope_printf(s, "incident-%lld@%s", (long long)b->incident_id, domain);
    return mime_compile(s, &spec, &m->content->mail);
}

/* The length of a token with the longest id. */
static int sms_segments_of(const struct making *m, const char *text)
{
    static const char token[] = "k1.0123456789012345678901234567890123456789";
    struct text_template text_template;
    STRBUF(b, TEXT_MAX);
    const char *values[PLACEHOLDER_MAX] = {
        [PLACEHOLDER_TOKEN] = token, [PLACEHOLDER_CODE] = "000000"};
    if (text_template_cut(m->s, text, strlen(text), &text_template) != RC_OK)
        return 0;
    text_template_fill(&text_template, values, NULL, &b);
    return segments_count(b.buf).segments;
}

/* The longest title that keeps the text within its segments; links stay whole. */
static enum rc make_sms(const struct making *m, const char **ret)
{
    size_t least = 0, most = (size_t)limits_of(CHANNEL_SMS)->title;
    json_t *context = NULL;
    TRY(context_of(m, most, &context));
    TRY(render(m, context, "txt", ret));
    if (sms_segments_of(m, *ret) <= m->config->sms_segments)
        return RC_OK;
    while (least < most) {
        size_t middle = (least + most + 1) / 2;
        TRY(context_of(m, middle, &context));
        TRY(render(m, context, "txt", ret));
        if (sms_segments_of(m, *ret) <= m->config->sms_segments)
            least = middle;
        else
            most = middle - 1;
    }
    TRY(context_of(m, least, &context));
    return render(m, context, "txt", ret);
}

static enum rc make_chat(const struct making *m, const struct provider *channel, const char **ret)
{
    struct chat_spec spec = {.channel = channel,
        .template = kinds[m->b->kind].template,
        .locale = m->content->locale,
        .event = chat_event(m->s, m->config, m->b)};
    TRY(context_of(m, (size_t)channel->channel->limits->title, &spec.context));
    return chat_message(m->s, &spec, ret);
}

static enum rc make_text(const struct making *m)
{
    const char *text = "";
    json_t *context = NULL;
    enum channel channel = m->content->channel;
    if (channel == CHANNEL_SMS) {
        TRY(make_sms(m, &text));
        m->content->segments = sms_segments_of(m, text);
    } else if (channel_document(channel)) {
        TRY(make_chat(m, channel_document(channel), &text));
    } else {
        TRY(context_of(m, (size_t)limits_of(channel)->title, &context));
        if (is_statuspage(m))
            json_object_set_new(context, "statuspage",
                json_pack(
                    "{s:s, s:s}", "page", m->statuspage.page, "incident", m->statuspage.incident));
        TRY(render(m, context, channel == CHANNEL_SLACK ? "slack.json" : "json", &text));
    }
    return text_template_cut(m->s, text, strlen(text), &m->content->text);
}

static struct content *find(
    const struct broadcast *b, enum channel channel, const struct content_for *reader)
{
    for (struct content *c = b->contents; c; c = c->following)
        if (c->channel == channel && !strcmp(c->locale, reader->locale) &&
            !strcmp(c->timezone, reader->timezone) && !strcmp(c->selection, reader->selection) &&
            !strcmp(c->format, reader->format) && !strcmp(c->claim, reader->claim) &&
            c->opens_account == reader->opens_account)
            return c;
    return NULL;
}

enum rc content_get(struct scope *s, struct db *db, struct broadcasts *all, struct broadcast *b,
    enum channel channel, const struct content_for *reader, const struct content **ret)
{
    struct content_for r = {
        .locale = reader->locale          ? reader->locale
                  : b->kind == KIND_STAFF ? all->config->language
                                          : "en",
        .timezone = reader->timezone ? reader->timezone : "UTC",
        .selection = reader->selection ? reader->selection : "",
        .format = reader->format ? reader->format : "amends",
        .claim = reader->claim ? reader->claim : "",
        .opens_account = reader->opens_account,
    };
    struct content *content = find(b, channel, &r);
    if (!content) {
        TRY(facts_read(s, db, b));
        content = SCOPE_NEW(b->scope, struct content);
        *content = (struct content){.channel = channel,
            .locale = scope_strdup(b->scope, r.locale),
            .timezone = scope_strdup(b->scope, r.timezone),
            .selection = scope_strdup(b->scope, r.selection),
            .format = scope_strdup(b->scope, r.format),
            .claim = scope_strdup(b->scope, r.claim),
            .opens_account = r.opens_account,
            .following = b->contents};
        struct making m = {.s = b->scope, .config = all->config, .b = b, .content = content};
        TRY(read_statuspage(s, db, &m));
        if ((channel == CHANNEL_EMAIL ? make_mail(&m) : make_text(&m)) != RC_OK) {
            log_context(LOG_INT("broadcast", b->id));
            log_fault("a message cannot be rendered", b->scope);
            log_context_end();
            content->trouble = "unrenderable";
        }
        b->contents = content;
    }
    *ret = content;
    return RC_OK;
}
