#include "api/slack/link.h"

#include <stdlib.h>
#include <string.h>

#include "api/access/staff.h"
#include "api/call/list_page.h"
#include "api/readers/link.h"
#include "api/slack/ask.h"
#include "api/slack/slack.h"
#include "core/clock.h"
#include "core/json.h"
#include "templates/label.h"

enum { TEXT_MAX = 128, ID_MAX = 22, SHOWN_MAX = 28, PARTS = 5 };

const struct shape slack_link_shape = SHAPE("SlackLink", struct slack_link,
    FIELD(INT, id, .required = true, .doc = "Id of the link."),
    FIELD(TEXT, login, .required = true, .doc = "Login of the member of staff."),
    FIELD(TEXT, user, .required = true, .doc = "Slack's id of the user."),
    FIELD(TEXT, user_name, .required = true, .min = -1, .doc = "Name of the user in Slack."),
    FIELD(TEXT, team, .required = true, .doc = "Slack's id of the workspace."),
    FIELD(TEXT, team_name, .required = true, .min = -1, .doc = "Name of the workspace."),
    FIELD(TIME, linked_at, .required = true, .doc = "Time of the link."));

#define LINK_SELECT \
    "SELECT l.id, p.login, l.user_id AS user, l.user_name, l.team, l.team_name, l.linked_at" \
    "  FROM slack_link l JOIN staff p ON p.id = l.staff_id WHERE l.ended_at IS NULL "

STMT(slack_link_page, LINK_SELECT "AND ($1::bigint = 0 OR l.id < $1) ORDER BY l.id DESC LIMIT $2",
    .row = &slack_link_shape);
STMT(slack_link_mine, LINK_SELECT "AND l.staff_id = $1 ORDER BY l.id", .row = &slack_link_shape);
STMT(slack_link_add,
    "INSERT INTO slack_link (team, user_id, user_name, team_name, staff_id)"
    " SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM slack_link"
    "   WHERE team = $1 AND user_id = $2 AND greatest(linked_at, ended_at) >= $6)"
    " ON CONFLICT (team, user_id) WHERE ended_at IS NULL DO NOTHING RETURNING id",
    .row = &row_int);
STMT(slack_link_stop,
    "UPDATE slack_link SET ended_at = now() WHERE id = $1 AND ended_at IS NULL"
    " AND ($2::bigint IS NULL OR staff_id = $2) RETURNING staff_id",
    .row = &row_int);
STMT(slack_link_detail,
    "SELECT jsonb_build_object('slack', user_name || ' (' || user_id || '), ' || team_name || ' ('"
    "   || team || ')')::text FROM slack_link WHERE id = $1",
    .row = &row_text);

static bool is_id(const char *text)
{
    size_t len = strlen(text);
    return len && len <= ID_MAX && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == len;
}

/* A name for people, short enough for the token. */
static const char *short_name(struct scope *s, const char *name)
{
    char *text = scope_printf(s, "%.*s", SHOWN_MAX, name);
    for (char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || (unsigned char)*at > '~')
            *at = '?';
    return text;
}

enum rc slack_link_url(struct call *c, const struct slack_caller *caller, const char **ret)
{
    STRBUF(token, SIGN_TOKEN_MAX + 1);
    if (!is_id(caller->team) || !is_id(caller->user))
        return fail(c->s, RC_INVALID, "team_id and user_id must be ids of Slack");
    const char *text =
        scope_printf(c->s, "%lld\n%s\n%s\n%s\n%s", (long long)clock_now(), caller->team,
            caller->user, short_name(c->s, caller->team_name), short_name(c->s, caller->user_name));
    sign_token(c->api->keys, SIGN_SLACK_LINK, text, strlen(text), &token);
    *ret = scope_printf(c->s, "%s/staff/slack/%s", c->api->public_url, token.buf);
    return RC_OK;
}

enum rc slack_link_words(struct call *c, const struct slack_caller *caller, const char **ret)
{
    const char *url;
    TRY(slack_link_url(c, caller, &url));
    json_t *values =
        json_own(c->s, json_pack("{s:s, s:i}", "url", url, "minutes", SLACK_LINK_MINUTES));
    *ret = label_fill(c->s, slack_word(c, "link_first"), values);
    return RC_OK;
}

enum rc slack_link_open(
    struct call *c, const char *token, struct slack_caller *ret, int64_t *ret_made)
{
    SCOPE(inner);
    size_t len = 0;
    char *text = SCOPE_ARRAY(c->s, char, TEXT_MAX + 1), *part[PARTS];
    bool valid =
        sign_verify(inner, c->api->keys, SIGN_SLACK_LINK, token, text, TEXT_MAX, &len) == RC_OK;
    text[valid ? len : 0] = '\0';
    for (size_t i = 0; i < PARTS; i++)
        part[i] = strsep(&text, "\n");
    int64_t made = part[0] ? strtoll(part[0], NULL, 10) : 0;
    if (!part[PARTS - 1] || clock_now() > made + SLACK_LINK_MINUTES * 60 * CLOCK_SECOND)
        return link_none(c);
    *ret_made = made;
    *ret = (struct slack_caller){
        .team = part[1], .user = part[2], .team_name = part[3], .user_name = part[4]};
    return RC_OK;
}

struct linking {
    struct call *c;
    const struct slack_caller *caller;
    int64_t made, id, staff;
};

static enum rc record(struct scope *s, struct db *db, const struct linking *l, const char *action)
{
    const char *detail;
    TRY(db_one(s, db, &slack_link_detail, PARAMS(P_INT(l->id)), &detail));
    return staff_record(s, db, call_actor(l->c), action, l->staff, detail);
}

static enum rc make(struct scope *s, struct db *db, void *arg)
{
    struct linking *l = arg;
    const struct slack_caller *who = l->caller;
    TRY(db_one(s, db, &slack_link_add,
        PARAMS(P_TEXT(who->team), P_TEXT(who->user), P_TEXT(who->user_name), P_TEXT(who->team_name),
            P_INT(l->staff), P_TIME(l->made)),
        &l->id));
    return record(s, db, l, "staff.slack_link");
}

enum rc slack_link_make(struct call *c, const struct slack_caller *caller, int64_t made)
{
    struct linking l = {.c = c, .caller = caller, .made = made, .staff = c->staff->id};
    return IF_NONE(db_txn(c->s, c->db, make, &l),
        refuse(c, 409, "This Slack user is linked already, or the link was used."));
}

static enum rc end(struct scope *s, struct db *db, void *arg)
{
    struct linking *l = arg;
    TRY(db_one(s, db, &slack_link_stop, PARAMS(P_INT(l->id), P_INT(l->staff)), &l->staff));
    return record(s, db, l, "staff.slack_unlink");
}

enum rc slack_link_end(struct call *c, int64_t id, int64_t staff)
{
    struct linking l = {.c = c, .id = id, .staff = staff};
    return IF_NONE(db_txn(c->s, c->db, end, &l),
        fail(c->s, RC_NOT_FOUND, "no link with Slack has the id %lld", (long long)id));
}

enum rc slack_link_of(struct call *c, int64_t staff, struct list *ret)
{
    return db_all(c->s, c->db, &slack_link_mine, PARAMS(P_INT(staff)), ret);
}

enum rc slack_link_list(struct call *c)
{
    const struct page_filter *filter = c->query;
    int64_t before;
    struct list rows;
    TRY(page_open(c, "slack_links", &before));
    TRY(db_all(
        c->s, c->db, &slack_link_page, PARAMS(P_INT(before), P_INT(filter->page.limit)), &rows));
    return reply_page(c, "slack_links", rows, offsetof(struct slack_link, id));
}

enum rc slack_link_delete(struct call *c)
{
    int64_t id;
    TRY(call_id(c, 0, &id));
    TRY(slack_link_end(c, id, SHAPE_NONE));
    return reply_nothing(c);
}
