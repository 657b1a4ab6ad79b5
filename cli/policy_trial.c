#include "cli/policy_trial.h"

#include <stdio.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"

enum { YEAR_DAYS = 365 };

/* A date stands for its first instant in UTC. */
static const char *instant(struct scope *s, const char *given, int64_t otherwise)
{
    if (!given)
        return clock_rfc3339(s, otherwise);
    return clock_is_date(given) ? scope_printf(s, "%sT00:00:00Z", given) : given;
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

static enum rc try_one(struct scope *s, const struct client *client,
    const struct trial_request *request, json_t *policy)
{
    json_t *reply = NULL, *body = json_own(s, json_object()), *period = json_object();
    int64_t now = clock_now();
    json_object_set_new(body, "period", period);
    json_object_set(body, "policy", policy);
    json_object_set_new(period, "from",
        json_string(instant(s, request->from, now - YEAR_DAYS * 24 * 3600 * CLOCK_SECOND)));
    json_object_set_new(period, "to", json_string(instant(s, request->to, now)));
    TRY(client_call(s, client,
        &(struct client_request){
            .verb = "POST", .path = "/v1/policies/dry-run", .body = json_text(s, body)},
        &reply));
    if (request->json)
        printf("%s\n", json_text(s, reply));
    else
        print(s, policy, reply);
    return RC_OK;
}

enum rc policy_trial_all(struct scope *s, const struct trial_request *request, json_t *policies)
{
    struct client client;
    size_t i;
    json_t *policy;
    TRY(client_open(s, request->options, &client));
    if (!json_is_array(policies))
        return try_one(s, &client, request, policies);
    json_array_foreach(policies, i, policy) TRY(try_one(s, &client, request, policy));
    return RC_OK;
}
