#include "api/slack/post.h"

#include <stdlib.h>
#include <string.h>

#include "api/access/staff.h"
#include "api/slack/ask.h"
#include "api/slack/blocks.h"
#include "api/slack/inputs.h"
#include "api/slack/levels.h"
#include "api/slack/texts.h"
#include "api/slack/web.h"
#include "core/json.h"
#include "templates/label.h"

enum { COUNTS_MAX = 4096 };

STMT(slack_draft_drop_old, "DELETE FROM slack_draft WHERE created_at < now() - interval '1 day'");
STMT(slack_draft_add,
    "INSERT INTO slack_draft (staff_id, target, body) VALUES ($1, $2, $3::jsonb) RETURNING id",
    .row = &row_int);
SHAPE_STATIC(struct draft, draft_shape, "SlackDraft", FIELD(TEXT, target), FIELD(TEXT, body));
STMT(slack_draft_get,
    "SELECT target, body::text AS body FROM slack_draft WHERE id = $1 AND staff_id = $2",
    .row = &draft_shape);

enum rc slack_reply_view(struct call *c, const char *action, json_t *view)
{
    return slack_reply(c, json_pack("{s:s, s:o}", "response_action", action, "view", view));
}

json_t *slack_notice(struct call *c, const char *title, const char *mrkdwn)
{
    json_t *view = slack_view(c, "amends_notice", title, NULL);
    json_array_append_new(json_object_get(view, "blocks"), blocks_section(c->s, mrkdwn));
    json_object_set_new(view, "clear_on_close", json_true());
    return view;
}

/* The components of a refused post by their levels: "components[0].level" is "level:api". */
static const char *of_component(struct call *c, const struct slack_post *post, const char *field)
{
    static const char mark[] = "components[";
    const json_t *list = json_object_get(post->body, "components");
    if (strncmp(field, mark, strlen(mark)) != 0)
        return "";
    const json_t *one = json_array_get(list, strtoul(field + strlen(mark), NULL, 10));
    return scope_printf(c->s, "level:%s", json_get_word(one, "component"));
}

/* "translations.de.body" is "body:de". */
static const char *of_language(struct call *c, const char *field)
{
    static const char mark[] = "translations.";
    const char *last = strrchr(field, '.');
    if (strncmp(field, mark, strlen(mark)) != 0 || last < field + strlen(mark))
        return "";
    const char *tag = field + strlen(mark);
    return scope_printf(c->s, "%s:%.*s", last + 1, (int)(last - tag), tag);
}

/* The block_id of the input that an error is about; of others that of the text. */
static const char *input_of(
    struct call *c, const json_t *view, const struct slack_post *post, const char *field)
{
    const char *names[] = {of_component(c, post, field), of_language(c, field),
        scope_printf(c->s, "%.*s", (int)strcspn(field, ".["), field), "body"};
    const char *block = NULL;
    for (size_t i = 0; !block && i < sizeof names / sizeof *names; i++)
        block = *names[i] ? slack_block_of(view, names[i]) : NULL;
    return block ? block : "body";
}

static enum rc reply_errors(struct call *c, json_t *errors)
{
    return slack_reply(c, json_pack("{s:s, s:O}", "response_action", "errors", "errors", errors));
}

/* The errors of a problem at their inputs. */
static enum rc reply_refusal(
    struct call *c, const json_t *view, const struct slack_post *post, const json_t *problem)
{
    json_t *errors = json_own(c->s, json_object()), *one;
    size_t i;
    json_array_foreach(json_object_get(problem, "errors"), i, one)
    {
        const char *field = json_get_text(one, "field");
        json_object_set_new(errors, input_of(c, view, post, field ? field : ""),
            json_string(slack_detail(c, field, json_get_word(one, "detail"))));
    }
    if (!json_object_size(errors))
        json_object_set_new(
            errors, input_of(c, view, post, ""), json_string(slack_problem(c, problem)));
    return reply_errors(c, errors);
}

struct reached {
    const char *channels; /* "E-mail 1204, SMS 31", in the order of the preview */
    long long all, affected;
};

static struct reached count(struct call *c, const json_t *audience)
{
    struct reached r = {0};
    json_t *sums = json_own(c->s, json_object()), *one;
    const char *channel;
    size_t i;
    STRBUF(b, COUNTS_MAX);
    json_array_foreach(audience, i, one)
    {
        channel = json_get_word(one, "channel");
        long long n = json_get_int(one, "count");
        json_object_set_new(sums, channel, json_integer(json_get_int(sums, channel) + n));
        r.all += n;
        r.affected += json_is_true(json_object_get(one, "affected")) ? n : 0;
    }
    json_object_foreach(sums, channel, one) strbuf_addf(&b, "%s%s %lld", b.len ? ", " : "",
        label_text(c->s, slack_locale(c), "channel", channel), (long long)json_integer_value(one));
    r.channels = strbuf_copy(&b, c->s);
    return r;
}

const char *slack_audience(struct call *c, const json_t *post, const json_t *preview)
{
    struct reached r = count(c, json_object_get(preview, "audience"));
    if (!json_is_true(json_object_get(post, "notify")))
        return slack_word(c, "reaches_nobody");
    json_t *values = json_own(c->s, json_pack("{s:I, s:s, s:I}", "n", (json_int_t)r.all, "channels",
                                        r.channels, "m", (json_int_t)r.affected));
    bool two = json_get_text(post, "affected_body") && r.affected;
    return label_fill(c->s,
        slack_word(c, two     ? "reaches_both"
                      : r.all ? "reaches"
                              : "reaches_none"),
        values);
}

static const char *when_line(struct call *c, const json_t *post)
{
    const char *from = json_get_text(post, "scheduled_from"), *zone = c->staff->timezone;
    return from ? scope_printf(c->s, "%s - %s", blocks_time(c->s, from, slack_locale(c), zone),
                      blocks_time(
                          c->s, json_get_text(post, "scheduled_until"), slack_locale(c), zone))
                : "";
}

static void add_line(struct call *c, json_t *blocks, const char *mrkdwn)
{
    if (*mrkdwn)
        json_array_append_new(blocks, blocks_context(c->s, mrkdwn));
}

static void add_affected(struct call *c, json_t *blocks, const char *body)
{
    const char *label = label_text(c->s, slack_locale(c), "staff_translation", "affected_body");
    if (body)
        json_array_append_new(
            blocks, blocks_section(c->s, scope_printf(c->s, "*%s*\n%s", blocks_escape(c->s, label),
                                             blocks_markdown(c->s, body))));
}

/* "Affected accounts only: plan=pro", of an incident that does not concern everybody. */
static const char *audience_line(struct call *c, const struct slack_post *post)
{
    const char *audience = json_get_word(post->body, "audience");
    if (!post->scope || (!*post->scope && !strcmp(audience, "public")))
        return "";
    return scope_printf(
        c->s, "%s: %s", label_text(c->s, slack_locale(c), "staff_audience", audience), post->scope);
}

static json_t *preview_view(
    struct call *c, const struct slack_post *post, const json_t *preview, int64_t draft)
{
    json_t *view = slack_view(c, "amends_post", slack_word(c, "preview"), slack_word(c, "post"));
    json_t *blocks = json_object_get(view, "blocks");
    const char *state =
        label_text(c->s, slack_locale(c), "state", json_get_word(post->body, "state"));
    json_object_set_new(
        view, "close", blocks_plain(c->s, slack_word(c, "back"), BLOCKS_VIEW_TITLE));
    json_object_set_new(
        view, "private_metadata", json_string(scope_printf(c->s, "%lld", (long long)draft)));
    json_array_append_new(blocks, blocks_header(c->s, post->title));
    json_array_append_new(blocks,
        blocks_section(c->s, scope_printf(c->s, "*%s*\n%s", blocks_escape(c->s, state),
                                 blocks_markdown(c->s, json_get_word(post->body, "body")))));
    add_affected(c, blocks, json_get_text(post->body, "affected_body"));
    add_line(c, blocks, when_line(c, post->body));
    add_line(c, blocks, blocks_escape(c->s, levels_line(c, post->body)));
    add_line(c, blocks, blocks_escape(c->s, audience_line(c, post)));
    add_line(c, blocks, blocks_escape(c->s, texts_languages_line(c, post->body)));
    json_array_append_new(
        blocks, blocks_section(c->s, blocks_escape(c->s, slack_audience(c, post->body, preview))));
    return view;
}

enum rc slack_preview(struct call *c, enum slack_form form, const json_t *view)
{
    struct slack_post post;
    const char *trouble;
    json_t *preview;
    int64_t draft;
    if (!slack_form_read(c, form, view, &post, &trouble))
        return slack_reply_view(
            c, "push", slack_notice(c, slack_word(c, "preview"), blocks_escape(c->s, trouble)));
    if (json_object_size(post.errors))
        return reply_errors(c, post.errors);
    if (!slack_ask(
            c, POST, scope_printf(c->s, "%s/preview", post.target), post.body, NULL, &preview))
        return reply_refusal(c, view, &post, preview);
    TRY(db_do(c->s, c->db, &slack_draft_drop_old, NO_PARAMS, NULL));
    TRY(db_one(c->s, c->db, &slack_draft_add,
        PARAMS(P_INT(c->staff->id), P_TEXT(post.target), P_TEXT(json_text(c->s, post.body))),
        &draft));
    return slack_reply_view(c, "push", preview_view(c, &post, preview, draft));
}

static void add_undo(struct call *c, json_t *blocks, long long held)
{
    json_t *actions = blocks_actions(), *elements = json_object_get(actions, "elements");
    const char *id = scope_printf(c->s, "%lld", held);
    json_array_append_new(
        elements, blocks_button(c->s, "amends_undo", slack_word(c, "undo"), id, "danger"));
    json_array_append_new(
        elements, blocks_button(c->s, "amends_publish", slack_word(c, "publish_now"), id, NULL));
    json_array_append_new(blocks, actions);
}

/* The label for the state of a held post. */
static const char *held_word(struct call *c, const char *state)
{
    static const char *const words[][2] = {{"held", "post_held"}, {"published", "post_published"},
        {"undone", "post_undone"}, {"failed", "post_failed"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (!strcmp(words[i][0], state))
            return slack_word(c, words[i][1]);
    return state;
}

/* What became of a held post. */
static json_t *held_view(struct call *c, const json_t *held)
{
    const char *state = json_get_word(held, "state"), *words = held_word(c, state);
    const char *until =
        blocks_time(c->s, json_get_text(held, "publish_at"), slack_locale(c), c->staff->timezone);
    json_t *view = slack_notice(c, slack_word(c, "post_title"),
        scope_printf(c->s, "*%s*\n%s", blocks_escape(c->s, json_get_word(held, "title")),
            label_fill(c->s, words, json_own(c->s, json_pack("{s:s}", "at", until)))));
    if (!strcmp(state, "held"))
        add_undo(c, json_object_get(view, "blocks"), json_get_int(held, "id"));
    return view;
}

static json_t *held_or_problem(struct call *c, const char *id)
{
    json_t *held;
    return slack_ask(c, GET, scope_printf(c->s, "/v1/held-posts/%s", slack_escaped(c, id)), NULL,
               NULL, &held)
               ? held_view(c, held)
               : slack_notice(
                     c, slack_word(c, "post_title"), blocks_escape(c->s, slack_problem(c, held)));
}

static json_t *posted_view(struct call *c, const json_t *reply)
{
    if (json_is_integer(json_object_get(reply, "held_post")))
        return held_or_problem(
            c, scope_printf(c->s, "%lld", (long long)json_get_int(reply, "held_post")));
    return slack_notice(c, slack_word(c, "post_title"), slack_word(c, "post_published"));
}

enum rc slack_post(struct call *c, const json_t *view)
{
    struct draft draft;
    json_t *reply, *body;
    int64_t id = strtoll(json_get_word(view, "private_metadata"), NULL, 10);
    enum rc rc =
        db_one(c->s, c->db, &slack_draft_get, PARAMS(P_INT(id), P_INT(c->staff->id)), &draft);
    if (rc == RC_NOT_FOUND)
        return slack_reply_view(c, "update",
            slack_notice(c, slack_word(c, "post_title"), slack_word(c, "draft_expired")));
    TRY(rc);
    TRY(json_parse(c->s, draft.body, strlen(draft.body), &body));
    const char *once = scope_printf(c->s, "slack-draft-%lld", (long long)id);
    if (!slack_ask(c, POST, draft.target, body, once, &reply))
        return slack_reply_view(c, "update",
            slack_notice(
                c, slack_word(c, "post_title"), blocks_escape(c->s, slack_problem(c, reply))));
    return slack_reply_view(c, "update", posted_view(c, reply));
}

enum rc slack_held(struct call *c, const char *act, const char *id, const char *view)
{
    json_t *ignored;
    /* Too late, or done before: the view says what became of it. */
    (void)slack_ask(c, POST, scope_printf(c->s, "/v1/held-posts/%s/%s", slack_escaped(c, id), act),
        NULL, NULL, &ignored);
    (void)slack_view_update(c, view, NULL, held_or_problem(c, id));
    return slack_reply(c, NULL);
}
