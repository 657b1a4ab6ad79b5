/* /staff/held/{id}: a post in its undo window, and links to all of them. */
#include <stdlib.h>
#include <string.h>

#include "api/console/console.h"
#include "api/readers/reader.h"
#include "core/json.h"
#include "templates/label.h"

static const char *const hold_words[] = {"0", "30", "120", NULL};

json_t *console_holds(struct call *c)
{
    const char *chosen = c->form ? form_text(c->form, "hold", "0") : "30";
    return console_choices(c, hold_words, "staff_post_hold", chosen);
}

void console_take_hold(struct call *c, json_t *body)
{
    const char *hold = form_text(c->form, "hold", "0");
    json_object_set_new(body, "hold_seconds", json_integer(strtol(hold, NULL, 10)));
}

enum rc console_put_held(struct call *c, const char *ref, json_t *context)
{
    json_t *rows;
    const char *of = ref ? scope_printf(c->s, "&incident=%s", ref) : "";
    TRY(console_rows(c, scope_printf(c->s, "/v1/held-posts?state=held&limit=200%s", of), &rows));
    size_t i;
    json_t *one;
    json_array_foreach(rows, i, one) console_word(c, one, "action", "staff_held_action");
    json_object_set(context, "held", rows);
    return RC_OK;
}

enum rc console_posted(struct call *c, const char *ref, json_t *reply)
{
    json_t *held = json_object_get(reply, "held_post"),
           *broadcast = json_object_get(reply, "broadcast");
    if (json_is_integer(held))
        return console_go(c, "/staff/held/%lld", (long long)json_integer_value(held));
    if (json_is_integer(broadcast))
        return console_go(c, "/staff/broadcasts/%lld", (long long)json_integer_value(broadcast));
    return console_go(c, "/staff/incidents/%s", ref);
}

static const char *of_post(struct call *c, const char *tail)
{
    return scope_printf(c->s, "/v1/held-posts/%s%s", console_escaped(c, c->param[0]), tail);
}

/* Components or impacts with the label of their level; an update of none has an empty list. */
static json_t *levels(struct call *c, json_t *post)
{
    json_t *list = json_object_get(post, "components");
    list = list ? list : json_object_get(post, "impacts");
    if (!list)
        return json_own(c->s, json_array());
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        static const char *const times[] = {"from", "to", NULL};
        for (const char *const *name = times; *name; name++)
            if (!json_object_get(one, *name))
                json_object_set_new(one, *name, json_null());
    }
    return console_labelled(c, list, "level");
}

static void put_post(struct call *c, json_t *held, json_t *context)
{
    json_t *post = json_object_get(held, "post"), *body = json_object_get(post, "body"),
           *schedule = json_object_get(post, "schedule");
    const char *state = json_get_text(post, "state");
    static const char *const times[] = {"scheduled_from", "scheduled_until", NULL};
    json_object_set_new(context, "body_html", body ? console_markdown(c, body) : json_string(""));
    json_object_set_new(context, "post_state",
        state ? json_string(label_text(c->s, console_locale(c), "state", state)) : json_null());
    json_object_set(context, "levels", levels(c, post));
    for (const char *const *name = times; *name; name++) {
        json_t *at = json_object_get(schedule, *name);
        json_object_set(context, *name, at ? at : json_own(c->s, json_null()));
    }
}

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *held;
    TRY(console_get(c, of_post(c, ""), &held));
    const char *state = json_get_text(held, "state");
    if (!strcmp(state, "published") && !problem)
        return console_posted(c, console_escaped(c, json_get_text(held, "incident")),
            json_own(c->s, json_pack("{s:O}", "broadcast", json_object_get(held, "broadcast"))));
    console_put_problem(c, context, problem);
    put_post(c, held, context);
    TRY(console_name_components(c, json_object_get(context, "levels")));
    json_object_set(context, "held", console_word(c, held, "action", "staff_held_action"));
    json_object_set_new(context, "waits", json_boolean(!strcmp(state, "held")));
    json_object_set_new(context, "undone", json_boolean(!strcmp(state, "undone")));
    console_title(context, json_get_text(held, "title"));
    return console_reply(c, "incidents/held", context);
}

enum rc console_held(struct call *c)
{
    return show(c, NULL);
}

enum rc console_held_post(struct call *c)
{
    json_t *reply;
    bool undo = !strcmp(form_text(c->form, "do", ""), "undo");
    if (!console_call(c, POST, of_post(c, undo ? "/undo" : "/publish"), NULL, &reply))
        return show(c, reply);
    return console_go(c, "/staff/held/%s", console_escaped(c, c->param[0]));
}
