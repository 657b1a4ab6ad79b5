/* amends send --dry-run REF: previews the recipients of an update per channel and its messages.
 * Writes and sends nothing (rehearsal.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/rehearsal.h"
#include "core/json.h"

enum { COMPONENTS_MAX = 100 };

struct arguments {
    struct options options; /* first member: filled by options_read */
    struct rehearsal rehearsal;
    struct post_component components[COMPONENTS_MAX];
    bool dry_run;
};

static const struct command_option rows[] = {
    OPTION_FLAG("dry-run", 'n', dry_run, "Required: this command only previews"),
    OPTION_TEXT("state", 's', "STATE", rehearsal.state, "State of the update: investigating, ..."),
    OPTION_TEXT("body", 'b', "TEXT", rehearsal.body, "Text of the update, Markdown"),
    OPTION_TAKEN("component", 'c', "SLUG=LEVEL", "Impact level of a component; may be repeated"),
    OPTION_TEXT("title", 't', "TEXT", rehearsal.title, "REF is a new incident with this title"),
};

static void add_component(void *input, char *arg, struct argp_state *state)
{
    struct arguments *a = input;
    char *equals = strchr(arg, '=');
    if (!equals || a->rehearsal.n == COMPONENTS_MAX) {
        argp_error(state, "--component must be SLUG=LEVEL, at most %d times", COMPONENTS_MAX);
        return;
    }
    *equals = '\0';
    a->components[a->rehearsal.n++] =
        (struct post_component){.component = arg, .level = equals + 1};
}

static void check(void *input, struct argp_state *state)
{
    const struct arguments *a = input;
    if (!a->dry_run)
        argp_error(state, "--dry-run is required: post updates through the API or the console");
    if (!a->rehearsal.ref || !a->rehearsal.state || !a->rehearsal.body)
        argp_error(state, "REF, --state and --body are required");
}

static void print_payload(const json_t *payload)
{
    char *text = payload ? json_dumps(payload, JSON_INDENT(2)) : NULL;
    printf("%s", text ? text : "");
    free(text);
}

static void print(const json_t *shown)
{
    size_t i;
    json_t *at;
    printf("%-9s %-8s %-11s %8s\n", "channel", "locale", "verbosity", "readers");
    json_array_foreach(json_object_get(shown, "audience"), i, at)
    {
        printf("%-9s %-8s %-11s %8lld\n", json_get_word(at, "channel"), json_get_word(at, "locale"),
            json_get_word(at, "verbosity"), json_get_int(at, "count"));
    }
    json_array_foreach(json_object_get(shown, "messages"), i, at)
    {
        long long segments = json_get_int(at, "segments");
        printf("\n== %s %s %s", json_get_word(at, "channel"), json_get_word(at, "locale"),
            json_get_word(at, "format"));
        if (segments)
            printf(" (%lld segments)", segments);
        printf("\n%s%s%s\n%s", *json_get_word(at, "subject") ? "Subject: " : "",
            json_get_word(at, "subject"), *json_get_word(at, "subject") ? "\n" : "",
            json_get_word(at, "text"));
        print_payload(json_object_get(at, "payload"));
        printf("%s\n", json_get_word(at, "trouble"));
    }
}

int command_send(int argc, char **argv)
{
    struct arguments a = {0};
    const struct command_line line = {OPTIONS(rows),
        .words = {offsetof(struct arguments, rehearsal.ref)}, .take = add_component, .check = check,
        .args_doc = "REF",
        .doc = "Preview an update of incident REF: its recipients by channel, locale and "
               "verbosity, and the messages of the notifier. Sends and writes nothing."};
    a.rehearsal.components = a.components;
    options_read(&line, OPTIONS_PLACE | OPTIONS_OUTPUT, argc, argv, &a);
    SCOPE(s);
    struct config config;
    json_t *shown = NULL;
    int code = options_load_place(s, &a.options, "send", &config);
    if (code)
        return code;
    struct db *db = db_new(config.database_url, "amends send");
    enum rc rc = rehearse(s, db, &config, &a.rehearsal, &shown);
    db_free(db);
    if (rc != RC_OK)
        return options_fail("amends send", s);
    if (a.options.json)
        puts(json_text(s, shown));
    else
        print(shown);
    return 0;
}
