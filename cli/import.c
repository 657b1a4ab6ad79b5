#include "cli/import.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/json.h"
#include "core/strbuf.h"

enum { POLL_MS = 200 };

static bool is_running(const json_t *import)
{
    const char *state = json_get_word(import, "state");
    return !strcmp(state, "waiting") || !strcmp(state, "reading") || !strcmp(state, "comparing") ||
           !strcmp(state, "writing") || !strcmp(state, "undoing");
}

/* A progress line that overwrites itself, only on a terminal. */
static void show_progress(const json_t *import)
{
    if (!isatty(STDERR_FILENO))
        return;
    if (!strcmp(json_get_word(import, "state"), "undoing"))
        fprintf(stderr, "\r\033[Kundoing: %lld subscribers", json_get_int(import, "undone_rows"));
    else if (is_running(import))
        fprintf(stderr, "\r\033[K%s: %lld lines, %lld per second", json_get_word(import, "state"),
            json_get_int(import, "rows"), json_get_int(import, "rows_per_second"));
    else
        fprintf(stderr, "\r\033[K");
}

void import_print_counts(const json_t *import, const char *const *outcomes)
{
    for (; *outcomes; outcomes++)
        printf("%-10s %lld\n", *outcomes, json_get_int(import, *outcomes));
}

enum rc import_send(struct scope *s, const struct client *client, const char *path,
    const char *file, const char *format, json_t **ret)
{
    CLEANUP(file_close) FILE *in = strcmp(file, "-") != 0 ? fopen(file, "re") : stdin;
    if (!in)
        return fail(s, RC_INVALID, "cannot open %s: %m", file);
    const struct client_request request = {.verb = "POST",
        .path = path,
        .type = !format                  ? "application/octet-stream"
                : !strcmp(format, "csv") ? "text/csv"
                                         : "application/x-ndjson",
        .upload = in,
        .progress = true};
    return client_call(s, client, &request, ret);
}

static enum rc refused(struct scope *s, const json_t *import)
{
    STRBUF(b, 1024 * 1024);
    size_t i;
    json_t *error;
    json_array_foreach(json_object_get(import, "errors"), i, error)
        strbuf_addf(&b, "\n  line %lld: %s: %s", json_get_int(error, "line"),
            json_get_word(error, "field"), json_get_word(error, "detail"));
    if (json_get_int(import, "invalid") > (long long)i)
        strbuf_addf(&b, "\n  and %lld more", json_get_int(import, "invalid") - (long long)i);
    return fail(s, RC_INVALID, "%lld of %lld lines are invalid; nothing was written%s",
        json_get_int(import, "invalid"), json_get_int(import, "rows"), b.buf);
}

enum rc import_wait(struct scope *s, const struct client *client, json_t **import)
{
    const char *path = scope_printf(s, "/v1/imports/%lld", json_get_int(*import, "id"));
    while (is_running(*import)) {
        show_progress(*import);
        nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
        TRY(client_call(s, client, &(struct client_request){.verb = "GET", .path = path}, import));
    }
    show_progress(*import);
    const char *state = json_get_word(*import, "state");
    if (!strcmp(state, "refused"))
        return refused(s, *import);
    if (!strcmp(state, "cancelled"))
        return fail(s, RC_CONFLICT, "the import was cancelled; nothing was written");
    if (strcmp(state, "done") != 0 && strcmp(state, "undone") != 0)
        return fail(s, !strcmp(state, "failed") ? RC_INVALID : RC_RETRY,
            "the import is %s; nothing was written: %s", state, json_get_word(*import, "error"));
    return RC_OK;
}
