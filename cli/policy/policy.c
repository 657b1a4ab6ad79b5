/* amends policy lint FILE | dry-run FILE|NAME | library [NAME] | words FILE|NAME */
#include <stdio.h>

#include "cli/policy/policy.h"
#include "core/clock.h"
#include "core/json.h"

enum { FILE_MAX = 1024 * 1024 };

const char *policy_given_locale = "en";

static bool is_instant(const char *text)
{
    int64_t us;
    return clock_is_date(text) || clock_parse(text, &us);
}

static const char no_instant[] =
    "is neither a date nor a time, such as 2026-01-31 or 2026-01-31T12:00:00Z";

static const struct command_option options[] = {
    OPTION(&policy_dry_run_given.from, .name = "from", .key = 'F', .arg = "DATE",
        .is_valid = is_instant, .refusal = no_instant,
        .doc = "Dry run: start of the period (a year ago)"),
    OPTION(&policy_dry_run_given.to, .name = "to", .key = 'T', .arg = "DATE",
        .is_valid = is_instant, .refusal = no_instant,
        .doc = "Dry run: end of the period, exclusive (now)"),
    OPTION(&policy_dry_run_given.against, .name = "against", .arg = "POLICY",
        .from = "/v1/policies name", .doc = "Dry run: a second policy, to compare the cost"),
    OPTION(&policy_dry_run_given.format, .name = "format", .key = 'f', .arg = "csv",
        .doc = "Dry run: the rows as CSV"),
    OPTION(&policy_given_locale, .name = "locale", .arg = "L",
        .doc = "Lint and words: their language (en)"),
    {0}};

enum rc policy_file(struct scope *s, const char *name, json_t **ret)
{
    STRBUF(text, FILE_MAX);
    TRY(strbuf_read(s, name, &text));
    return json_parse(s, text.buf, text.len, ret);
}

enum rc each_policy(struct scope *s, struct invocation *in,
    enum rc (*fn)(struct scope *s, struct invocation *in, json_t *policy, size_t number))
{
    json_t *all, *policy;
    size_t i;
    TRY(policy_file(s, in->arg, &all));
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
    json_t *words = NULL;
    bool valid = policy_words_of(s, json, &words) == RC_OK;
    const char *field = valid ? NULL : s->fault.field, *fault = valid ? NULL : s->fault.message;
    if (!name)
        name = scope_printf(s, "policy %zu", number);
    if (in->json) {
        puts(json_text(
            s, json_own(s, json_pack("{s:s, s:b, s:s*, s:s*, s:O*}", "policy", name, "valid", valid,
                               "field", field, "fault", fault, "words", words))));
    } else {
        printf("%s: %s%s%s\n", name, field ? field : "", field ? " " : "", valid ? "valid" : fault);
        if (valid) {
            putchar('\n');
            policy_words_show(words);
            putchar('\n');
        }
    }
    in->exit = valid ? in->exit : 1;
    return RC_OK;
}

static enum rc lint(struct scope *s, struct invocation *in)
{
    return each_policy(s, in, lint_one);
}

static const struct command_verb verbs[] = {{.name = "lint", .arg = "FILE", .run = lint},
    {.name = "dry-run", .arg = "FILE|NAME", .needs = NEED_API, .run = policy_dry_run},
    {.name = "library", .arg = "[NAME]", .run = policy_library},
    {.name = "words", .arg = "FILE|NAME", .run = policy_words_print}, {0}};

const struct command command_policy = {.name = "policy",
    .summary = "Check credit policies and estimate their cost",
    .doc =
        "Read a policy, or an array of policies, from a JSON file. lint checks each, says "
        "in sentences what it gives, with an example, and exits with 1 if one is invalid. dry-run "
        "estimates the cost over the incidents of a period, "
        "by month, currency and plan, without writing anything, of policies in a file, a stored "
        "one or one of the library; --against compares it with a second one. It uses the API: set "
        "AMENDS_URL and AMENDS_KEY, or --data. library lists policies of promises that companies "
        "publish; with NAME it prints the document, to begin one of your own with. words says in "
        "sentences "
        "what a policy in a file or of the library gives.",
    .options = options,
    .verbs = verbs};
