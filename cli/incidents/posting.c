#include "cli/incidents/posting.h"

#include <stdio.h>
#include <string.h>

#include "api/incidents/incident_post.h"
#include "core/json.h"

const char posting_no_component[] =
    "is not SLUG=LEVEL: operational, degraded_performance, partial_outage, major_outage or "
    "under_maintenance";

bool posting_is_component(const char *arg)
{
    const char *equals = strchr(arg, '=');
    return equals && equals > arg && shape_one_of(post_levels, equals + 1);
}

json_t *posting_components(struct scope *s, const struct texts *given)
{
    json_t *list = json_array();
    for (size_t i = 0; i < given->n; i++) {
        const char *equals = strchr(given->at[i], '=');
        const char *slug = scope_strndup(s, given->at[i], (size_t)(equals - given->at[i]));
        json_array_append_new(
            list, json_pack("{s:s, s:s}", "component", slug, "level", equals + 1));
    }
    return list;
}

const char posting_no_translation[] = "is not LANGUAGE.FIELD=TEXT, such as de.body=Vorbei.";

bool posting_is_translation(const char *arg)
{
    size_t language = strcspn(arg, ".="), field = 0;
    if (language && arg[language] == '.')
        field = strcspn(arg + language + 1, ".=");
    return field && arg[language + 1 + field] == '=';
}

void posting_put_translations(struct scope *s, const struct texts *given, json_t *body)
{
    json_t *all = json_object();
    for (size_t i = 0; i < given->n; i++) {
        size_t language = strcspn(given->at[i], ".");
        const char *field = given->at[i] + language + 1, *equals = strchr(field, '=');
        const char *tag = scope_strndup(s, given->at[i], language);
        json_t *one = json_object_get(all, tag);
        if (!one)
            json_object_set_new(all, tag, one = json_object());
        json_object_set_new(
            one, scope_strndup(s, field, (size_t)(equals - field)), json_string(equals + 1));
    }
    if (given->n)
        json_object_set(body, "translations", all);
    json_decref(all);
}

bool posting_is_label(const char *arg)
{
    const char *equals = strchr(arg, '=');
    return equals && equals > arg;
}

void posting_put_scope(struct scope *s, const struct posting_scope *given, json_t *body)
{
    json_t *scope = json_object(), *wanted = json_object(), *listed = json_array();
    for (size_t i = 0; i < given->labels.n; i++) {
        const char *label = given->labels.at[i], *equals = strchr(label, '=');
        const char *key = scope_strndup(s, label, (size_t)(equals - label));
        if (!json_object_get(wanted, key))
            json_object_set_new(wanted, key, json_array());
        json_array_append_new(json_object_get(wanted, key), json_string(equals + 1));
    }
    for (size_t i = 0; i < given->accounts.n; i++)
        json_array_append_new(listed, json_pack("{s:s}", "account", given->accounts.at[i]));
    if (given->labels.n)
        json_object_set(scope, "labels", wanted);
    if (given->accounts.n)
        json_object_set(scope, "accounts", listed);
    if (given->list)
        json_object_set_new(scope, "list", json_string(given->list));
    if (json_object_size(scope))
        json_object_set(body, "scope", scope);
    json_decref(scope);
    json_decref(wanted);
    json_decref(listed);
}

void posting_print(const struct invocation *in, const char *ref, const json_t *reply)
{
    if (!json_is_integer(json_object_get(reply, "held_post"))) {
        printf("%s is posted\n", ref);
        return;
    }
    bool elsewhere = strcmp(in->place, "./var") != 0;
    printf("%s is posted at %s unless undone:\n  amends undo %lld%s%s\n", ref,
        json_get_word(reply, "publish_at"), json_get_int(reply, "held_post"),
        elsewhere ? " --data " : "", elsewhere ? in->place : "");
}

static void print_time(const json_t *incident, const char *name, const char *words)
{
    if (*json_get_word(incident, name))
        printf("%-12s %s\n", words, json_get_word(incident, name));
}

void posting_print_incident(const json_t *incident)
{
    size_t i;
    json_t *one;
    printf("%s\n%-12s %s\n", json_get_word(incident, "title"), "State",
        json_get_word(incident, "state"));
    print_time(incident, "scheduled_from", "Starts");
    print_time(incident, "scheduled_until", "Ends");
    print_time(incident, "started_at", "Started");
    print_time(incident, "resolved_at", "Resolved");
    print_time(incident, "retracted_at", "Retracted");
    json_array_foreach(json_object_get(incident, "components"), i, one) printf("%-12s %s %s\n",
        i ? "" : "Components", json_get_word(one, "component"), json_get_word(one, "level"));
    json_array_foreach(json_object_get(incident, "updates"), i, one) printf("\n%s  %s\n%s\n",
        json_get_word(one, "posted_at"), json_get_word(one, "state"), json_get_word(one, "body"));
}
