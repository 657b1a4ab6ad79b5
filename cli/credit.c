/* amends credit run | acknowledge | approve: through the API. explain reads the database. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/credit_explain.h"
#include "core/json.h"
#include "core/money.h"

enum { NAMES_MAX = 100 };

static struct {
    const char *policy, *reason, *locale;
    struct texts incidents, warnings;
} given = {.locale = "en"};

static const struct command_option options[] = {
    OPTION(&given.policy, .name = "policy", .key = 'p', .arg = "NAME", .required = "run",
        .from = "/v1/policies name", .doc = "run: policy to apply"),
    OPTION(&given.incidents, .name = "incident", .key = 'i', .arg = "REF", .required = "run",
        .from = "/v1/incidents ref", .max = NAMES_MAX, .doc = "run: incident; may be repeated"),
    OPTION(&given.warnings, .name = "warning", .arg = "NAME", .required = "acknowledge",
        .max = NAMES_MAX, .doc = "acknowledge: warning you have read; may be repeated"),
    OPTION(&given.reason, .name = "reason", .arg = "TEXT", .required = "run",
        .doc = "run: reason, for the record"),
    OPTION(&given.locale, .name = "locale", .arg = "L", .doc = "explain: its language (en)"), {0}};

static void print(const json_t *run)
{
    SCOPE(s);
    printf("run %lld is %s, policy %s version %lld\n", json_get_int(run, "id"),
        json_get_text(run, "state"), json_get_text(run, "policy"), json_get_int(run, "version"));
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(run, "totals"), i, row) printf("  %s in %lld credits\n",
        money_text(s, json_get_int(row, "amount_minor"), json_get_text(row, "currency")),
        json_get_int(row, "credits"));
    json_array_foreach(json_object_get(run, "warnings"), i, row)
        printf("  warning %s: %s%s\n", json_get_text(row, "code"), json_get_text(row, "text"),
            json_is_null(json_object_get(row, "acknowledged_by")) ? " (to be acknowledged)" : "");
}

static json_t *names(const struct texts *texts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < texts->n; i++)
        json_array_append_new(list, json_string(texts->at[i]));
    return list;
}

static enum rc post(struct scope *s, struct invocation *in, const char *path, json_t *body)
{
    json_t *reply = NULL;
    TRY(client_post(s, &in->client, path, body, &reply));
    return command_show(s, in, reply, print);
}

static enum rc run(struct scope *s, struct invocation *in)
{
    return post(s, in, "/v1/credit-runs",
        json_pack("{s:s, s:s, s:o}", "policy", given.policy, "reason", given.reason, "incidents",
            names(&given.incidents)));
}

static enum rc acknowledge(struct scope *s, struct invocation *in)
{
    const char *path =
        scope_printf(s, "/v1/credit-runs/%lld/acknowledge-warnings", (long long)in->id);
    return post(s, in, path, json_pack("{s:o}", "warnings", names(&given.warnings)));
}

static enum rc approve(struct scope *s, struct invocation *in)
{
    const char *path = scope_printf(s, "/v1/credit-runs/%lld/approve", (long long)in->id);
    return post(s, in, path, NULL);
}

static enum rc explain(struct scope *s, struct invocation *in)
{
    return credit_explain(s, in, given.locale);
}

static const struct command_verb verbs[] = {
    {.name = "explain", .arg = "ID", .number = true, .needs = NEED_DATABASE, .run = explain},
    {.name = "run", .needs = NEED_API, .busy = "Computing the credits", .run = run},
    {.name = "acknowledge",
        .arg = "RUN",
        .number = true,
        .needs = NEED_API,
        .from = "/v1/credit-runs?state=draft id",
        .run = acknowledge},
    {.name = "approve",
        .arg = "RUN",
        .number = true,
        .needs = NEED_API,
        .busy = "Issuing the credits",
        .from = "/v1/credit-runs?state=draft id",
        .run = approve},
    {0}};

const struct command command_credit = {.name = "credit",
    .summary = "Draft and approve credit runs, explain a credit",
    .doc = "explain prints the calculation of one credit, line by line, in the sentences of its "
           "statement. run drafts a credit run, acknowledge confirms its warnings, and approve "
           "issues a draft by another person; these use the API: set AMENDS_URL and AMENDS_KEY, "
           "or --data.",
    .options = options,
    .verbs = verbs};
