/* amends incident liability: the estimate of what an open incident costs. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/incidents/posting.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

static const char *amount_of(struct scope *s, const json_t *one, const char *currency)
{
    return money_local(s, json_get_int(one, "amount_minor"), currency, "en");
}

static void print_sum(struct scope *s, const json_t *sum)
{
    const char *currency = json_get_word(sum, "currency");
    size_t i;
    json_t *later;
    printf("  %s owed now, accounts: %lld", amount_of(s, sum, currency),
        json_get_int(sum, "accounts"));
    json_array_foreach(json_object_get(sum, "forecast"), i, later)
        printf("; in %lld min %s", json_get_int(later, "minutes"), amount_of(s, later, currency));
    puts("");
}

/* "fall below 99.9 %" */
static const char *reason(struct scope *s, const json_t *one, bool many)
{
    const char *uptime = json_get_text(one, "uptime_below");
    const char *down = json_get_text(one, "down_from_seconds");
    if (uptime)
        return scope_printf(s, "%s below %s %%", many ? "fall" : "falls", uptime);
    if (down)
        return scope_printf(s, "%s %s of downtime", many ? "reach" : "reaches",
            label_span(s, "en", strtoll(down, NULL, 10)));
    if (json_get_int(one, "units"))
        return scope_printf(s, "%s %lld paid units of downtime", many ? "reach" : "reaches",
            json_get_int(one, "units"));
    return many ? "change" : "changes";
}

/* "  in 7 min 412 accounts fall below 99.9 %: +12,400.00 EUR" */
static void print_threshold(struct scope *s, const json_t *one, int64_t now)
{
    int64_t at = now, accounts = json_get_int(one, "accounts");
    clock_parse(json_get_word(one, "at"), &at);
    int64_t left = (at - now) / CLOCK_SECOND;
    left = left < 60 ? left : (left + 59) / 60 * 60;
    printf("  in %s %lld account%s %s: %s%s\n", label_span(s, "en", left < 0 ? 0 : left),
        (long long)accounts, accounts == 1 ? "" : "s", reason(s, one, accounts != 1),
        json_get_int(one, "amount_minor") > 0 ? "+" : "",
        amount_of(s, one, json_get_word(one, "currency")));
}

static void print(const json_t *liability)
{
    SCOPE(s);
    size_t i, k;
    json_t *policy, *one;
    const char *at = json_get_text(liability, "at");
    if (!at) {
        puts("no estimate yet");
        return;
    }
    printf("estimated at %s%s\n", at,
        json_is_true(json_object_get(liability, "open")) ? "" : "; the incident is over");
    json_array_foreach(json_object_get(liability, "policies"), i, policy)
    {
        printf("%s\n", json_get_word(policy, "policy"));
        json_array_foreach(json_object_get(policy, "sums"), k, one) print_sum(s, one);
        json_array_foreach(json_object_get(policy, "thresholds"), k, one)
            print_threshold(s, one, clock_now());
    }
    if (!i)
        puts("no policy owes anything, now or within four hours");
}

enum rc incident_liability(struct scope *s, struct invocation *in)
{
    json_t *liability = NULL;
    const char *path = client_path(s, "/v1/incidents/%s/liability", in->arg);
    TRY(client_get(s, &in->client, path, &liability));
    return command_show(s, in, liability, print);
}
