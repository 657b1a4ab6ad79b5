/* /staff/broadcasts/{id}: progress and undo; outcome.h has how it went. */
#include <stdlib.h>
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/confirm.h"
#include "api/console/console.h"
#include "api/console/outcome.h"
#include "core/clock.h"
#include "core/json.h"
#include "templates/label.h"

static const char *of_broadcast(struct call *c, const char *tail)
{
    return scope_printf(c->s, "/v1/broadcasts/%s%s", console_escaped(c, c->param[0]), tail);
}

static json_t *counts(struct call *c, json_t *broadcast)
{
    json_t *list = json_array(), *n;
    const char *state;
    json_object_foreach(json_object_get(broadcast, "counts"), state, n) json_array_append_new(
        list, json_pack("{s:s, s:s, s:O}", "state", state, "label",
                  label_text(c->s, console_locale(c), "staff_outcome", state), "n", n));
    return list;
}

/* The end of the undo window. */
static json_int_t held_seconds(json_t *broadcast)
{
    int64_t at, now = clock_now();
    const char *text = json_get_text(broadcast, "not_before");
    if (!text || !clock_parse(text, &at) || at <= now)
        return 0;
    return (at - now + CLOCK_SECOND - 1) / CLOCK_SECOND;
}

/* "About …": what differs by recipient is left out of the subject in lists. */
static void elide(struct call *c, json_t *broadcast)
{
    const char *subject = json_get_text(broadcast, "subject"), *open, *close;
    if (!subject)
        return;
    STRBUF(b, 1024);
    for (; (open = strstr(subject, "{{")) && (close = strstr(open, "}}")); subject = close + 2) {
        strbuf_add(&b, subject, (size_t)(open - subject));
        strbuf_addstr(&b, "\u2026");
    }
    strbuf_addstr(&b, subject);
    json_object_set_new(broadcast, "subject", json_string(strbuf_copy(&b, c->s)));
}

static json_t *worded(struct call *c, json_t *broadcast)
{
    elide(c, broadcast);
    console_word(c, broadcast, "kind", "broadcast_kind");
    return console_word(c, broadcast, "state", "broadcast_state");
}

json_t *console_broadcasts_worded(struct call *c, json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) worded(c, one);
    return list;
}

/* Its incident or notice, or null. */
static enum rc put_incident(struct call *c, json_t *context, json_t *broadcast)
{
    const char *ref = json_get_text(broadcast, "incident");
    json_t *incident = json_own(c->s, json_null());
    if (ref)
        TRY(console_get(
            c, scope_printf(c->s, "/v1/incidents/%s", console_escaped(c, ref)), &incident));
    json_object_set(context, "incident", incident);
    return RC_OK;
}

static void put_title(json_t *broadcast, json_t *context)
{
    const char *kind = json_get_word(broadcast, "kind_label");
    const char *of = json_get_text(json_object_get(context, "incident"), "title");
    console_title(context, of ? of : kind);
}

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *broadcast;
    TRY(console_get(c, of_broadcast(c, ""), &broadcast));
    console_put_problem(c, context, problem);
    const char *state = json_get_text(broadcast, "state");
    TRY(put_incident(c, context, broadcast));
    json_object_set(context, "broadcast", worded(c, broadcast));
    bool held = !strcmp(state, "held"), sending = !strcmp(state, "sending");
    json_object_set_new(context, "held", json_boolean(held));
    json_object_set_new(context, "held_seconds", json_integer(held_seconds(broadcast)));
    json_object_set_new(context, "done", json_boolean(!strcmp(state, "done")));
    json_object_set_new(context, "cancelled", json_boolean(!strcmp(state, "cancelled")));
    json_object_set_new(context, "open", json_boolean(held || sending));
    json_object_set_new(context, "counts", counts(c, broadcast));
    TRY(outcome_put(c, broadcast, context));
    put_title(broadcast, context);
    return console_reply(c, "broadcasts", context);
}

enum rc console_broadcast(struct call *c)
{
    return show(c, NULL);
}

/* Take back the suppressions that it made. */
static bool undo_suppressions(struct call *c, json_t **reply)
{
    json_t *body = json_own(
        c->s, json_pack("{s:I, s:s}", "broadcast", (json_int_t)strtoll(c->param[0], NULL, 10),
                  "note", form_text(c->form, "note", "")));
    return console_call(c, POST, "/v1/suppressions/undo", body, reply);
}

static bool resume(struct call *c, bool anyway, json_t **reply)
{
    json_t *body = json_own(c->s, json_pack("{s:b}", "anyway", anyway));
    return console_call(c, POST, of_broadcast(c, "/resume"), body, reply);
}

static bool change(struct call *c, const char *act, json_t **reply)
{
    if (!strcmp(act, "undo"))
        return undo_suppressions(c, reply);
    if (!strcmp(act, "resume") || !strcmp(act, "anyway"))
        return resume(c, !strcmp(act, "anyway"), reply);
    bool retry = !strcmp(act, "retry");
    return console_call(c, POST, of_broadcast(c, retry ? "/retry" : "/cancel"), NULL, reply);
}

static enum rc ask(struct call *c, const char *what)
{
    json_t *broadcast;
    const char *id = console_escaped(c, c->param[0]);
    TRY(console_get(c, scope_printf(c->s, "/v1/broadcasts/%s", id), &broadcast));
    return confirm_ask(c, what,
        json_pack("{s:I}", "open", (json_int_t)json_get_int(broadcast, "open")),
        scope_printf(c->s, "/staff/broadcasts/%s", id));
}

enum rc console_broadcast_post(struct call *c)
{
    json_t *reply;
    const char *act = form_text(c->form, "do", "");
    if (!strcmp(act, "anyway") && !confirm_given(c))
        return ask(c, "anyway");
    if (!strcmp(act, "undo") && !confirm_given(c))
        return ask(c, "unsuppress");
    if (!strcmp(act, "stop") && !confirm_given(c))
        return ask(c, "stop");
    if (!change(c, !strcmp(act, "stop") ? "cancel" : act, &reply))
        return show(c, reply);
    return console_go(c, "/staff/broadcasts/%s", console_escaped(c, c->param[0]));
}
