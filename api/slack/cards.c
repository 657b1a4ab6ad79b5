#include "api/slack/cards.h"

#include <string.h>

#include "api/access/staff.h"
#include "api/credits/warning_words.h"
#include "api/slack/ask.h"
#include "api/slack/blocks.h"
#include "api/slack/inputs.h"
#include "api/slack/levels.h"
#include "api/slack/post.h"
#include "api/slack/texts.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

enum { LINES_MAX = 16 * 1024, HOUR = 3600 };

static json_t *say(struct call *c, const char *text)
{
    return slack_notice(c, slack_word(c, "card_title"), blocks_escape(c->s, text));
}

static const char *suggestion_path(struct call *c, const char *id, const char *tail)
{
    return scope_printf(c->s, "/v1/suggestions/%s%s", slack_escaped(c, id), tail);
}

static const char *run_path(struct call *c, const char *id, const char *tail)
{
    return scope_printf(c->s, "/v1/credit-runs/%s%s", slack_escaped(c, id), tail);
}

/* A view with the id of what it decides. */
static json_t *card_view(
    struct call *c, const char *callback, const char *id, const char *title, const char *submit)
{
    json_t *view = slack_view(c, callback, title, submit);
    json_object_set_new(view, "private_metadata", json_string(id));
    return view;
}

/* ---- suggested incidents ---- */

/* The components of its windows, each once. */
static json_t *components_of(const json_t *suggestion)
{
    json_t *list = json_array(), *seen = json_object(), *one;
    size_t i;
    json_array_foreach(json_object_get(suggestion, "windows"), i, one)
    {
        const char *slug = json_get_word(one, "component");
        if (json_object_get(seen, slug))
            continue;
        json_object_set_new(seen, slug, json_true());
        json_array_append_new(
            list, json_pack("{s:s, s:s}", "component", slug, "level", json_get_word(one, "level")));
    }
    json_decref(seen);
    return list;
}

/* The post as POST /v1/incidents would take it, to count its audience. */
static json_t *as_incident(struct call *c, const json_t *suggestion)
{
    const json_t *post = json_object_get(suggestion, "post");
    const json_t *window = json_array_get(json_object_get(suggestion, "windows"), 0);
    json_t *scope = json_object_get(window, "scope"), *body = json_own(c->s, json_object());
    static const char *const same[] = {
        "title", "state", "body", "audience", "affected_body", "translations", NULL};
    for (const char *const *name = same; *name; name++)
        if (json_object_get(post, *name))
            json_object_set(body, *name, json_object_get(post, *name));
    json_object_set_new(body, "components", components_of(suggestion));
    json_object_set_new(body, "notify", json_true());
    if (json_is_object(scope))
        json_object_set(body, "scope", scope);
    return body;
}

static void add_line(struct call *c, json_t *view, const char *text)
{
    if (*text)
        json_array_append_new(
            json_object_get(view, "blocks"), blocks_section(c->s, blocks_escape(c->s, text)));
}

/* The texts to edit. If one is longer than Slack's inputs, they stay as they are. */
static void add_texts(
    struct call *c, const struct slack_card *card, json_t *view, const json_t *post)
{
    struct making m = {.c = c,
        .blocks = json_object_get(view, "blocks"),
        .view = card->view,
        .preset = post,
        .two_texts = !strcmp(json_get_word(post, "audience"), "both"),
        .of_preset = "",
        .of_both = ""};
    texts_add_title(&m, NULL);
    if (texts_fit(post)) {
        texts_add_body(&m, NULL);
        texts_add_affected(&m);
        texts_add_languages(&m, true);
        return;
    }
    add_line(c, view, json_get_word(post, "body"));
    add_line(c, view, json_get_word(post, "affected_body"));
    add_line(c, view, texts_languages_line(c, post));
}

static void add_audience(struct call *c, json_t *view, json_t *post)
{
    json_t *preview;
    bool done = slack_ask(c, POST, "/v1/incidents/preview", post, NULL, &preview);
    add_line(c, view, done ? slack_audience(c, post, preview) : slack_problem(c, preview));
}

static json_t *publish_view(struct call *c, const struct slack_card *card)
{
    json_t *suggestion;
    if (!slack_ask(c, GET, suggestion_path(c, card->id, ""), NULL, NULL, &suggestion))
        return say(c, slack_problem(c, suggestion));
    if (strcmp(json_get_word(suggestion, "state"), "pending") != 0)
        return say(c, slack_word(c, "card_decided"));
    if (!auth_may(c->key, "incidents:write"))
        return say(c, slack_word(c, "post_role"));
    json_t *post = as_incident(c, suggestion);
    json_t *view = card_view(c, "amends_suggestion_publish", card->id, slack_word(c, "publish"),
        slack_word(c, "publish"));
    add_texts(c, card, view, post);
    add_line(c, view, levels_line(c, post));
    add_audience(c, view, post);
    return view;
}

/* The form for the end of its incident. */
static json_t *resolve_view(struct call *c, const struct slack_card *card)
{
    json_t *suggestion;
    const char *trouble;
    if (!slack_ask(c, GET, suggestion_path(c, card->id, ""), NULL, NULL, &suggestion))
        return say(c, slack_problem(c, suggestion));
    if (!json_is_true(json_object_get(suggestion, "resolvable")))
        return say(c, slack_word(c, "card_over"));
    struct slack_start start = {.ref = json_get_word(suggestion, "incident")};
    json_t *view = slack_form_view(c, SLACK_RESOLVE, &start, &trouble);
    return view ? view : say(c, trouble);
}

/* Asked for by Slack's own dialog; a refusal opens a view. */
static json_t *dismiss(struct call *c, const struct slack_card *card)
{
    json_t *reply;
    bool done = slack_ask(c, POST, suggestion_path(c, card->id, "/dismiss"), NULL, NULL, &reply);
    return done ? NULL : say(c, slack_problem(c, reply));
}

/* ---- credit runs ---- */

static const char *totals_of(struct call *c, const json_t *run)
{
    STRBUF(b, LINES_MAX);
    const json_t *one;
    size_t i;
    json_array_foreach(json_object_get(run, "totals"), i, one)
        strbuf_addf(&b, "%s%s (%lld)", b.len ? ", " : "",
            money_local(c->s, json_get_int(one, "amount_minor"), json_get_word(one, "currency"),
                slack_locale(c)),
            json_get_int(one, "credits"));
    return b.len ? strbuf_copy(&b, c->s) : "0";
}

static const char *warnings_of(struct call *c, const json_t *run)
{
    STRBUF(b, LINES_MAX);
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(run, "warnings"), i, one)
    {
        warning_words(c->s, slack_locale(c), one);
        strbuf_addf(&b, "%s%s", b.len ? "\n" : "", json_get_word(one, "text"));
    }
    return strbuf_copy(&b, c->s);
}

/* Why the caller may not approve the run here and now, or NULL. A new link with Slack waits as
 * other changes of access do (approval_wait): all admins were told, and can end it. */
static const char *why_not(struct call *c, const json_t *run, const struct slack_caller *caller)
{
    static const char *const words[][2] = {{"role", "approve_role"}, {"person", "approve_role"},
        {"drafter", "approve_drafter"}, {"wait", "approve_wait"}, {"warnings", "approve_warnings"}};
    const json_t *approval = json_object_get(run, "approval");
    const char *reason = json_get_word(approval, "reason");
    int64_t from = caller->linked_at + c->api->config->approval_wait * HOUR * CLOCK_SECOND;
    if (strcmp(json_get_word(run, "state"), "draft") != 0)
        return slack_word(c, "card_decided");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (!strcmp(words[i][0], reason))
            return slack_word(c, words[i][1]);
    return clock_now() < from ? slack_word(c, "approve_link") : NULL;
}

static json_t *approve_view(struct call *c, const struct slack_card *card)
{
    json_t *run;
    if (!slack_ask(c, GET, run_path(c, card->id, ""), NULL, NULL, &run))
        return say(c, slack_problem(c, run));
    const char *trouble = why_not(c, run, card->caller);
    const char *url = scope_printf(c->s, "%s/staff/credits/runs/%s", c->api->public_url, card->id);
    json_t *view = card_view(c, "amends_run_approve", card->id, slack_word(c, "card_title"),
        trouble ? NULL : slack_word(c, "approve"));
    json_t *blocks = json_object_get(view, "blocks");
    json_array_append_new(blocks, blocks_header(c->s, json_get_word(run, "policy")));
    json_array_append_new(blocks,
        blocks_section(c->s,
            scope_printf(c->s, "*%s*\n%s\n<%s|%s>", blocks_escape(c->s, totals_of(c, run)),
                blocks_escape(c->s, json_get_word(run, "reason")), url, slack_word(c, "console"))));
    const char *warnings = warnings_of(c, run);
    if (*warnings)
        json_array_append_new(blocks, blocks_section(c->s, blocks_escape(c->s, warnings)));
    if (trouble)
        json_array_append_new(blocks, blocks_section(c->s, blocks_escape(c->s, trouble)));
    return view;
}

/* ---- the two ways in ---- */

static const struct {
    const char *action;
    json_t *(*run)(struct call *c, const struct slack_card *card); /* the view to open, or NULL */
} buttons[] = {{"suggestion_publish", publish_view}, {"suggestion_resolve", resolve_view},
    {"suggestion_dismiss", dismiss}, {"run_approve", approve_view}};

json_t *slack_card_button(struct call *c, const char *action, const struct slack_card *card)
{
    for (size_t i = 0; i < sizeof buttons / sizeof buttons[0]; i++)
        if (!strcmp(buttons[i].action, action))
            return buttons[i].run(c, card);
    return NULL;
}

json_t *slack_card_view(struct call *c, const char *callback, const struct slack_card *card)
{
    return strcmp(callback, "suggestion_publish") ? NULL : publish_view(c, card);
}

static enum rc reply_done(struct call *c, bool done, const json_t *reply, const char *word)
{
    return slack_reply_view(
        c, "update", say(c, done ? slack_word(c, word) : slack_problem(c, reply)));
}

static enum rc publish(struct call *c, const struct slack_card *card, const json_t *view)
{
    json_t *reply, *body = json_own(c->s, json_object());
    const char *title = slack_typed(view, "title");
    if (*title)
        json_object_set_new(body, "title", json_string(title));
    texts_read(c, view, body);
    if (slack_block_of(view, "affected_body") && !json_object_get(body, "affected_body"))
        json_object_set_new(body, "affected_body", json_string("")); /* taken out */
    if (slack_block_of(view, "languages") && !json_object_get(body, "translations"))
        json_object_set_new(body, "translations", json_object()); /* all were taken out */
    const char *once = scope_printf(c->s, "slack-publish-%s", card->id);
    bool done = slack_ask(c, POST, suggestion_path(c, card->id, "/publish"), body, once, &reply);
    return reply_done(c, done, reply, "post_published");
}

static enum rc approve(struct call *c, const struct slack_card *card)
{
    json_t *run;
    bool done = slack_ask(c, GET, run_path(c, card->id, ""), NULL, NULL, &run);
    const char *trouble = done ? why_not(c, run, card->caller) : slack_problem(c, run);
    if (trouble)
        return slack_reply_view(c, "update", say(c, trouble));
    done = slack_ask(c, POST, run_path(c, card->id, "/approve?wait=false"), NULL, NULL, &run);
    return reply_done(c, done, run, "approved");
}

bool slack_card_submit(struct call *c, const char *callback, const struct slack_card *card,
    const json_t *view, enum rc *ret)
{
    if (!strcmp(callback, "suggestion_publish"))
        *ret = publish(c, card, view);
    else if (!strcmp(callback, "run_approve"))
        *ret = approve(c, card);
    else
        return false;
    return true;
}
