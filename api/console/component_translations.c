/* /staff/components/translations: the names and descriptions of a component or group in other
 * languages. */
#include <string.h>

#include "api/console/console.h"
#include "api/console/translated.h"
#include "core/json.h"

static const char *const parts[] = {"name", "description", NULL};

/* The component or group of the query or of the form. */
struct named {
    const char *kind, *slug, *path;
};

static struct named named_of(const struct form *form)
{
    bool group = !strcmp(form_text(form, "kind", ""), "group");
    return (struct named){.kind = group ? "group" : "component",
        .slug = form_text(form, "slug", ""),
        .path = group ? "/v1/component-groups" : "/v1/components"};
}

static json_t *find(json_t *list, const char *slug)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) if (!strcmp(json_get_word(one, "slug"), slug)) return one;
    return NULL;
}

static enum rc show(struct call *c, const struct named *named, json_t *problem)
{
    json_t *list, *reply, *context;
    if (!strcmp(named->kind, "component")) {
        TRY(console_all_rows(c, named->path, &list));
    } else {
        TRY(console_get(c, named->path, &reply));
        list = json_object_get(reply, "data");
    }
    context = find(list, named->slug);
    if (!context)
        return fail(c->s, RC_NOT_FOUND, "no %s \"%.100s\"", named->kind, named->slug);
    struct translated texts = {.parts = parts,
        .own = c->api->config->language,
        .form = c->form,
        .start = json_object_get(context, "translations")};
    TRY(translated_readers(c, &texts.readers));
    translated_put(c, &texts, context);
    json_object_set_new(context, "translations_open", json_true());
    console_put_problem(c, context, problem);
    json_object_set_new(context, "kind", json_string(named->kind));
    return console_reply(c, "components/languages", context);
}

enum rc console_component_translations(struct call *c)
{
    struct form form;
    TRY(form_read(c, &form));
    struct named named = named_of(&form);
    return show(c, &named, NULL);
}

enum rc console_component_translations_post(struct call *c)
{
    struct named named = named_of(c->form);
    json_t *reply, *body = json_own(c->s, json_object());
    json_object_set_new(body, "translations", translated_typed(c, parts));
    const char *path = scope_printf(c->s, "%s/%s", named.path, console_escaped(c, named.slug));
    if (!console_call(c, PATCH, path, body, &reply))
        return show(c, &named, reply);
    return console_go(c, "/staff/components");
}
