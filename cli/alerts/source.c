/* amends source list | show | add | change | rotate | remove: through the API. */
#include <stdio.h>
#include <string.h>

#include "cli/alerts/fields.h"
#include "cli/shell/secret_file.h"
#include "core/json.h"

static struct {
    const char *kind, *format, *from, *name, *per_minute, *secret_file, *overlap;
    struct texts topics;
    bool end_former_names, dry_run;
} given;

static const struct command_option options[] = {
    OPTION(&given.kind, .name = "kind", .arg = "alerts|measurements",
        .doc = "Kind of the source (alerts). list: only these"),
    OPTION(&given.format, .name = "format", .arg = "FORMAT",
        .doc = "add, change: alertmanager, grafana, pagerduty, opsgenie, datadog, uptime-kuma, "
               "better-stack, cloudwatch, mail or generic"),
    OPTION(&given.topics, .name = "topic", .arg = "ARN", .max = 50,
        .doc = "add, change: topic of Amazon SNS that may send; may be repeated"),
    OPTION(&given.per_minute, .name = "per-minute", .arg = "N",
        .doc = "add, change: requests accepted per minute"),
    OPTION(&given.from, .name = "from", .arg = "FILE",
        .doc = "add, change: fields of the API as a JSON object, such as document, or match and "
               "bad"),
    OPTION(&given.name, .name = "name", .arg = "NAME",
        .doc = "change: another name; the URL with the present one goes on working"),
    OPTION(&given.end_former_names, .name = "end-former-names",
        .doc = "change: URLs with a former name end"),
    OPTION(&given.dry_run, .name = "dry-run",
        .doc = "add, change: check it and print the result; write nothing"),
    OPTION(&given.secret_file, .name = "secret-file", .arg = "FILE",
        .doc = "add, rotate: file with the key that the source made (default: a new secret)"),
    OPTION(&given.overlap, .name = "overlap", .arg = "MINUTES",
        .doc = "rotate: minutes in which the previous secret also works (1440)"),
    {0}};

static bool is_measured(void)
{
    return given.kind && !strcmp(given.kind, "measurements");
}

static const char *collection(void)
{
    return is_measured() ? "/v1/measurement-sources" : "/v1/alert-sources";
}

static const char *path_of(struct scope *s, struct invocation *in, const char *tail)
{
    return scope_printf(s, "%s/%s%s", collection(), client_path(s, "%s", in->arg), tail);
}

static const char *dry_run(void)
{
    return given.dry_run ? "?dry_run=true" : "";
}

static void print_row(const json_t *row)
{
    const char *format = json_get_text(row, "format"), *last = json_get_text(row, "last_at");
    const char *url = json_get_text(row, "url");
    printf("%-14s %-20s  %-14s  %-20s  %s\n", json_get_word(row, "kind"),
        json_get_word(row, "name"), format ? format : "-", last ? last : "no request yet",
        url ? url : "-");
}

static enum rc list_kind(struct scope *s, struct invocation *in, const char *kind, const char *path)
{
    json_t *rows, *row;
    size_t i;
    if (given.kind && strcmp(given.kind, kind) != 0)
        return RC_OK;
    TRY(fields_rows(s, in, path, &rows));
    json_array_foreach(rows, i, row)
    {
        json_object_set_new(row, "kind", json_string(kind));
        command_show(s, in, row, print_row);
    }
    return RC_OK;
}

static enum rc list(struct scope *s, struct invocation *in)
{
    TRY(list_kind(s, in, "alerts", "/v1/alert-sources"));
    return list_kind(s, in, "measurements", "/v1/measurement-sources");
}

static enum rc show(struct scope *s, struct invocation *in)
{
    json_t *row;
    TRY(client_get(s, &in->client, path_of(s, in, ""), &row));
    return command_show(s, in, row, fields_print);
}

static enum rc put_secret(struct scope *s, json_t *body)
{
    const char *secret;
    if (!given.secret_file)
        return RC_OK;
    TRY(secret_file_read(s, given.secret_file, &secret));
    json_object_set_new(body, "secret", json_string(secret));
    return RC_OK;
}

/* The fields of the file, and those of the options, which count. */
static enum rc read_fields(struct scope *s, json_t **ret)
{
    *ret = json_own(s, json_object());
    if (given.from)
        TRY(fields_read(s, given.from, ret));
    if (given.format)
        json_object_set_new(*ret, "format", json_string(given.format));
    fields_put_number(*ret, "per_minute", given.per_minute);
    if (given.end_former_names)
        json_object_set_new(*ret, "former_names", json_array());
    if (!given.topics.n)
        return RC_OK;
    json_t *topics = json_array();
    for (size_t i = 0; i < given.topics.n; i++)
        json_array_append_new(topics, json_string(given.topics.at[i]));
    json_object_set_new(*ret, "topics", topics);
    return RC_OK;
}

static enum rc add(struct scope *s, struct invocation *in)
{
    json_t *body, *reply;
    TRY(read_fields(s, &body));
    TRY(put_secret(s, body));
    json_object_set_new(body, "name", json_string(in->arg));
    TRY(fields_send(s, in, "POST", scope_printf(s, "%s%s", collection(), dry_run()), body, &reply));
    return command_show(s, in, reply, fields_print);
}

static enum rc change(struct scope *s, struct invocation *in)
{
    json_t *body, *reply;
    TRY(read_fields(s, &body));
    if (given.name)
        json_object_set_new(body, "name", json_string(given.name));
    TRY(fields_send(s, in, "PATCH", path_of(s, in, dry_run()), body, &reply));
    return command_show(s, in, reply, fields_print);
}

static enum rc rotate(struct scope *s, struct invocation *in)
{
    json_t *body = json_own(s, json_object()), *reply;
    TRY(put_secret(s, body));
    fields_put_number(body, "overlap_minutes", given.overlap);
    TRY(fields_send(s, in, "POST", path_of(s, in, "/rotate-secret"), body, &reply));
    return command_show(s, in, reply, fields_print);
}

static enum rc remove_source(struct scope *s, struct invocation *in)
{
    return fields_remove(s, in, path_of(s, in, ""));
}

static const char names[] = "/v1/alert-sources name";
static const struct command_verb verbs[] = {{.name = "list", .needs = NEED_API, .run = list},
    {.name = "show", .arg = "NAME", .from = names, .needs = NEED_API, .run = show},
    {.name = "add", .arg = "NAME", .needs = NEED_API, .run = add},
    {.name = "change", .arg = "NAME", .from = names, .needs = NEED_API, .run = change},
    {.name = "rotate", .arg = "NAME", .from = names, .needs = NEED_API, .run = rotate},
    {.name = "remove", .arg = "NAME", .from = names, .needs = NEED_API, .run = remove_source}, {0}};

const struct command command_source = {.name = "source",
    .summary = "Add and change sources of alerts and measurements",
    .doc = "Sources are what sends alerts or counts of requests. add prints the URL for the source "
           "and, only this once, its secret; rotate makes a new secret. change edits or renames a "
           "source, and remove refuses its requests from then on: incidents keep what it has said. "
           "`amends rule test` says what a request of a source would do. Uses the API: set "
           "AMENDS_URL and AMENDS_KEY, or --data.",
    .options = options,
    .verbs = verbs};
