/* amends policy dry-run FILE|NAME [--against FILE|NAME] */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "billing/library.h"
#include "cli/policy/policy.h"
#include "cli/policy/policy_cost.h"
#include "cli/shell/progress.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/strbuf.h"

enum { YEAR_DAYS = 365, PATH_OCTETS = 1000 };

struct policy_dry_run policy_dry_run_given;

/* A date stands for its first instant in UTC. */
static const char *instant(struct scope *s, const char *date, int64_t otherwise)
{
    if (!date)
        return clock_rfc3339(s, otherwise);
    return clock_is_date(date) ? scope_printf(s, "%sT00:00:00Z", date) : date;
}

static json_t *period(struct scope *s)
{
    int64_t now = clock_now();
    return json_pack("{s:s, s:s}", "from",
        instant(s, policy_dry_run_given.from, now - YEAR_DAYS * 24 * 3600 * CLOCK_SECOND), "to",
        instant(s, policy_dry_run_given.to, now));
}

/* As the API takes it: the name of a stored policy, or of one of the library. */
static enum rc named(struct scope *s, struct invocation *in, const char *name, json_t **ret)
{
    json_t *reply, *entry;
    STRBUF(path, PATH_OCTETS);
    strbuf_addstr(&path, "/v1/policies?limit=1&name=");
    strbuf_addpercent(&path, name);
    TRY(client_get(s, &in->client, path.buf, &reply));
    bool stored = json_array_size(json_object_get(reply, "data"));
    if (!stored && library_find(s, name, &entry) != RC_OK)
        return fail(s, RC_INVALID,
            "%s: is neither a file, nor a stored policy, nor one of the library", name);
    *ret = json_own(s, json_pack("{s:s}", stored ? "name" : "library", name));
    return RC_OK;
}

static enum rc ask(struct scope *s, struct invocation *in, json_t *body, const char *name)
{
    json_t *reply = NULL;
    const struct policy_cost cost = {.policy = name, .against = policy_dry_run_given.against};
    progress_begin("Computing over the incidents");
    enum rc rc = client_post(s, &in->client, "/v1/policies/dry-run", body, &reply);
    progress_end();
    TRY(rc);
    if (in->json)
        puts(json_text(s, reply));
    else if (policy_dry_run_given.format)
        policy_cost_csv(&cost, reply);
    else
        policy_cost_table(&cost, reply);
    return RC_OK;
}

static enum rc try_one(struct scope *s, struct invocation *in, json_t *choice, const char *name)
{
    const char *against = policy_dry_run_given.against;
    json_t *other;
    json_t *body = json_copy(choice);
    json_object_set_new(body, "period", period(s));
    json_own(s, json_incref(body));
    if (against && access(against, R_OK) == 0) {
        TRY(policy_file(s, against, &other));
        if (json_is_array(other))
            return fail(s, RC_INVALID, "%s: --against takes one policy, not an array", against);
        json_object_set_new(body, "against", json_pack("{s:O}", "policy", other));
    } else if (against) {
        TRY(named(s, in, against, &other));
        json_object_set(body, "against", other);
    }
    return ask(s, in, body, name);
}

static enum rc try_document(struct scope *s, struct invocation *in, json_t *policy, size_t number)
{
    const char *name = json_get_text(policy, "name");
    json_t *choice = json_own(s, json_pack("{s:O}", "policy", policy));
    return try_one(s, in, choice, name ? name : scope_printf(s, "policy %zu", number));
}

enum rc policy_dry_run(struct scope *s, struct invocation *in)
{
    json_t *choice;
    if (policy_dry_run_given.format)
        policy_cost_csv_head(policy_dry_run_given.against);
    if (access(in->arg, R_OK) == 0 || !strcmp(in->arg, "-"))
        return each_policy(s, in, try_document);
    TRY(named(s, in, in->arg, &choice));
    return try_one(s, in, choice, in->arg);
}
