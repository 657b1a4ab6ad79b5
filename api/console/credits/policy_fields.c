/* The table of fields. */
#include "api/console/credits/policy_fields.h"

#include <string.h>

#include "core/json.h"

const char *const policy_models[] = {"tiered", "prorata", "steps", "days", "fixed", NULL};
static const char *const pers[] = {"run", "incident", "affected_day", NULL};
static const char *const step_pers[] = {"window", "incident", NULL};
static const char *const audiences[] = {"affected", "all", NULL};
static const char *const roundings[] = {"half_up", "half_even", "up", NULL};
static const char *const levels[] = {
    "major_outage", "partial_outage", "degraded_performance", NULL};
static const char *const windows[] = {"billing", "month", "quarter", "year", NULL};
static const char *const bases[] = {"account", "lines", NULL};
static const char *const sources[] = {"impacts", "requests", NULL};
static const char *const counts[] = {"exact", "whole", "any", NULL};
static const char *const whats[] = {"both", "amount", "below", NULL};
static const char *const units[] = {"seconds", "local_date", NULL};
static const char *const partials[] = {"started", "complete", NULL};
static const char *const remedies[] = {"money", "days", NULL};
static const char *const pays[] = {"greatest", "sum", NULL};
static const char *const caps[] = {"percent", "several", "none", NULL};
static const char *const cap_pers[] = {"window", "incident", "year", NULL};
static const char *const cap_bases[] = {"window", "year", "previous_30_days", NULL};
static const char *const starts[] = {"start", "report", NULL};
static const char *const deadlines[] = {"incident_end", "window_end", NULL};

#define REMEDIES \
    {.name = "percent", .kind = POLICY_DECIMAL, .usual = true}, \
        {.name = "days", .kind = POLICY_DECIMAL}, {.name = "hours", .kind = POLICY_DECIMAL}, \
        {.name = "amounts", .kind = POLICY_MONEY}, \
    { \
        .name = "pays", .kind = POLICY_OPTION, .parts = pays \
    }

static const struct policy_column tier_columns[] = {
    {.name = "uptime_below", .kind = POLICY_DECIMAL, .usual = true},
    {.name = "down_from_seconds", .kind = POLICY_SPAN}, REMEDIES, {0}};
static const struct policy_column step_columns[] = {
    {.name = "from_unit", .kind = POLICY_NUMBER, .usual = true}, REMEDIES, {0}};
static const struct policy_column cap_columns[] = {
    {.name = "percent", .kind = POLICY_DECIMAL, .usual = true},
    {.name = "days", .kind = POLICY_DECIMAL}, {.name = "amounts", .kind = POLICY_MONEY},
    {.name = "per", .kind = POLICY_OPTION, .usual = true, .parts = cap_pers},
    {.name = "of", .kind = POLICY_OPTION, .parts = cap_bases, .set = "staff_policy_base"}, {0}};

const struct policy_group policy_groups[] = {{"gives", false}, {"window", false}, {"counts", true},
    {"limits", true}, {"whom", true}, {"measure", true}, {"grace", true}, {"claim", true},
    {"what", false}, {0}};

#define IN(where, title, sort) .name = (title), .kind = POLICY_##sort, .group = (where)

const struct policy_field policy_fields[] = {
    {IN("what", "name", TEXT)},
    {IN("gives", "tiers", ROWS), .models = " tiered ", .columns = tier_columns},
    {IN("gives", "multiplier", DECIMAL), .models = " prorata "},
    {IN("gives", "steps", ROWS), .models = " steps ", .columns = step_columns},
    {IN("gives", "unit", OPTION), .models = " steps ", .parts = units},
    {IN("gives", "unit_seconds", SPAN), .models = " steps ", .needs = "!unit"},
    {IN("gives", "partial", CHOICE), .models = " steps ", .parts = partials},
    {IN("gives", "per", CHOICE), .models = " steps ", .parts = step_pers, .plain = true},
    {IN("gives", "days", DECIMAL), .models = " days ", .unit = "days"},
    {IN("gives", "per", CHOICE), .models = " days ", .parts = pers},
    {IN("gives", "amounts", AMOUNTS), .models = " fixed "},
    {IN("gives", "audience", CHOICE), .models = " days fixed ", .parts = audiences},
    {IN("gives", "remedy", OPTION), .parts = remedies},
    {IN("window", "window.unit", OPTION), .parts = windows},
    {IN("window", "window.timezone", TEXT), .needs = "window.unit"},
    {IN("window", "below", DECIMAL), .unit = "percent_uptime"},
    {IN("window", "beyond", FLAG), .models = " prorata steps "},
    {IN("counts", "components", SLUGS)},
    {IN("counts", "weights_bp", PERCENTS), .parts = levels,
        .usual = "{\"degraded_performance\":0,\"partial_outage\":5000,\"major_outage\":10000}"},
    {IN("counts", "min_block_seconds", SPAN), .usual = "0"},
    {IN("counts", "exclude_maintenance", BOOL), .usual = "true"},
    {IN("counts", "maintenance_notice_hours", NUMBER), .unit = "hours", .usual = "0"},
    {IN("limits", "cap", CAPS), .parts = caps},
    {IN("limits", "cap_percent", DECIMAL), .needs = "!caps", .unit = "percent", .usual = "\"100\""},
    {IN("limits", "caps", ROWS), .needs = "caps", .columns = cap_columns},
    {IN("limits", "rounding", CHOICE), .parts = roundings},
    {IN("limits", "min_credit_minor", NUMBER), .unit = "minor", .usual = "1"},
    {IN("limits", "min_credit", MONEY)},
    {IN("limits", "at_least", MONEY), .models = " prorata tiered steps "},
    {IN("whom", "applies.plans", WORDS)},
    {IN("whom", "applies.labels", LABELS)},
    {IN("whom", "base", OPTION), .parts = bases},
    {IN("measure", "measure.source", OPTION), .models = " tiered ", .parts = sources},
    {IN("measure", "measure.interval_seconds", SPAN), .models = " tiered ",
        .needs = "measure.source"},
    {IN("measure", "measure.count", OPTION), .needs = "!measure.source", .parts = counts},
    {IN("measure", "measure.quantum_seconds", SPAN), .needs = "measure.count"},
    {IN("measure", "measure.for", OPTION), .needs = "measure.count", .parts = whats},
    {IN("grace", "grace.seconds", SPAN)},
    {IN("grace", "grace.working_days", NUMBER), .unit = "days"},
    {IN("grace", "grace.from", OPTION), .needs = "grace", .early = true, .parts = starts},
    {IN("grace", "grace.calendar.weekend", WEEKDAYS), .needs = "grace.working_days", .early = true},
    {IN("grace", "grace.calendar.holidays", WORDS), .needs = "grace.working_days", .early = true},
    {IN("claim", "claim.required", FLAG)},
    {IN("claim", "claim.within_days", NUMBER), .needs = "claim.required", .unit = "days"},
    {IN("claim", "claim.from", OPTION), .needs = "claim.required", .parts = deadlines},
    {IN("claim", "schedule.days_after", NUMBER), .unit = "days"},
    {0},
};

bool policy_field_is_read(const struct policy_field *field, const char *model)
{
    STRBUF(word, 256);
    strbuf_addf(&word, " %s ", model);
    return !field->models || strstr(field->models, word.buf);
}

json_t *policy_value(const json_t *document, const char *name)
{
    const char *dot = strchr(name, '.');
    json_t *part = dot ? json_object_getn(document, name, (size_t)(dot - name))
                       : json_object_get(document, name);
    return dot && part ? policy_value(part, dot + 1) : part;
}

static const struct policy_field *field_named(const char *name)
{
    for (const struct policy_field *field = policy_fields; field->name; field++)
        if (!strcmp(field->name, name))
            return field;
    return NULL;
}

static bool is_usual(const struct policy_field *field, const json_t *value)
{
    json_t *usual = json_loads(field->usual, JSON_DECODE_ANY, NULL);
    bool same = json_equal(usual, value);
    json_decref(usual);
    return same;
}

bool policy_is_set(const json_t *document, const char *name)
{
    const struct policy_field *field = field_named(name);
    const json_t *value = policy_value(document, name);
    if (field && field->usual)
        return value && !is_usual(field, value);
    if (field && (field->kind == POLICY_OPTION || field->kind == POLICY_CHOICE))
        return json_is_string(value) && strcmp(json_string_value(value), field->parts[0]) != 0;
    if (json_is_array(value))
        return json_array_size(value);
    if (json_is_object(value))
        return json_object_size(value);
    return value && !json_is_false(value) && !json_is_null(value);
}

bool policy_is_needed(const json_t *document, const struct policy_field *field)
{
    if (!field->needs)
        return true;
    if (!strcmp(field->needs, "!caps"))
        return !json_object_get(document, "caps");
    return field->needs[0] == '!' ? !policy_is_set(document, field->needs + 1)
                                  : policy_is_set(document, field->needs);
}

bool policy_decides(const struct policy_field *field)
{
    if (field->kind == POLICY_CAPS)
        return true;
    if (field->kind != POLICY_OPTION && field->kind != POLICY_FLAG)
        return false;
    for (const struct policy_field *other = policy_fields; other->name; other++)
        if (other->needs && !strcmp(other->needs + (other->needs[0] == '!'), field->name))
            return true;
    return false;
}

const char *policy_caps(const json_t *document)
{
    const json_t *list = json_object_get(document, "caps");
    return !list ? caps[0] : json_array_size(list) ? caps[1] : caps[2];
}
