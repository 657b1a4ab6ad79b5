/* amends alert list | publish | merge | dismiss | resolve | test FILE | import FILE: through the
 * API. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "core/json.h"
#include "core/strbuf.h"

enum { FILE_MAX = 1024 * 1024, PATH_OCTETS = 1000 };

static struct {
    const char *source, *incident, *audience;
} given;

static const struct command_option options[] = {
    OPTION(&given.source, .name = "source", .arg = "NAME", .required = "test",
        .from = "/v1/alert-sources name", .doc = "test: the source that would send FILE"),
    OPTION(&given.incident, .name = "incident", .arg = "REF", .required = "merge",
        .from = "/v1/incidents?open=true ref", .doc = "merge: the open incident"),
    OPTION(&given.audience, .name = "audience", .arg = "public|affected|both",
        .doc = "publish: who hears of it; default: as the rule says"),
    {0}};

static void print(const json_t *row)
{
    printf("%-6lld %-10s %s  %s%s%s\n", json_get_int(row, "id"), json_get_word(row, "state"),
        json_get_word(row, "started_at"), json_get_word(row, "title"),
        *json_get_word(row, "incident") ? "  " : "", json_get_word(row, "incident"));
}

static enum rc list(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL, *row;
    size_t i;
    TRY(client_get(s, &in->client, "/v1/suggestions?limit=200", &reply));
    json_array_foreach(json_object_get(reply, "data"), i, row) command_show(s, in, row, print);
    return RC_OK;
}

static enum rc decide(struct scope *s, struct invocation *in, json_t *body)
{
    json_t *row = NULL;
    const char *path =
        scope_printf(s, "/v1/suggestions/%lld/%s", (long long)in->id, in->verb->name);
    TRY(client_post(s, &in->client, path, body, &row));
    return command_show(s, in, row, print);
}

static enum rc post(struct scope *s, struct invocation *in)
{
    return decide(s, in, json_object());
}

static enum rc publish(struct scope *s, struct invocation *in)
{
    return decide(s, in, json_pack("{s:s*}", "audience", given.audience));
}

static enum rc dismiss(struct scope *s, struct invocation *in)
{
    return decide(s, in, NULL);
}

static enum rc merge(struct scope *s, struct invocation *in)
{
    return decide(s, in, json_pack("{s:s}", "incident", given.incident));
}

/* ": rule errors matches, but ..." */
static void print_missed(const json_t *missed)
{
    const char *because = json_get_word(missed, "because"), *value = json_get_word(missed, "value");
    const char *label = json_get_word(missed, "label");
    if (!*because)
        return;
    printf(": rule %s matches, but ", json_get_word(missed, "rule"));
    if (!strcmp(because, "source"))
        printf("takes only alerts of source \"%s\"", value);
    else if (strcmp(because, "component") != 0)
        printf("the alert has no label \"%s\"", label);
    else
        printf(*label ? "no component is \"%s\", as label \"%s\" says"
                      : "component \"%s\" is archived",
            value, label);
}

static void print_tested(const json_t *row)
{
    const char *rule = json_get_text(row, "rule"), *ends = json_get_text(row, "ends_at");
    printf("%s: %s %s\n", json_get_word(row, "title"), ends ? "resolved" : "fires since",
        ends ? ends : json_get_word(row, "starts_at"));
    if (rule) {
        printf("  rule %s: %s, %s\n", rule, json_get_word(row, "component"),
            json_get_word(row, "level"));
        return;
    }
    fputs("  no rule takes it", stdout);
    print_missed(json_object_get(row, "missed"));
    puts("");
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
        command_show(s, in, row, print_tested);
    return RC_OK;
}

static long long known(const json_t *rules, const char *name)
{
    json_t *rule;
    size_t i;
    json_array_foreach((json_t *)rules, i, rule)
    {
        if (!strcmp(json_get_word(rule, "name"), name))
            return json_get_int(rule, "id");
    }
    return 0;
}

static void print_rule(const json_t *row)
{
    printf("%-6lld %s\n", json_get_int(row, "id"), json_get_word(row, "name"));
}

static enum rc put_rule(
    struct scope *s, struct invocation *in, const json_t *rules, const json_t *rule)
{
    json_t *row = NULL;
    long long id = known(rules, json_get_word(rule, "name"));
    const struct client_request request = {.verb = id ? "PUT" : "POST",
        .path = id ? scope_printf(s, "/v1/alert-rules/%lld", id) : "/v1/alert-rules",
        .body = json_text(s, rule)};
    TRY(client_call(s, &in->client, &request, &row));
    return command_show(s, in, row, print_rule);
}

static enum rc import(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL, *file = NULL, *rule;
    size_t i;
    STRBUF(text, FILE_MAX);
    TRY(strbuf_read(s, in->arg, &text));
    TRY(json_parse(s, text.buf, text.len, &file));
    if (!json_is_array(file))
        return fail(s, RC_INVALID, "%s: must be a list of rules", in->arg);
    TRY(client_get(s, &in->client, "/v1/alert-rules?limit=1000", &reply));
    json_array_foreach(file, i, rule) TRY(put_rule(s, in, json_object_get(reply, "data"), rule));
    return RC_OK;
}

#define PENDING "/v1/suggestions?state=pending id"

static const struct command_verb verbs[] = {{.name = "list", .needs = NEED_API, .run = list},
    {.name = "publish",
        .arg = "ID",
        .number = true,
        .from = PENDING,
        .needs = NEED_API,
        .run = publish},
    {.name = "merge",
        .arg = "ID",
        .number = true,
        .from = PENDING,
        .needs = NEED_API,
        .run = merge},
    {.name = "dismiss",
        .arg = "ID",
        .number = true,
        .from = PENDING,
        .needs = NEED_API,
        .run = dismiss},
    {.name = "resolve", .arg = "ID", .number = true, .needs = NEED_API, .run = post},
    {.name = "test", .arg = "FILE", .needs = NEED_API, .run = test},
    {.name = "import", .arg = "FILE", .needs = NEED_API, .run = import}, {0}};

const struct command command_alert = {.name = "alert",
    .summary = "Decide on incidents that alerts suggest",
    .doc = "List the incidents that alerts suggest; publish, merge or dismiss one, or resolve it "
           "once its alerts are over. test says what a request of a source would do, and writes "
           "nothing. import adds or replaces rules by name from a JSON list. Uses the API: set "
           "AMENDS_URL and AMENDS_KEY, or --data.",
    .options = options,
    .verbs = verbs};
