/* amends suppression list | add ADDRESS | remove ADDRESS | undo: through the API. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "core/json.h"

static struct {
    const char *channel, *reason, *note, *broadcast, *since, *until;
} given;

static const struct command_option options[] = {
    OPTION(
        &given.channel, .name = "channel", .arg = "CHANNEL", .doc = "Channel of ADDRESS (email)"),
    OPTION(&given.reason, .name = "reason", .arg = "WORD",
        .doc = "List, undo: filter. Add: reason (manual)"),
    OPTION(&given.broadcast, .name = "broadcast", .arg = "ID",
        .doc = "Undo: those that refusals and bounces of this broadcast made"),
    OPTION(
        &given.since, .name = "since", .arg = "TIME", .doc = "Undo: those made since (RFC 3339)"),
    OPTION(&given.until, .name = "until", .arg = "TIME", .doc = "Undo: those made before"),
    OPTION(&given.note, .name = "note", .arg = "TEXT", .required = "remove",
        .doc = "Note for the audit log"),
    {0}};

/* "&name=value", or nothing for NULL. */
static const char *query(struct scope *s, const char *name, const char *value)
{
    if (!value)
        return "";
    char *escaped = curl_easy_escape(NULL, value, 0);
    const char *text = scope_printf(s, "&%s=%s", name, escaped ? escaped : "");
    curl_free(escaped);
    return text;
}

static const char *word(const json_t *row, const char *name)
{
    const char *value = json_get_text(row, name);
    return value ? value : "-";
}

static enum rc fetch(struct scope *s, const struct invocation *in, const char *cursor, json_t **ret)
{
    const char *path = scope_printf(s, "/v1/suppressions?limit=200%s%s%s%s",
        query(s, "address", in->arg), query(s, "channel", given.channel),
        query(s, "reason", given.reason), query(s, "cursor", cursor));
    return client_get(s, &in->client, path, ret);
}

static void print(const json_t *row)
{
    printf("%s  %-8s %-10s %s  %s\n", word(row, "at"), word(row, "channel"), word(row, "reason"),
        json_object_get(row, "address") ? word(row, "address") : word(row, "id"),
        word(row, "note"));
}

static enum rc list(struct scope *s, struct invocation *in)
{
    const char *cursor = NULL;
    do {
        json_t *page = NULL, *row;
        size_t i;
        TRY(fetch(s, in, cursor, &page));
        json_array_foreach(json_object_get(page, "data"), i, row) command_show(s, in, row, print);
        cursor = json_get_text(page, "next_cursor");
    } while (cursor);
    return RC_OK;
}

static enum rc add(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL;
    json_t *body = json_pack("{s:s, s:s*, s:s*, s:s*}", "address", in->arg, "channel",
        given.channel, "reason", given.reason, "note", given.note);
    TRY(client_post(s, &in->client, "/v1/suppressions", body, &reply));
    if (in->json)
        puts(json_text(s, reply));
    else
        printf("%s is suppressed: %s\n", in->arg, word(reply, "reason"));
    return RC_OK;
}

static enum rc end(struct scope *s, struct invocation *in)
{
    json_t *page = NULL;
    TRY(fetch(s, in, NULL, &page));
    const json_t *row = json_array_get(json_object_get(page, "data"), 0);
    if (!row)
        return fail(s, RC_NOT_FOUND, "%s is not suppressed", in->arg);
    const char *path = scope_printf(
        s, "/v1/suppressions/%s?%s", word(row, "id"), query(s, "note", given.note) + 1);
    const struct client_request request = {.verb = "DELETE", .path = path};
    TRY(client_send(s, &in->client, &request, stdout));
    if (in->json)
        puts(json_text(s, row));
    else
        printf("%s is no longer suppressed (was: %s)\n", in->arg, word(row, "reason"));
    return RC_OK;
}

static enum rc undo(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL;
    if (!given.note)
        return fail(s, RC_INVALID, "undo requires --note, the reason for the audit log");
    json_t *body = json_pack("{s:s, s:s*, s:s*, s:s*}", "note", given.note, "reason", given.reason,
        "since", given.since, "until", given.until);
    if (given.broadcast)
        json_object_set_new(body, "broadcast", json_integer(strtoll(given.broadcast, NULL, 10)));
    TRY(client_post(s, &in->client, "/v1/suppressions/undo", body, &reply));
    if (in->json)
        puts(json_text(s, reply));
    else
        printf("%lld addresses are no longer suppressed\n", json_get_int(reply, "undone"));
    return RC_OK;
}

static const struct command_verb verbs[] = {
    {.name = "list", .arg = "[ADDRESS]", .needs = NEED_API, .run = list},
    {.name = "add", .arg = "ADDRESS", .needs = NEED_API, .run = add},
    {.name = "remove", .arg = "ADDRESS", .needs = NEED_API, .run = end},
    {.name = "undo", .needs = NEED_API, .run = undo}, {0}};

const struct command command_suppression = {.name = "suppression",
    .summary = "Manage the suppression list",
    .doc = "Manage the suppression list: addresses that receive no messages, after a bounce, a "
           "complaint or STOP, or added by hand. Uses the API: set AMENDS_URL and AMENDS_KEY, or "
           "--data.",
    .options = options,
    .verbs = verbs};
