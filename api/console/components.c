/* /staff/components: the components, by the names customers know; /staff/design: the components of
 * pages. */
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/console.h"
#include "core/json.h"

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *list;
    TRY(console_all_rows(c, "/v1/components", &list));
    console_put_problem(c, context, problem);
    json_object_set(context, "components", console_labelled(c, list, "level"));
    return console_reply(c, "components", context);
}

enum rc console_components(struct call *c)
{
    return show(c, NULL);
}

enum rc console_components_post(struct call *c)
{
    json_t *body = json_own(c->s, json_object()), *reply;
    const char *was = form_text(c->form, "was", NULL), *group = form_text(c->form, "group", "");
    json_object_set_new(body, "slug", json_string(form_text(c->form, "slug", "")));
    json_object_set_new(body, "name", json_string(form_text(c->form, "name", "")));
    if (was || *group)
        json_object_set_new(body, "group", json_string(group));
    bool good =
        was ? console_call(c, PATCH,
                  scope_printf(c->s, "/v1/components/%s", console_escaped(c, was)), body, &reply)
            : console_call(c, POST, "/v1/components", body, &reply);
    return good ? console_go(c, "/staff/components") : show(c, reply);
}

enum rc console_design(struct call *c)
{
    static const char *const tones[] = {"operational", "degraded_performance", "partial_outage",
        "major_outage", "under_maintenance", NULL};
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "tones", console_choices(c, tones, "level", NULL));
    return console_reply(c, "design", context);
}
