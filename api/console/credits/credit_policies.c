/* /staff/credits/policies: all versions, a form for a new one as JSON, and its estimated cost. */
#include <stdlib.h>
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/credits/credits.h"
#include "core/json.h"

static const char *const typed[] = {"document", "from", "to", NULL};

/* The error in the form, or the estimated cost. */
struct shown {
    json_t *problem, *cost;
    const char *wrong; /* the document is not JSON */
};

static void put_problem(struct call *c, json_t *context, struct shown shown)
{
    console_put_problem(c, context, shown.problem);
    if (shown.wrong)
        json_object_set_new(context, "problem",
            json_pack("{s:s, s:s}", "detail", shown.wrong, "field", "document"));
    json_t *problem = json_object_get(context, "problem");
    json_object_set(context, "wrong", problem ? problem : json_own(c->s, json_null()));
}

static enum rc show(struct call *c, struct shown shown)
{
    json_t *context = json_own(c->s, json_object()), *list, *one;
    size_t i;
    TRY(console_get(c, "/v1/policies", &list));
    json_array_foreach(json_object_get(list, "data"), i, one)
    {
        json_t *document = json_object_get(one, "document");
        char *text = json_dumps(document, JSON_INDENT(2));
        json_object_set_new(one, "text", json_string(text));
        json_object_set(one, "model", json_object_get(document, "model"));
        free(text);
    }
    credits_typed(c, context, typed);
    put_problem(c, context, shown);
    json_object_set(context, "list", json_object_get(list, "data"));
    json_object_set(context, "cost", shown.cost ? shown.cost : json_own(c->s, json_null()));
    return console_reply(c, "credits/policies", context);
}

enum rc console_policies(struct call *c)
{
    return show(c, (struct shown){0});
}

static json_t *instant(struct call *c, const char *name)
{
    return json_string(scope_printf(c->s, "%sT00:00:00Z", form_text(c->form, name, "")));
}

static enum rc try_it(struct call *c, json_t *policy)
{
    json_t *reply,
        *body = json_own(c->s, json_pack("{s:O, s:{s:o, s:o}}", "policy", policy, "period", "from",
                                   instant(c, "from"), "to", instant(c, "to")));
    if (!console_call(c, POST, "/v1/policies/dry-run", body, &reply))
        return show(c, (struct shown){.problem = reply});
    console_money_all(c, json_object_get(reply, "totals"), "amount_minor", "amount");
    return show(c, (struct shown){.cost = reply});
}

enum rc console_policies_post(struct call *c)
{
    const char *text = form_text(c->form, "document", "");
    json_t *policy, *reply;
    SCOPE(inner);
    if (json_parse(inner, text, strlen(text), &policy) != RC_OK || !json_is_object(policy)) {
        c->reply.status = 422;
        const char *wrong = inner->fault.message ? inner->fault.message : "must be an object";
        return show(c, (struct shown){.wrong = scope_strdup(c->s, wrong)});
    }
    if (!strcmp(form_text(c->form, "do", ""), "try"))
        return try_it(c, policy);
    if (!console_call(c, POST, "/v1/policies", policy, &reply))
        return show(c, (struct shown){.problem = reply});
    return console_go(c, "/staff/credits/policies");
}
