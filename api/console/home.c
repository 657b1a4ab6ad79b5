/* /staff: what needs a person now, most urgent first, and then the latest messages. */
#include <stdlib.h>
#include <string.h>

#include "api/console/console.h"
#include "core/json.h"

/* In whole minutes before or after the promised time. */
static json_t *promises(json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        json_int_t late = json_get_int(one, "late_seconds");
        json_object_set_new(one, "late", json_boolean(late >= 0));
        json_object_set_new(one, "minutes", json_integer(llabs(late) / 60));
    }
    return list;
}

static bool is_upcoming(json_t *incident)
{
    return !strcmp(json_get_text(incident, "state"), "scheduled");
}

static json_t *select_upcoming(json_t *incidents, bool upcoming)
{
    json_t *list = json_array(), *one;
    size_t i;
    json_array_foreach(incidents, i, one)
    {
        if (is_upcoming(one) == upcoming)
            json_array_append(list, one);
    }
    return list;
}

/* The latest five, without messages to staff. */
static json_t *without_letters(json_t *broadcasts)
{
    enum { SHOWN = 5 };
    json_t *list = json_array(), *one;
    size_t i;
    json_array_foreach(broadcasts, i, one)
    {
        const char *kind = json_get_text(one, "kind");
        if (strcmp(kind, "staff") != 0 && json_array_size(list) < SHOWN)
            json_array_append(list, one);
    }
    return list;
}

/* Broadcasts that wait for somebody to deal with their relay. */
static json_t *troubled(json_t *broadcasts)
{
    json_t *list = json_array(), *one;
    size_t i;
    json_array_foreach(broadcasts, i, one)
    {
        if (!strcmp(json_get_word(one, "limited_by"), "relay_trouble"))
            json_array_append(list, one);
    }
    return list;
}

/* The promise of an open incident belongs on its card: "due" of each, or null. */
static void put_due(json_t *incidents, json_t *promises)
{
    json_t *incident, *promise;
    size_t i, k;
    json_array_foreach(incidents, i, incident)
    {
        json_object_set_new(incident, "due", json_null());
        json_array_foreach(promises, k, promise)
        {
            if (!strcmp(json_get_word(promise, "incident"), json_get_word(incident, "ref")))
                json_object_set(incident, "due", promise);
        }
    }
}

static bool is_clear(const json_t *context)
{
    static const char *const lists[] = {
        "incidents", "trouble", "drafts", "reviews", "claims", "late", "held", "suggestions", NULL};
    for (const char *const *name = lists; *name; name++)
        if (json_array_size(json_object_get(context, *name)))
            return false;
    return true;
}

/* Claims that wait, the oldest first; not every role may read accounts. */
static enum rc claims_due(struct call *c, json_t *context)
{
    enum { OLD_DAYS = 7 };
    json_t *claims = NULL, *one;
    size_t i;
    json_object_set_new(context, "claims", json_array());
    if (!auth_may(c->key, "accounts:read"))
        return RC_OK;
    TRY(console_get(c, "/v1/claims?state=waiting&limit=10", &claims));
    json_array_foreach(json_object_get(claims, "data"), i, one)
        json_object_set_new(one, "old", json_boolean(json_get_int(one, "open_days") >= OLD_DAYS));
    json_object_set(context, "claims", json_object_get(claims, "data"));
    return RC_OK;
}

static enum rc credits_due(struct call *c, json_t *context)
{
    json_t *drafts = NULL, *reviews = NULL, *ageing = NULL, *late = json_array(), *one;
    size_t i;
    json_object_set_new(context, "late", late);
    TRY(console_get(c, "/v1/credit-runs?state=draft&limit=10", &drafts));
    TRY(console_get(c, "/v1/reviews?state=open&limit=10", &reviews));
    TRY(console_get(c, "/v1/credits/ageing", &ageing));
    json_array_foreach(json_object_get(ageing, "totals"), i, one)
    {
        if (json_get_int(one, "over_1_day") > 0)
            json_array_append(late, one);
    }
    console_money_all(c, late, "amount_minor", "amount");
    console_money_all(c, json_object_get(reviews, "data"), "amount_minor", "amount");
    json_array_foreach(json_object_get(drafts, "data"), i, one)
        console_money_all(c, json_object_get(one, "totals"), "amount_minor", "amount");
    json_object_set(context, "drafts", json_object_get(drafts, "data"));
    json_object_set(context, "reviews", json_object_get(reviews, "data"));
    return RC_OK;
}

enum rc console_home(struct call *c)
{
    json_t *context = json_own(c->s, json_object()), *incidents, *sending, *due;
    TRY(console_rows(c, "/v1/promises", &due));
    TRY(console_get(c, "/v1/incidents?open=true&limit=50", &incidents));
    TRY(console_get(c, "/v1/broadcasts?limit=25", &sending));
    json_t *open = console_labelled(c, json_object_get(incidents, "data"), "state");
    put_due(open, promises(due));
    json_object_set_new(context, "incidents", select_upcoming(open, false));
    json_object_set_new(context, "upcoming", select_upcoming(open, true));
    sending = console_broadcasts_worded(c, json_object_get(sending, "data"));
    json_object_set_new(context, "trouble", troubled(sending));
    json_object_set_new(context, "sending", without_letters(sending));
    TRY(console_put_held(c, NULL, context));
    TRY(console_put_suggestions(c, context));
    TRY(credits_due(c, context));
    TRY(claims_due(c, context));
    json_object_set_new(context, "clear", json_boolean(is_clear(context)));
    return console_reply(c, "home", context);
}
