#include "api/slack/ask.h"

#include <string.h>

#include "api/access/staff.h"
#include "api/call/dispatch.h"
#include "api/forms/words.h"
#include "core/json.h"
#include "templates/label.h"

enum { SEGMENT_MAX = 1024 };

/* amends.audit_chain adds it to the entries of this session. */
STMT(slack_via, "SELECT set_config('amends.via', $1, false)", .row = &row_text);

static enum rc say_via(struct call *c, const char *via)
{
    const char *ignored;
    return db_one(c->s, c->db, &slack_via, PARAMS(P_TEXT(via)), &ignored);
}

bool slack_ask(struct call *c, enum verb verb, const char *target, json_t *body, const char *once,
    json_t **ret_json)
{
    struct call inner;
    const char *text = body ? json_text(c->s, body) : NULL;
    *ret_json = json_own(c->s, json_object());
    if (say_via(c, verb == GET ? "" : "slack") != RC_OK)
        return false;
    bool done = dispatch_within(c, verb, target, text, once, &inner) == RC_OK;
    if (verb != GET)
        (void)say_via(c, "");
    if (inner.reply.body.len &&
        json_parse(c->s, inner.reply.body.buf, inner.reply.body.len, ret_json) != RC_OK)
        done = false;
    strbuf_release(&inner.reply.body);
    return done;
}

const char *slack_locale(const struct call *c)
{
    return c->staff ? c->staff->locale : c->api->config->language;
}

const char *slack_word(struct call *c, const char *key)
{
    return label_text(c->s, slack_locale(c), "staff_slack", key);
}

const char *slack_detail(struct call *c, const char *field, const char *detail)
{
    const struct form_words in = {.locale = slack_locale(c), .set = "staff_wrong", .field = field};
    const char *text = form_words(c->s, &in, detail);
    return text ? text : form_sentence(c->s, detail);
}

const char *slack_problem(struct call *c, const json_t *problem)
{
    const json_t *error = json_array_get(json_object_get(problem, "errors"), 0);
    const char *detail = json_get_text(error ? error : problem, "detail");
    return detail ? slack_detail(c, json_get_text(error, "field"), detail)
                  : slack_word(c, "unavailable");
}

const char *slack_escaped(struct call *c, const char *text)
{
    STRBUF(b, SEGMENT_MAX);
    strbuf_addpercent(&b, text);
    return strbuf_copy(&b, c->s);
}

enum rc slack_reply(struct call *c, json_t *json)
{
    c->reply.status = 200;
    c->reply.type = "application/json";
    if (json)
        strbuf_addstr(&c->reply.body, json_text(c->s, json_own(c->s, json)));
    return RC_OK;
}
