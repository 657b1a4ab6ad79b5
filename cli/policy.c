/* amends policy lint FILE | dry-run FILE | library [NAME] | words FILE|NAME */
#include <stdio.h>

#include "billing/policy.h"
#include "cli/policy.h"
#include "cli/shell/progress.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"

enum { FILE_MAX = 1024 * 1024, YEAR_DAYS = 365 };

static struct {
    const char *from; /* date or RFC 3339; NULL: a year ago */
    const char *to;   /* the same; NULL: now */
} given;

const char *policy_given_locale = "en";

static bool is_instant(const char *text)
{
    int64_t us;
    return clock_is_date(text) || clock_parse(text, &us);
}

static const char no_instant[] =
    "is neither a date nor a time, such as 2026-01-31 or 2026-01-31T12:00:00Z";

static const struct command_option options[] = {
    OPTION(&given.from, .name = "from", .key = 'F', .arg = "DATE", .is_valid = is_instant,
        .refusal = no_instant, .doc = "Dry run: start of the period (a year ago)"),
    OPTION(&given.to, .name = "to", .key = 'T', .arg = "DATE", .is_valid = is_instant,
        .refusal = no_instant, .doc = "Dry run: end of the period, exclusive (now)"),
    OPTION(&policy_given_locale, .name = "locale", .arg = "L", .doc = "Words: their language (en)"),
    {0}};

enum rc each_policy(struct scope *s, struct invocation *in,
    enum rc (*fn)(struct scope *s, struct invocation *in, json_t *policy, size_t number))
{
    STRBUF(text, FILE_MAX);
    json_t *all = NULL, *policy;
    size_t i;
    TRY(strbuf_read(s, in->arg, &text));
    TRY(json_parse(s, text.buf, text.len, &all));
    if (!json_is_array(all))
        return fn(s, in, all, 1);
    json_array_foreach(all, i, policy) TRY(fn(s, in, policy, i + 1));
    return RC_OK;
}

static enum rc lint_one(struct scope *outer, struct invocation *in, json_t *json, size_t number)
{
    (void)outer;
    SCOPE(s);
    const char *name = json_get_text(json, "name");
    bool right = policy_lint(s, json) == RC_OK;
    const char *field = right ? NULL : s->fault.field, *fault = right ? NULL : s->fault.message;
    if (!name)
        name = scope_printf(s, "policy %zu", number);
    if (in->json)
        puts(json_text(s, json_own(s, json_pack("{s:s, s:b, s:s*, s:s*}", "policy", name, "right",
                                          right, "field", field, "fault", fault))));
    else
        printf("%s: %s%s%s\n", name, field ? field : "", field ? " " : "", right ? "right" : fault);
    in->exit = right ? in->exit : 1;
    return RC_OK;
}

static enum rc lint(struct scope *s, struct invocation *in)
{
    return each_policy(s, in, lint_one);
}

/* A date stands for its first instant in UTC. */
static const char *instant(struct scope *s, const char *date, int64_t otherwise)
{
    if (!date)
        return clock_rfc3339(s, otherwise);
    return clock_is_date(date) ? scope_printf(s, "%sT00:00:00Z", date) : date;
}

static const char *text(const json_t *row, const char *name)
{
    const char *value = json_get_text(row, name);
    return value ? value : "-";
}

static void print(struct scope *s, const json_t *policy, const json_t *reply)
{
    size_t i;
    json_t *row;
    printf("%s: %lld incidents, %lld accounts would receive a credit\n", text(policy, "name"),
        json_get_int(reply, "incidents"), json_get_int(reply, "accounts"));
    json_array_foreach(json_object_get(reply, "totals"), i, row)
    {
        int64_t minor = json_get_int(row, "amount_minor");
        int exponent = (int)json_get_int(row, "exponent");
        printf("%s  %s  %-20s %8lld credits %16s\n", text(row, "month"), text(row, "currency"),
            text(row, "plan"), json_get_int(row, "credits"), money_amount(s, minor, exponent));
    }
}

static enum rc try_one(struct scope *s, struct invocation *in, json_t *policy, size_t number)
{
    (void)number;
    json_t *reply = NULL;
    int64_t now = clock_now();
    json_t *body = json_pack("{s:{s:s, s:s}, s:O}", "period", "from",
        instant(s, given.from, now - YEAR_DAYS * 24 * 3600 * CLOCK_SECOND), "to",
        instant(s, given.to, now), "policy", policy);
    progress_begin("Computing over the incidents");
    enum rc rc = client_post(s, &in->client, "/v1/policies/dry-run", body, &reply);
    progress_end();
    TRY(rc);
    if (in->json)
        puts(json_text(s, reply));
    else
        print(s, policy, reply);
    return RC_OK;
}

static enum rc dry_run(struct scope *s, struct invocation *in)
{
    return each_policy(s, in, try_one);
}

static const struct command_verb verbs[] = {{.name = "lint", .arg = "FILE", .run = lint},
    {.name = "dry-run", .arg = "FILE", .needs = NEED_API, .run = dry_run},
    {.name = "library", .arg = "[NAME]", .run = policy_library},
    {.name = "words", .arg = "FILE|NAME", .run = policy_words_print}, {0}};

const struct command command_policy = {.name = "policy",
    .summary = "Check credit policies and estimate their cost",
    .doc =
        "Read a policy, or an array of policies, from a JSON file. lint checks each and exits "
        "with 1 if one is invalid. dry-run estimates the cost over the incidents of a period, "
        "by month, currency and plan, without writing anything; it uses the API: set "
        "AMENDS_URL and AMENDS_KEY, or --data. library lists policies of promises that companies "
        "publish; with NAME it prints the document, to begin one of your own with. words says in "
        "sentences "
        "what a policy in a file or of the library gives.",
    .options = options,
    .verbs = verbs};
