#include "cli/subscriber_import.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/json.h"

enum { SHOWN_LINES = 10, POLL_MS = 200 };

static long long number(const json_t *import, const char *name)
{
    return json_integer_value(json_object_get(import, name));
}

static const char *text(const json_t *import, const char *name)
{
    const char *value = json_string_value(json_object_get(import, name));
    return value ? value : "";
}

static bool is_running(const json_t *import)
{
    const char *state = text(import, "state");
    return !strcmp(state, "waiting") || !strcmp(state, "reading") || !strcmp(state, "comparing") ||
           !strcmp(state, "writing");
}

/* A progress line that overwrites itself, only on a terminal. */
static void show_progress(const json_t *import)
{
    if (!isatty(STDERR_FILENO))
        return;
    if (is_running(import))
        fprintf(stderr, "\r\033[K%s: %lld lines, %lld per second", text(import, "state"),
            number(import, "rows"), number(import, "rows_per_second"));
    else
        fprintf(stderr, "\r\033[K");
}

static void print_group(const json_t *group)
{
    const char *outcome = text(group, "outcome"), *detail = text(group, "detail");
    size_t i;
    json_t *line;
    printf("\n%s, %lld", outcome, number(group, "count"));
    if (*detail)
        printf(": %s%s%s", text(group, "field"), *text(group, "field") ? ": " : "", detail);
    printf("\n");
    json_array_foreach(json_object_get(group, "lines"), i, line)
    {
        if (i < SHOWN_LINES)
            printf("  line %lld %s\n", number(line, "line"), text(line, "address"));
    }
}

void subscriber_import_print(const json_t *import)
{
    static const char *const counts[] = {
        "created", "updated", "unchanged", "duplicate", "opted_out", "suppressed", "invalid", NULL};
    size_t i;
    json_t *group;
    for (const char *const *name = counts; *name; name++)
        printf("%-10s %lld\n", *name, number(import, *name));
    json_array_foreach(json_object_get(import, "groups"), i, group) print_group(group);
    printf("\nimport %lld is %s%s\n", number(import, "id"), text(import, "state"),
        json_is_true(json_object_get(import, "dry_run")) ? "; preview only, nothing was written"
                                                         : "");
}

static enum rc send(struct scope *s, const struct client *client,
    const struct import_request *request, json_t **ret)
{
    bool standard = !strcmp(request->file, "-");
    FILE *file = standard ? stdin : fopen(request->file, "re");
    if (!file)
        return fail(s, RC_INVALID, "cannot open %s: %m", request->file);
    enum rc rc = client_call(s, client,
        &(struct client_request){.verb = "POST",
            .path = scope_printf(s, "/v1/subscribers/import?wait=false&dry_run=%s&skip_invalid=%s",
                request->dry_run ? "true" : "false", request->skip_invalid ? "true" : "false"),
            .type = request->ndjson ? "application/x-ndjson" : "text/csv",
            .upload = file},
        ret);
    if (!standard)
        fclose(file);
    return rc;
}

static enum rc refused(struct scope *s, const json_t *import)
{
    STRBUF(b, 1024 * 1024);
    size_t i;
    json_t *error;
    json_array_foreach(json_object_get(import, "errors"), i, error)
        strbuf_addf(&b, "\n  line %lld: %s: %s", number(error, "line"), text(error, "field"),
            text(error, "detail"));
    return fail(s, RC_INVALID, "%lld of %lld lines are invalid; nothing was written%s",
        number(import, "invalid"), number(import, "rows"), b.buf);
}

enum rc subscriber_import_send(
    struct scope *s, const struct client *client, const struct import_request *request)
{
    json_t *import = NULL;
    TRY(send(s, client, request, &import));
    const char *path = scope_printf(s, "/v1/imports/%lld", number(import, "id"));
    while (is_running(import)) {
        show_progress(import);
        nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
        TRY(client_call(s, client, &(struct client_request){.verb = "GET", .path = path}, &import));
    }
    show_progress(import);
    const char *state = text(import, "state");
    if (!strcmp(state, "refused"))
        return refused(s, import);
    if (strcmp(state, "done") != 0)
        return fail(s, !strcmp(state, "failed") ? RC_INVALID : RC_RETRY,
            "the import is %s; nothing was written: %s", state, text(import, "error"));
    if (request->json)
        printf("%s\n", json_text(s, import));
    else
        subscriber_import_print(import);
    return RC_OK;
}
