/* What the pages about alerts share. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/call/auth.h"
#include "api/console/alerts/alerts.h"
#include "api/forms/quoted.h"
#include "core/json.h"
#include "templates/label.h"

json_t *alerts_say(struct call *c, const char *label, json_t *facts)
{
    const char *text = label_text(c->s, console_locale(c), "staff_alerts", label);
    return json_string(facts ? label_fill(c->s, text, json_own(c->s, facts)) : text);
}

enum rc alerts_components(struct call *c, const char *chosen, json_t **ret)
{
    json_t *list, *one;
    size_t i;
    *ret = json_own(c->s, json_array());
    TRY(console_all_rows(c, "/v1/components", &list));
    json_array_foreach(list, i, one)
    {
        const char *slug = json_get_word(one, "slug");
        bool selected = !strcmp(slug, chosen);
        if (!json_get_text(one, "archived_at") || selected)
            json_array_append_new(*ret, json_pack("{s:s, s:O, s:b}", "value", slug, "label",
                                            json_object_get(one, "name"), "selected", selected));
    }
    return RC_OK;
}

const char *alerts_component_name(const json_t *components, const char *slug)
{
    json_t *one;
    size_t i;
    json_array_foreach(components, i, one)
    {
        if (!strcmp(json_get_word(one, "value"), slug))
            return json_get_text(one, "label");
    }
    return slug;
}

enum rc alerts_source_names(struct call *c, json_t **ret)
{
    json_t *list, *one, *seen = json_own(c->s, json_object());
    size_t i;
    bool all = auth_may(c->key, "admin");
    *ret = json_own(c->s, json_array());
    TRY(console_all_rows(c, all ? "/v1/alert-sources" : "/v1/alert-rules", &list));
    json_array_foreach(list, i, one)
    {
        const char *name = json_get_text(one, all ? "name" : "source");
        if (!name || json_object_get(seen, name))
            continue;
        json_object_set_new(seen, name, json_true());
        json_array_append_new(*ret, json_string(name));
    }
    return RC_OK;
}

void alerts_put_made(json_t *made, json_t *context)
{
    const char *url = json_get_word(made, "url");
    bool mail = !strncmp(url, "mailto:", strlen("mailto:"));
    if (made) {
        json_object_set_new(made, "mail", json_boolean(mail));
        json_object_set_new(made, "address", json_string(mail ? url + strlen("mailto:") : url));
        if (!json_object_get(made, "long_url"))
            json_object_set_new(made, "long_url", json_null());
    }
    json_object_set(context, "made", made ? made : json_null());
}

static json_t *number(const char *text)
{
    char *end;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    return *end || errno ? json_string(text) : json_integer((json_int_t)n);
}

void alerts_take(struct call *c, json_t *body, const struct alerts_field *fields)
{
    for (; fields->name; fields++) {
        const char *text = form_text(c->form, fields->name, "");
        if (*text)
            json_object_set_new(body, fields->name,
                fields->kind == ALERTS_TEXT     ? json_string(text)
                : fields->kind == ALERTS_NUMBER ? number(text)
                                                : quoted_list(text));
    }
}

json_t *alerts_shown(struct call *c, const json_t *object, const struct alerts_field *fields)
{
    json_t *shown = json_object();
    for (; fields->name; fields++) {
        const json_t *value = json_object_get(object, fields->name);
        const char *text = json_is_integer(value)
                               ? scope_printf(c->s, "%lld", json_integer_value(value))
                           : json_is_string(value) ? json_string_value(value)
                                                   : quoted_joined(c->s, value);
        json_object_set_new(shown, fields->name, json_string(text));
    }
    return shown;
}
