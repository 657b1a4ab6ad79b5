/* amends suppression list | add ADDRESS | remove ADDRESS: through the API. */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/command.h"
#include "core/json.h"

struct arguments {
    struct options options; /* first member: filled by options_read */
    const char *verb, *address, *channel, *reason, *note;
};

static const struct command_option rows[] = {
    OPTION_TEXT("channel", 'c', "CHANNEL", channel, "Channel of ADDRESS (email)"),
    OPTION_TEXT("reason", 'r', "WORD", reason, "List: filter. Add: reason (manual)"),
    OPTION_TEXT("note", 'n', "TEXT", note, "Note for the audit log; required by remove"),
};

static void check(void *input, struct argp_state *state)
{
    const struct arguments *arguments = input;
    if (!arguments->verb || (strcmp(arguments->verb, "list") != 0 && !arguments->address))
        argp_usage(state);
}

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

static enum rc fetch(struct scope *s, const struct client *client,
    const struct arguments *arguments, const char *cursor, json_t **ret)
{
    const char *path = scope_printf(s, "/v1/suppressions?limit=200%s%s%s%s",
        query(s, "address", arguments->address), query(s, "channel", arguments->channel),
        query(s, "reason", arguments->reason), query(s, "cursor", cursor));
    return client_call(s, client, &(struct client_request){.verb = "GET", .path = path}, ret);
}

static enum rc list(struct scope *s, const struct client *client, const struct arguments *arguments)
{
    const char *cursor = NULL;
    do {
        json_t *page = NULL, *row;
        size_t i;
        TRY(fetch(s, client, arguments, cursor, &page));
        json_array_foreach(json_object_get(page, "data"), i, row)
        {
            if (arguments->options.json)
                printf("%s\n", json_text(s, row));
            else
                printf("%s  %-8s %-10s %s  %s\n", word(row, "at"), word(row, "channel"),
                    word(row, "reason"),
                    json_object_get(row, "address") ? word(row, "address") : word(row, "id"),
                    word(row, "note"));
        }
        cursor = json_get_text(page, "next_cursor");
    } while (cursor);
    return RC_OK;
}

static enum rc add(struct scope *s, const struct client *client, const struct arguments *arguments)
{
    json_t *body = json_own(s, json_object()), *reply = NULL;
    json_object_set_new(body, "address", json_string(arguments->address));
    if (arguments->channel)
        json_object_set_new(body, "channel", json_string(arguments->channel));
    if (arguments->reason)
        json_object_set_new(body, "reason", json_string(arguments->reason));
    if (arguments->note)
        json_object_set_new(body, "note", json_string(arguments->note));
    TRY(client_call(s, client,
        &(struct client_request){
            .verb = "POST", .path = "/v1/suppressions", .body = json_text(s, body)},
        &reply));
    if (arguments->options.json)
        puts(json_text(s, reply));
    else
        printf("%s is suppressed: %s\n", arguments->address, word(reply, "reason"));
    return RC_OK;
}

static enum rc end(struct scope *s, const struct client *client, const struct arguments *arguments)
{
    json_t *page = NULL;
    if (!arguments->note)
        return fail(s, RC_INVALID, "remove requires --note, the reason for the audit log");
    TRY(fetch(s, client, arguments, NULL, &page));
    const json_t *row = json_array_get(json_object_get(page, "data"), 0);
    if (!row)
        return fail(s, RC_NOT_FOUND, "%s is not suppressed", arguments->address);
    const char *path = scope_printf(
        s, "/v1/suppressions/%s?%s", word(row, "id"), query(s, "note", arguments->note) + 1);
    TRY(client_send(s, client, &(struct client_request){.verb = "DELETE", .path = path}, stdout));
    if (arguments->options.json)
        puts(json_text(s, row));
    else
        printf("%s is no longer suppressed (was: %s)\n", arguments->address, word(row, "reason"));
    return RC_OK;
}

static enum rc run(struct scope *s, const struct arguments *arguments)
{
    struct client client;
    TRY(client_open(s, &arguments->options, &client));
    if (!strcmp(arguments->verb, "list"))
        return list(s, &client, arguments);
    if (!strcmp(arguments->verb, "add"))
        return add(s, &client, arguments);
    if (!strcmp(arguments->verb, "remove"))
        return end(s, &client, arguments);
    return fail(s, RC_INVALID, "%s: no such action; see --help", arguments->verb);
}

int command_suppression(int argc, char **argv)
{
    const struct command_line line = {OPTIONS(rows),
        .words = {offsetof(struct arguments, verb), offsetof(struct arguments, address)},
        .check = check, .args_doc = "list [ADDRESS]\nadd ADDRESS\nremove ADDRESS",
        .doc = "Manage the suppression list: addresses that receive no messages, after a bounce, a "
               "complaint or STOP, or added by hand. Uses the API: set AMENDS_URL and AMENDS_KEY, "
               "or --data."};
    struct arguments arguments = {0};
    options_read(&line, OPTIONS_PLACE | OPTIONS_OUTPUT, argc, argv, &arguments);
    SCOPE(s);
    enum rc rc = run(s, &arguments);
    return rc == RC_OK ? 0 : options_fail("amends suppression", s);
}
