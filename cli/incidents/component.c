/* amends component create | list | state | change | archive | restore: through the API. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/incidents/posting.h"
#include "core/json.h"

static struct {
    const char *name, *group, *description;
    struct texts translations; /* "LANGUAGE.FIELD=TEXT" */
    bool only_degraded, all;
} given;

static const struct command_option options[] = {
    OPTION(&given.name, .name = "name", .arg = "TEXT", .required = "create",
        .doc = "create, change: display name"),
    OPTION(&given.group, .name = "group", .arg = "SLUG", .from = "/v1/component-groups slug",
        .doc = "create, change: its group, created if new"),
    OPTION(&given.description, .name = "description", .arg = "TEXT",
        .doc = "create, change: line below its name"),
    OPTION(&given.translations, .name = "translation", .arg = "LANGUAGE.FIELD=TEXT", .max = 100,
        .is_valid = posting_is_translation, .refusal = posting_no_translation,
        .doc = "create, change: name or description for readers of another language, such as "
               "de.name=...; may be repeated. change: instead of all so far"),
    OPTION(&given.only_degraded, .name = "only-if-degraded",
        .doc = "create, change: hide it on the page while it is operational"),
    OPTION(&given.all, .name = "all", .doc = "list: also archived ones"), {0}};

static json_t *fields(struct scope *s)
{
    json_t *body = json_pack("{s:s*, s:s*, s:s*}", "name", given.name, "group", given.group,
        "description", given.description);
    posting_put_translations(s, &given.translations, body);
    if (given.only_degraded)
        json_object_set_new(body, "only_show_if_degraded", json_true());
    return body;
}

static void print(const json_t *row)
{
    bool archived = *json_get_word(row, "archived_at");
    printf("%-20s %-21s %s%s%s\n", json_get_word(row, "slug"),
        archived ? "archived" : json_get_word(row, "level"), json_get_word(row, "group"),
        *json_get_word(row, "group") ? " / " : "", json_get_word(row, "name"));
}

static enum rc create(struct scope *s, struct invocation *in)
{
    json_t *body = fields(s), *reply = NULL;
    json_object_set_new(body, "slug", json_string(in->arg));
    TRY(client_post(s, &in->client, "/v1/components", body, &reply));
    return command_show(s, in, reply, print);
}

static enum rc patch(struct scope *s, struct invocation *in, json_t *body)
{
    json_t *reply = NULL;
    const struct client_request request = {.verb = "PATCH",
        .path = client_path(s, "/v1/components/%s", in->arg),
        .body = json_text(s, json_own(s, body))};
    TRY(client_call(s, &in->client, &request, &reply));
    return command_show(s, in, reply, print);
}

static enum rc change(struct scope *s, struct invocation *in)
{
    return patch(s, in, fields(s));
}

static enum rc archive(struct scope *s, struct invocation *in)
{
    return patch(s, in, json_pack("{s:b}", "archived", 1));
}

static enum rc restore(struct scope *s, struct invocation *in)
{
    return patch(s, in, json_pack("{s:b}", "archived", 0));
}

/* Call fn for each component, of every page of the list. */
static enum rc each(struct scope *s, struct invocation *in,
    bool (*fn)(struct scope *, struct invocation *, json_t *))
{
    const char *cursor = NULL;
    do {
        json_t *reply = NULL, *row;
        size_t i;
        TRY(client_get(s, &in->client,
            cursor ? client_path(s, "/v1/components?cursor=%s", cursor) : "/v1/components",
            &reply));
        json_array_foreach(
            json_object_get(reply, "data"), i, row) if (!fn(s, in, row)) return RC_OK;
        cursor = json_get_text(reply, "next_cursor");
    } while (cursor);
    return RC_OK;
}

static bool print_one(struct scope *s, struct invocation *in, json_t *row)
{
    if (given.all || !*json_get_word(row, "archived_at"))
        command_show(s, in, row, print);
    return true;
}

static enum rc list(struct scope *s, struct invocation *in)
{
    return each(s, in, print_one);
}

static void print_level(const json_t *row)
{
    puts(json_get_word(row, "level"));
}

static bool find(struct scope *s, struct invocation *in, json_t *row)
{
    if (strcmp(json_get_word(row, "slug"), in->arg) != 0)
        return true;
    command_show(s, in, row, print_level);
    in->id = 1; /* found */
    return false;
}

static enum rc state(struct scope *s, struct invocation *in)
{
    TRY(each(s, in, find));
    return in->id ? RC_OK : fail(s, RC_NOT_FOUND, "no component \"%.100s\"", in->arg);
}

static const char slugs[] = "/v1/components slug";
static const struct command_verb verbs[] = {
    {.name = "create", .arg = "SLUG", .needs = NEED_API, .run = create},
    {.name = "list", .needs = NEED_API, .run = list},
    {.name = "state", .arg = "SLUG", .from = slugs, .needs = NEED_API, .run = state},
    {.name = "change", .arg = "SLUG", .from = slugs, .needs = NEED_API, .run = change},
    {.name = "archive", .arg = "SLUG", .from = slugs, .needs = NEED_API, .run = archive},
    {.name = "restore", .arg = "SLUG", .from = slugs, .needs = NEED_API, .run = restore}, {0}};

const struct command command_component = {.name = "component",
    .summary = "Create, list and archive components",
    .doc = "create adds a component, change edits it, archive takes it off the page and keeps its "
           "history, restore brings it back. list prints the components with their levels, state "
           "that of one: operational, or the level of its worst open impact, which `amends "
           "incident` sets. Uses the API: set AMENDS_URL and AMENDS_KEY, or --data.",
    .options = options,
    .verbs = verbs};
