/* amends rule list | show | add | change | remove | import | test: through the API. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/alerts/fields.h"
#include "cli/alerts/rule_words.h"
#include "core/json.h"
#include "core/strbuf.h"

#define RULES "/v1/alert-rules"

enum { FILE_MAX = 1024 * 1024, PATH_OCTETS = 1000 };

static struct {
    const char *source, *from;
    bool dry_run;
} given;

static const struct command_option options[] = {
    OPTION(&given.source, .name = "source", .arg = "NAME", .required = "test",
        .from = "/v1/alert-sources name", .doc = "test: the source that would send FILE"),
    OPTION(&given.from, .name = "from", .arg = "FILE", .required = "change",
        .doc = "change: the fields that change, as a JSON object; null: the default"),
    OPTION(&given.dry_run, .name = "dry-run",
        .doc = "add, change, import: check it and print the result; write nothing"),
    {0}};

static int by_position(const void *a, const void *b)
{
    const json_t *const *x = a, *const *y = b;
    long long p = json_get_int(*x, "position"), q = json_get_int(*y, "position");
    if (p == q) {
        p = json_get_int(*x, "id");
        q = json_get_int(*y, "id");
    }
    return (p > q) - (p < q);
}

static enum rc list(struct scope *s, struct invocation *in)
{
    json_t *rows, *row;
    size_t i;
    TRY(fields_rows(s, in, RULES, &rows));
    json_t **at = SCOPE_ARRAY(s, json_t *, json_array_size(rows) + 1);
    json_array_foreach(rows, i, row) at[i] = row;
    qsort(at, json_array_size(rows), sizeof(json_t *), by_position);
    for (i = 0; i < json_array_size(rows); i++)
        command_show(s, in, at[i], rule_print);
    return RC_OK;
}

/* The rule of a name; NULL: none has it. */
static json_t *find(const json_t *rules, const char *name)
{
    json_t *rule;
    size_t i;
    json_array_foreach((json_t *)rules, i, rule)
    {
        if (!strcmp(json_get_word(rule, "name"), name))
            return rule;
    }
    return NULL;
}

static enum rc named(struct scope *s, struct invocation *in, json_t **ret)
{
    json_t *rows;
    TRY(fields_rows(s, in, RULES, &rows));
    *ret = find(rows, in->arg);
    return *ret ? RC_OK : fail(s, RC_NOT_FOUND, "no rule \"%.100s\"", in->arg);
}

static const char *path_of(struct scope *s, const json_t *rule)
{
    return scope_printf(s, RULES "/%lld", json_get_int(rule, "id"));
}

/* Add a rule, or replace old. */
static enum rc put(struct scope *s, struct invocation *in, bool dry_run, const json_t *old,
    const json_t *rule, json_t **ret)
{
    const char *path =
        scope_printf(s, "%s?dry_run=%s", old ? path_of(s, old) : RULES, dry_run ? "true" : "false");
    return fields_send(s, in, old ? "PUT" : "POST", path, rule, ret);
}

static enum rc show(struct scope *s, struct invocation *in)
{
    json_t *rule;
    TRY(named(s, in, &rule));
    return command_show(s, in, rule, fields_print);
}

static enum rc add(struct scope *s, struct invocation *in)
{
    json_t *rule, *reply;
    TRY(fields_read(s, in->arg, &rule));
    TRY(put(s, in, given.dry_run, NULL, rule, &reply));
    return command_show(s, in, reply, fields_print);
}

static enum rc change(struct scope *s, struct invocation *in)
{
    json_t *old, *changes, *value, *reply;
    const char *name;
    TRY(fields_read(s, given.from, &changes));
    TRY(named(s, in, &old));
    json_t *rule = json_own(s, json_copy(old));
    json_object_del(rule, "id");
    json_object_foreach(changes, name, value)
    {
        if (json_is_null(value))
            json_object_del(rule, name);
        else
            json_object_set(rule, name, value);
    }
    TRY(put(s, in, given.dry_run, old, rule, &reply));
    return command_show(s, in, reply, fields_print);
}

static enum rc remove_rule(struct scope *s, struct invocation *in)
{
    json_t *rule;
    TRY(named(s, in, &rule));
    return fields_remove(s, in, path_of(s, rule));
}

/* dry_run: nothing is printed, and errors alone matter. */
static enum rc import_one(
    struct scope *s, struct invocation *in, bool dry_run, const json_t *rules, const json_t *rule)
{
    const char *name = json_get_word(rule, "name");
    const json_t *old = find(rules, name);
    json_t *reply;
    enum rc rc = put(s, in, dry_run || given.dry_run, old, rule, &reply);
    if (rc != RC_OK)
        return fail(s, rc, "%s: %s", name, scope_strdup(s, s->fault.message));
    if (in->json && !dry_run)
        return command_show(s, in, reply, NULL);
    if (!dry_run)
        printf("%s %s %s\n", name, given.dry_run ? "would be" : "is", old ? "replaced" : "added");
    return RC_OK;
}

/* All are tried before the first is written. */
static enum rc import(struct scope *s, struct invocation *in)
{
    json_t *rules, *file = NULL, *rule;
    size_t i;
    STRBUF(text, FILE_MAX);
    TRY(strbuf_read(s, in->arg, &text));
    TRY(json_parse(s, text.buf, text.len, &file));
    if (!json_is_array(file))
        return fail(s, RC_INVALID, "%s: must be a list of rules", in->arg);
    TRY(fields_rows(s, in, RULES, &rules));
    json_array_foreach(file, i, rule) TRY(import_one(s, in, true, rules, rule));
    json_array_foreach(file, i, rule) TRY(import_one(s, in, false, rules, rule));
    return RC_OK;
}

static enum rc test(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL, *row;
    size_t i;
    STRBUF(text, FILE_MAX);
    STRBUF(path, PATH_OCTETS);
    TRY(strbuf_read(s, in->arg, &text));
    strbuf_addstr(&path, "/v1/alert-rules/test?source=");
    strbuf_addpercent(&path, given.source);
    const struct client_request request = {.verb = "POST", .path = path.buf, .body = text.buf};
    TRY(client_call(s, &in->client, &request, &reply));
    json_array_foreach(json_object_get(reply, "data"), i, row)
        command_show(s, in, row, rule_print_tested);
    return RC_OK;
}

static const char names[] = RULES " name";
static const struct command_verb verbs[] = {{.name = "list", .needs = NEED_API, .run = list},
    {.name = "show", .arg = "NAME", .from = names, .needs = NEED_API, .run = show},
    {.name = "add", .arg = "FILE", .needs = NEED_API, .run = add},
    {.name = "change", .arg = "NAME", .from = names, .needs = NEED_API, .run = change},
    {.name = "remove", .arg = "NAME", .from = names, .needs = NEED_API, .run = remove_rule},
    {.name = "import", .arg = "FILE", .needs = NEED_API, .run = import},
    {.name = "test", .arg = "FILE", .needs = NEED_API, .run = test}, {0}};

const struct command command_rule = {.name = "rule",
    .summary = "Add and change rules for alerts",
    .doc = "Rules say which component an alert concerns, and how. add takes the JSON object of a "
           "rule, and import a list of them: it adds or replaces by name. test says what a request "
           "of a source would do, and writes nothing. remove keeps what the rule has suggested. "
           "Uses the API: set AMENDS_URL and AMENDS_KEY, or --data.",
    .options = options,
    .verbs = verbs};
