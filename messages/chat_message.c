#include "messages/chat_message.h"

#include <string.h>

#include "core/json.h"
#include "messages/channel_address.h"
#include "messages/chat_event.h"
#include "messages/limits.h"
#include "messages/text_template.h"
#include "templates/engine/template.h"

enum { TEXT_MAX = 256 * 1024, BODY_LEAST = 16 };

static const char *const plain_names[] = {
    "title", "status", "window", "components", "foot", "link_title", NULL};

static void put(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, json_string(text ? text : ""));
}

/* ---- markup ---- */

static const char *entities(struct scope *s, const char *text, bool quotes)
{
    STRBUF(b, TEXT_MAX);
    for (; *text; text++)
        if (*text == '&')
            strbuf_addstr(&b, "&amp;");
        else if (*text == '<')
            strbuf_addstr(&b, "&lt;");
        else if (*text == '>')
            strbuf_addstr(&b, "&gt;");
        else if (*text == '"' && quotes)
            strbuf_addstr(&b, "&quot;");
        else
            strbuf_addch(&b, *text);
    return strbuf_copy(&b, s);
}

static const char *escaped(
    struct scope *s, const struct provider_channel *channel, const char *text)
{
    const char *as = channel->escape;
    if (!strcmp(as, "markdown"))
        return limits_literal(s, text);
    return strcmp(as, "text") != 0 ? entities(s, text, !strcmp(as, "html")) : text;
}

static enum rc marked_up(
    struct scope *s, const struct provider_channel *channel, const char *markdown, const char **ret)
{
    char *text = NULL;
    const char *as = channel->markup;
    *ret = markdown;
    if (!strcmp(as, "markdown"))
        return RC_OK;
    TRY(!strcmp(as, "html")    ? markdown_html(s, markdown, &text)
        : !strcmp(as, "slack") ? markdown_slack(s, markdown, &text)
                               : markdown_text(s, markdown, &text));
    *ret = strcmp(as, "text") != 0 ? text : escaped(s, channel, text);
    return RC_OK;
}

/* "@" begins a mention where a word begins, and not inside an address or a URL. */
static bool mentions(const char *word, const char *at, const char *text)
{
    static const char part_of[] = "/=.-_+%&?#:~";
    if (strncmp(at, word, strlen(word)) != 0)
        return false;
    return *word != '@' || at == text ||
           (!strchr(part_of, at[-1]) && !(at[-1] >= '0' && at[-1] <= '9') &&
               !((at[-1] | 0x20) >= 'a' && (at[-1] | 0x20) <= 'z'));
}

/* A zero-width space behind the first character breaks a mention and shows it as it was written. */
static const char *unmentioned(
    struct scope *s, const struct provider_channel *channel, const char *text)
{
    STRBUF(b, TEXT_MAX);
    for (const char *at = text; *at; at++) {
        bool found = false;
        for (size_t i = 0; i < channel->mentions.n && !found; i++)
            found = mentions(channel->mentions.at[i], at, text);
        strbuf_addch(&b, *at);
        if (found)
            strbuf_addstr(&b, "\xe2\x80\x8b");
    }
    return strbuf_copy(&b, s);
}

/* ---- the two steps ---- */

static enum rc say(struct scope *s, const struct chat_spec *spec, json_t **ret)
{
    struct template *template;
    STRBUF(b, TEXT_MAX);
    const char *kind = scope_printf(s, "chat/%s", spec->template);
    TRY(template_load(s, kind, spec->locale, "json", &template));
    TRY(template_render(s, template, spec->context, &b));
    if (b.overflow)
        return fail(s, RC_INVALID, "%s is too large", kind);
    /* JSON has no control characters; the markers are put back below. */
    STRBUF(safe, TEXT_MAX);
    for (size_t i = 0; i < b.len; i++)
        if (b.buf[i] == 0x1f)
            strbuf_addstr(&safe, "\\u001f");
        else
            strbuf_addch(&safe, b.buf[i]);
    return json_parse(s, safe.buf, safe.len, ret);
}

static enum rc put_said(struct scope *s, const struct provider_channel *channel, const json_t *said,
    size_t most, json_t *context)
{
    json_t *plain = json_object();
    json_object_set_new(context, "plain", plain);
    const char *body = limits_cut_markdown(s, json_get_word(said, "body"), most), *as = "";
    char *text = NULL;
    for (const char *const *name = plain_names; *name; name++) {
        const char *word = json_get_word(said, *name);
        put(context, *name, unmentioned(s, channel, escaped(s, channel, word)));
        put(plain, *name, unmentioned(s, channel, word));
    }
    TRY(marked_up(s, channel, body, &as));
    TRY(markdown_text(s, body, &text));
    put(context, "body", unmentioned(s, channel, as));
    put(plain, "body", unmentioned(s, channel, text));
    put(context, "link", json_get_word(said, "link"));
    return RC_OK;
}

/* As UTF-16 counts, which is the most that a service counts. */
static int64_t characters(const char *text)
{
    int64_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80 ? 1 + ((unsigned char)*text >= 0xf0) : 0;
    return n;
}

static const struct provider_maximum *exceeded(
    struct scope *s, const struct provider_channel *channel, const json_t *body)
{
    const struct provider_maximum *at = channel->maxima.at;
    for (size_t i = 0; i < channel->maxima.n; i++) {
        const json_t *value = json_at(s, body, at[i].pointer);
        const char *text = *at[i].pointer ? json_string_value(value) : json_text(s, body);
        if (text && ((at[i].characters && characters(text) > at[i].characters) ||
                        (at[i].bytes && (int64_t)strlen(text) > at[i].bytes)))
            return &at[i];
    }
    return NULL;
}

static const char *with_markers(struct scope *s, const char *json)
{
    STRBUF(b, TEXT_MAX);
    for (const char *mark; (mark = strcasestr(json, "\\u001f")); json = mark + strlen("\\u001f")) {
        strbuf_add(&b, json, (size_t)(mark - json));
        strbuf_addch(&b, 0x1f);
    }
    strbuf_addstr(&b, json);
    return strbuf_copy(&b, s);
}

static json_t *context_of(struct scope *s, const struct chat_spec *spec)
{
    json_t *context = json_own(s, json_object());
    put(context, "brand", json_get_word(spec->context, "brand"));
    put(context, "public_url", json_get_word(spec->context, "public_url"));
    put(context, "id", text_template_marker(PLACEHOLDER_FIELD));
    json_object_set(context, "event", spec->event);
    json_object_set(context, "to", channel_address_markers(s, spec->channel));
    return context;
}

enum rc chat_message(struct scope *s, const struct chat_spec *spec, const char **ret)
{
    const struct provider_channel *channel = spec->channel->channel;
    const struct provider_maximum *over = NULL;
    json_t *said = NULL, *body = NULL, *context = context_of(s, spec);
    TRY(say(s, spec, &said));
    for (size_t most = (size_t)channel->limits->body; most >= BODY_LEAST; most /= 2) {
        TRY(put_said(s, channel, said, most, context));
        TRY(provider_fields(s, spec->channel, context, false, &body));
        over = exceeded(s, channel, body);
        if (over)
            continue;
        *ret = with_markers(s, json_text(s, body));
        return RC_OK;
    }
    return fail(s, RC_INVALID, "%s takes no more at \"%s\"", channel->title, over->pointer);
}

/* ---- the check ---- */

static enum rc check_targets(
    struct scope *s, const struct provider *channel, const char *path, json_t *context)
{
    json_t *parts = NULL;
    struct provider_request request;
    const char *url = channel_address_url(s, channel, channel->channel->example);
    if (channel_address(s, channel, url, false, &parts) != RC_OK)
        return fail_field(s, RC_INVALID, "channel.example",
            "does not match channel.address or "
            "channel.hosts");
    json_object_set(context, "to", parts);
    return provider_target(s, channel, channel_address_base(s, url), path, context, &request);
}

static enum rc check_actions(struct scope *s, const struct provider *channel, json_t *context)
{
    const struct provider_action *at = channel->channel->actions.at;
    size_t n = channel->channel->actions.n;
    for (size_t i = 0; i < n; i++) {
        const char *field = scope_printf(s, "channel.actions[%zu]", i);
        if (!json_is_object(json_object_get(channel->fields, at[i].name)))
            return fail_field(s, RC_INVALID, field, "fields has no \"%s\"", at[i].name);
        if (at[i].first && !channel->id)
            return fail_field(s, RC_INVALID, "id", "is missing: \"first\" needs it");
        if (i + 1 == n && (at[i].when.n || at[i].first))
            return fail_field(s, RC_INVALID, field, "the last one must fit all messages");
        TRY(check_targets(s, channel, at[i].path ? at[i].path : channel->path, context));
    }
    return check_targets(s, channel, channel->path, context);
}

enum rc chat_message_check(struct scope *s, const struct provider *channel)
{
    json_t *said = json_own(s, json_object()), *body = NULL;
    const struct chat_spec spec = {.channel = channel,
        .event = chat_event_sample(s),
        .context = json_own(s, json_pack("{s:s, s:s}", "brand", "Example", "public_url",
                                   "https://status.example.com"))};
    json_t *context = context_of(s, &spec);
    if (!json_is_object(channel->fields))
        return fail_field(s, RC_INVALID, "fields", "must be an object");
    for (const char *const *name = plain_names; *name; name++)
        put(said, *name, *name);
    put(said, "body", "A *body*.");
    put(said, "link", "https://status.example.com/");
    TRY(put_said(s, channel->channel, said, (size_t)channel->channel->limits->body, context));
    TRY(provider_fields(s, channel, context, true, &body));
    return check_actions(s, channel, context);
}
