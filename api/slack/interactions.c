/* POST /hooks/slack/interactions: shortcuts, submitted views and buttons (Slack, "Handling user
 * interaction in your Slack apps"). */
#include <string.h>

#include "api/call/form.h"
#include "api/slack/ask.h"
#include "api/slack/blocks.h"
#include "api/slack/caller.h"
#include "api/slack/cards.h"
#include "api/slack/inputs.h"
#include "api/slack/link.h"
#include "api/slack/post.h"
#include "api/slack/slack.h"
#include "api/slack/web.h"
#include "core/clock.h"
#include "core/json.h"
#include "templates/label.h"

#define PREFIX "amends_"

/* The form that a callback_id or action_id names, or SLACK_FORMS. */
static enum slack_form form_of(const char *name)
{
    size_t form = 0, len = strlen(PREFIX);
    if (strncmp(name, PREFIX, len) != 0)
        return SLACK_FORMS;
    while (form < SLACK_FORMS && strcmp(slack_form_name[form], name + len) != 0)
        form++;
    return (enum slack_form)form;
}

/* The text of a message as it was typed: Slack sends "&", "<" and ">" escaped. */
static const char *unescaped(struct scope *s, const char *text)
{
    static const struct {
        const char *entity;
        char c;
    } entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}};
    char *copy = scope_strdup(s, text), *out = copy;
    while (*text) {
        size_t i = 0, n = sizeof entities / sizeof entities[0];
        while (i < n && strncmp(text, entities[i].entity, strlen(entities[i].entity)) != 0)
            i++;
        *out++ = i < n ? entities[i].c : *text;
        text += i < n ? strlen(entities[i].entity) : 1;
    }
    *out = '\0';
    return copy;
}

/* Open a view, which it takes. If Slack refuses, the person is told so in the channel of the
 * button; there is no time for that if Slack was slow. */
static enum rc open_view(struct call *c, const json_t *payload, json_t *view)
{
    const char *channel = json_get_word(json_object_get(payload, "channel"), "id");
    const char *user = json_get_word(json_object_get(payload, "user"), "id");
    int64_t latest = clock_monotonic() + CLOCK_SECOND / 2;
    const char *error = slack_view_open(c, json_get_word(payload, "trigger_id"), view);
    if (error && *channel && clock_monotonic() < latest) {
        json_t *values = json_own(c->s, json_pack("{s:s}", "error", error));
        const char *text = label_fill(c->s, slack_word(c, "not_opened"), values);
        (void)slack_web(c, "chat.postEphemeral",
            json_pack("{s:s, s:s, s:s}", "channel", channel, "user", user, "text",
                blocks_escape(c->s, text)));
    }
    return slack_reply(c, NULL);
}

/* A shortcut can be answered only by a view. */
static enum rc open_form(
    struct call *c, const json_t *payload, enum slack_form form, const struct slack_start *start)
{
    const char *trouble;
    json_t *view = slack_form_view(c, form, start, &trouble);
    if (!view)
        view = slack_notice(c, slack_word(c, "post_title"), blocks_escape(c->s, trouble));
    return open_view(c, payload, view);
}

static enum rc shortcut(struct call *c, const json_t *payload, const struct slack_caller *caller)
{
    (void)caller;
    const char *text = json_get_text(json_object_get(payload, "message"), "text");
    struct slack_start start = {.body = text ? unescaped(c->s, text) : NULL};
    enum slack_form form = form_of(json_get_word(payload, "callback_id"));
    return form == SLACK_FORMS ? slack_reply(c, NULL) : open_form(c, payload, form, &start);
}

static enum rc submission(struct call *c, const json_t *payload, const struct slack_caller *caller)
{
    enum rc rc = RC_OK;
    const json_t *view = json_object_get(payload, "view");
    const char *name = json_get_word(view, "callback_id");
    enum slack_form form = form_of(name);
    if (form != SLACK_FORMS)
        return slack_preview(c, form, view);
    if (!strcmp(name, PREFIX "post"))
        return slack_post(c, view);
    struct slack_card card = {.caller = caller, .id = json_get_word(view, "private_metadata")};
    if (!strncmp(name, PREFIX, strlen(PREFIX)) &&
        slack_card_submit(c, name + strlen(PREFIX), &card, view, &rc))
        return rc;
    return slack_reply(c, NULL);
}

/* The view after a choice in it, or NULL: nothing in it changes. */
static json_t *changed(struct call *c, const json_t *view, const struct slack_caller *caller)
{
    const char *trouble, *name = json_get_word(view, "callback_id");
    enum slack_form form = form_of(name);
    struct slack_card card = {
        .caller = caller, .id = json_get_word(view, "private_metadata"), .view = view};
    if (form == SLACK_FORMS)
        return strncmp(name, PREFIX, strlen(PREFIX))
                   ? NULL
                   : slack_card_view(c, name + strlen(PREFIX), &card);
    json_t *next = slack_form_view(c, form, &(struct slack_start){.view = view}, &trouble);
    return next ? next : slack_notice(c, slack_word(c, "post_title"), blocks_escape(c->s, trouble));
}

/* If Slack takes the new view too late, the person can submit the old one. */
static enum rc choice(struct call *c, const json_t *view, const struct slack_caller *caller)
{
    json_t *next = changed(c, view, caller);
    if (next)
        (void)slack_view_update(c, json_get_word(view, "id"), json_get_text(view, "hash"), next);
    return slack_reply(c, NULL);
}

static enum rc button(struct call *c, const json_t *payload, const struct slack_caller *caller)
{
    const json_t *action = json_array_get(json_object_get(payload, "actions"), 0);
    const char *name = json_get_word(action, "action_id"), *value = json_get_word(action, "value");
    const char *view = json_get_word(json_object_get(payload, "view"), "id");
    enum slack_form form = form_of(name);
    if (!strcmp(name, SLACK_TYPED))
        return choice(c, json_object_get(payload, "view"), caller);
    if (form != SLACK_FORMS)
        return open_form(c, payload, form, &(struct slack_start){.ref = value});
    if (!strcmp(name, "amends_undo"))
        return slack_held(c, "undo", value, view);
    if (!strcmp(name, "amends_publish"))
        return slack_held(c, "publish", value, view);
    struct slack_card card = {.caller = caller, .id = value};
    bool own = !strncmp(name, PREFIX, strlen(PREFIX));
    json_t *next = own ? slack_card_button(c, name + strlen(PREFIX), &card) : NULL;
    return next ? open_view(c, payload, next) : slack_reply(c, NULL);
}

static enum rc ask_to_link(
    struct call *c, const json_t *payload, const struct slack_caller *caller, bool submitted)
{
    const char *text;
    TRY(slack_link_words(c, caller, &text));
    json_t *view = slack_notice(c, "Amends", text);
    if (submitted)
        return slack_reply_view(c, "update", view);
    return open_view(c, payload, view);
}

static const struct {
    const char *type;
    enum rc (*run)(struct call *c, const json_t *payload, const struct slack_caller *caller);
} types[] = {{"shortcut", shortcut}, {"message_action", shortcut}, {"view_submission", submission},
    {"block_actions", button}};

enum rc hook_slack_interaction(struct call *c)
{
    struct form form = {0};
    json_t *payload = NULL;
    bool known;
    TRY(slack_check(c));
    TRY(form_read(c, &form));
    const char *text = form_text(&form, "payload", "");
    TRY(json_parse(c->s, text, strlen(text), &payload));
    const json_t *user = json_object_get(payload, "user"), *team = json_object_get(payload, "team");
    const char *type = json_get_word(payload, "type");
    struct slack_caller caller = {.team = json_get_word(team, "id"),
        .user = json_get_word(user, "id"),
        .team_name = json_get_word(team, "domain"),
        .user_name = json_get_word(user, "username")};
    TRY(slack_recognise(c, &caller, &known));
    if (!known)
        return ask_to_link(c, payload, &caller, !strcmp(type, "view_submission"));
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (!strcmp(types[i].type, type))
            return types[i].run(c, payload, &caller);
    return slack_reply(c, NULL);
}
