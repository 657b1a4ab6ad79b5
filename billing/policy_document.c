/* The canonical document of a policy. */
#include <string.h>

#include "billing/policy.h"
#include "core/json.h"

static void put_text(json_t *to, const char *name, const char *text)
{
    if (text)
        json_object_set_new(to, name, json_string(text));
}

static void put_int(json_t *to, const char *name, int64_t value)
{
    if (value != SHAPE_NONE)
        json_object_set_new(to, name, json_integer(value));
}

static void put_copy(json_t *to, const char *name, const json_t *value)
{
    if (value)
        json_object_set_new(to, name, json_deep_copy(value));
}

static json_t *texts(const struct texts *texts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < texts->n; i++)
        json_array_append_new(list, json_string(texts->at[i]));
    return list;
}

/* A part is its shape's members that are given, without defaults that say nothing. */
static json_t *remedy(const char *percent, const char *days, const char *hours,
    const json_t *amounts, const char *pays)
{
    json_t *one = json_object();
    put_text(one, "percent", percent);
    put_text(one, "days", days);
    put_text(one, "hours", hours);
    put_copy(one, "amounts", amounts);
    if (pays && strcmp(pays, "greatest") != 0)
        put_text(one, "pays", pays);
    return one;
}

static json_t *tiers(const struct policy *policy)
{
    json_t *list = json_array();
    const struct policy_tier *at = policy->tiers.at;
    for (size_t i = 0; i < policy->tiers.n; i++) {
        json_t *one = json_object();
        put_text(one, "uptime_below", at[i].uptime_below);
        put_int(one, "down_from_seconds", at[i].down_from_seconds);
        json_t *pays = remedy(at[i].percent, at[i].days, at[i].hours, at[i].amounts, at[i].pays);
        json_object_update(one, pays);
        json_decref(pays);
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *steps(const struct policy *policy)
{
    json_t *list = json_array();
    const struct policy_step *at = policy->steps.at;
    for (size_t i = 0; i < policy->steps.n; i++) {
        json_t *one = remedy(at[i].percent, at[i].days, at[i].hours, at[i].amounts, at[i].pays);
        put_int(one, "from_unit", at[i].from_unit);
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *caps(const struct policy *policy)
{
    json_t *list = json_array();
    const struct cap_fields *at = policy->caps.at;
    for (size_t i = 0; i < policy->caps.n; i++) {
        json_t *one = remedy(at[i].percent, at[i].days, NULL, at[i].amounts, NULL);
        put_text(one, "per", at[i].per);
        put_text(one, "of", at[i].of);
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *grace(const struct grace_fields *f)
{
    json_t *one = json_object();
    put_int(one, "seconds", f->seconds);
    put_int(one, "working_days", f->working_days);
    if (f->calendar) {
        json_t *calendar = json_object();
        put_copy(calendar, "weekend", f->calendar->weekend);
        json_object_set_new(calendar, "holidays", texts(&f->calendar->holidays));
        json_object_set_new(one, "calendar", calendar);
    }
    put_text(one, "from", f->from);
    return one;
}

static json_t *measure(const struct measure_fields *f)
{
    json_t *one = json_object();
    put_int(one, "quantum_seconds", f->quantum_seconds);
    put_text(one, "count", f->count);
    put_text(one, "for", f->what);
    put_text(one, "source", f->source);
    put_int(one, "interval_seconds", f->interval_seconds);
    return one;
}

/* What the rule measures, and over what. */
static void put_measuring(json_t *to, const struct policy *policy)
{
    if (policy->applies) {
        json_t *one = json_object();
        if (policy->applies->plans.n)
            json_object_set_new(one, "plans", texts(&policy->applies->plans));
        put_copy(one, "labels", policy->applies->labels);
        json_object_set_new(to, "applies", one);
    }
    if (policy->base && !strcmp(policy->base, "lines"))
        put_text(to, "base", policy->base);
    if (policy->window) {
        json_t *one = json_object();
        put_text(one, "unit", policy->window->unit);
        put_text(one, "timezone", policy->window->timezone);
        json_object_set_new(to, "window", one);
    }
    put_text(to, "below", policy->below);
    if (policy->beyond)
        json_object_set_new(to, "beyond", json_true());
    if (policy->measure)
        json_object_set_new(to, "measure", measure(policy->measure));
    if (policy->grace)
        json_object_set_new(to, "grace", grace(policy->grace));
}

/* Fields of contracts: what it pays, and when. */
static void put_paying(json_t *to, const struct policy *policy)
{
    if (!strcmp(policy->model, "steps")) {
        json_object_set_new(to, "steps", steps(policy));
        put_int(to, "unit_seconds", policy->unit_seconds);
        put_text(to, "unit", policy->unit);
        put_text(to, "partial", policy->partial);
    }
    if (policy->claim) {
        json_t *one = json_pack("{s:b}", "required", policy->claim->required);
        put_int(one, "within_days", policy->claim->within_days);
        put_text(one, "from", policy->claim->from);
        json_object_set_new(to, "claim", one);
    }
    put_copy(to, "at_least", policy->at_least);
    put_copy(to, "min_credit", policy->min_credit);
    if (policy->caps.at)
        json_object_set_new(to, "caps", caps(policy));
    if (policy->remedy && !strcmp(policy->remedy, "days"))
        put_text(to, "remedy", policy->remedy);
    if (policy->schedule)
        json_object_set_new(to, "schedule",
            json_pack("{s:s, s:I}", "every", policy->schedule->every, "days_after",
                (json_int_t)policy->schedule->days_after));
}

char *policy_document(struct scope *s, const struct policy *policy)
{
    json_t *document = json_own(s, json_object());
    const struct policy_weights *weights = policy->weights_bp;
    put_text(document, "name", policy->name);
    put_text(document, "model", policy->model);
    json_object_set_new(document, "components", texts(&policy->components));
    json_object_set_new(document, "weights_bp",
        json_pack("{s:I, s:I, s:I}", "degraded_performance",
            (json_int_t)weights->degraded_performance, "partial_outage",
            (json_int_t)weights->partial_outage, "major_outage",
            (json_int_t)weights->major_outage));
    json_object_set_new(document, "exclude_maintenance", json_boolean(policy->exclude_maintenance));
    put_int(document, "maintenance_notice_hours", policy->maintenance_notice_hours);
    put_int(document, "min_block_seconds", policy->min_block_seconds);
    put_text(document, "multiplier", policy->multiplier);
    json_object_set_new(document, "tiers", tiers(policy));
    put_text(document, "days", policy->days);
    put_text(document, "per", policy->per);
    json_object_set_new(
        document, "amounts", policy->amounts ? json_deep_copy(policy->amounts) : json_object());
    put_text(document, "audience", policy->audience);
    put_text(document, "cap_percent", policy->cap_percent);
    put_text(document, "rounding", policy->rounding);
    put_int(document, "min_credit_minor", policy->min_credit_minor);
    put_measuring(document, policy);
    put_paying(document, policy);
    return json_text(s, document);
}
