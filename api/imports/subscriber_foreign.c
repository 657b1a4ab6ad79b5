/* CSV exports of other programs. Statuspage: the names of a subscriber's fields in its API (mode,
 * email, phone_number, phone_country, display_phone_number, endpoint, workspace_name, components,
 * quarantined_at, created_at). listmonk: uuid, email, name, attributes, status, created_at,
 * updated_at. Other columns are ignored. */
#include <ctype.h>
#include <string.h>

#include "api/imports/subscriber_line.h"
#include "api/subscribers/national.h"
#include "core/clock.h"

static const char *value_of(struct texts columns, struct texts values, const char *name)
{
    for (size_t i = 0; i < columns.n; i++)
        if (!strcmp(columns.at[i], name))
            return csv_unguard(values.at[i]);
    return "";
}

/* The first of several names whose column is not empty. */
#define FIRST_OF(...) first_of(columns, values, (const char *const[]){__VA_ARGS__, NULL})
static const char *first_of(struct texts columns, struct texts values, const char *const *names)
{
    for (; *names; names++) {
        const char *value = value_of(columns, values, *names);
        if (*value)
            return value;
    }
    return "";
}

static enum rc set_time(struct scope *s, const char *field, const char *text, int64_t *ret)
{
    if (!*text || clock_parse(text, ret) || clock_parse_sql(text, ret))
        return RC_OK;
    /* "2024-01-31 10:00:00 UTC" */
    size_t len = strlen(text);
    if (len > 4 && !strcmp(text + len - 4, " UTC") &&
        clock_parse_sql(scope_printf(s, "%.*s+00", (int)(len - 4), text), ret))
        return RC_OK;
    return fail_field(s, RC_INVALID, field, "must be a time such as \"2013-01-15T05:06:00Z\"");
}

/* Names of components between commas, semicolons or |; subscriber_stage.c finds their ids. */
static struct texts names(struct scope *s, const char *text)
{
    size_t n = 0;
    const char **at = SCOPE_ARRAY(s, const char *, strlen(text) / 2 + 2);
    char *copy = scope_strdup(s, text), *rest = NULL;
    for (char *word = strtok_r(copy, ",;|\n", &rest); word; word = strtok_r(NULL, ",;|\n", &rest)) {
        word += strspn(word, " ");
        for (size_t len = strlen(word); len && word[len - 1] == ' '; len--)
            word[len - 1] = '\0';
        if (*word)
            at[n++] = word;
    }
    return (struct texts){.at = n ? at : NULL, .n = n};
}

static enum rc statuspage_address(
    struct scope *s, struct texts columns, struct texts values, struct subscriber_line *ret)
{
    const char *mode = FIRST_OF("mode", "subscriber_type");
    const char *endpoint = FIRST_OF("endpoint", "webhook_url", "webhook");
    const char *number = FIRST_OF("display_phone_number", "phone_number");
    if (*number && *number != '+')
        number = FIRST_OF("phone_number", "display_phone_number");
    const char *email = value_of(columns, values, "email");
    if (!strcasecmp(mode, "email")) {
        ret->address = email;
    } else if (!strcasecmp(mode, "sms")) {
        ret->channel = "sms";
        return national_number(
            s, number, value_of(columns, values, "phone_country"), &ret->address);
    } else if (!strcasecmp(mode, "webhook")) {
        ret->channel = "webhook";
        ret->format = "statuspage";
        ret->address = endpoint;
        ret->owner = *email ? email : NULL;
    } else if (!strcasecmp(mode, "slack") || !strcasecmp(mode, "teams")) {
        ret->channel = strcasecmp(mode, "slack") != 0 ? "teams" : "slack";
        ret->address = endpoint;
        if (!*endpoint)
            return fail_field(s, RC_INVALID, "endpoint",
                "Statuspage does not export the URL of a %s subscriber: subscribe it again",
                ret->channel);
    } else {
        return fail_field(s, RC_INVALID, "mode", "no channel \"%.40s\"", mode);
    }
    return RC_OK;
}

static enum rc statuspage(
    struct scope *s, struct texts columns, struct texts values, void *ret_line)
{
    struct subscriber_line *ret = ret_line;
    TRY(statuspage_address(s, columns, values, ret));
    TRY(set_time(s, "created_at", value_of(columns, values, "created_at"), &ret->created_at));
    ret->consent_source = "statuspage";
    ret->consent_at = ret->created_at;
    ret->components = names(s, FIRST_OF("components", "component_names"));
    const char *state = value_of(columns, values, "state");
    if (!strcasecmp(state, "unconfirmed"))
        ret->confirmed = false;
    /* Statuspage quarantines an address whose mail bounces. */
    if (*value_of(columns, values, "quarantined_at") || !strcasecmp(state, "quarantined")) {
        ret->state = "suppressed";
        ret->state_reason = "bounce";
    }
    return RC_OK;
}

static enum rc listmonk(struct scope *s, struct texts columns, struct texts values, void *ret_line)
{
    struct subscriber_line *ret = ret_line;
    const char *status = value_of(columns, values, "status");
    ret->address = value_of(columns, values, "email");
    ret->consent_source = "listmonk";
    TRY(set_time(s, "created_at", value_of(columns, values, "created_at"), &ret->created_at));
    ret->consent_at = ret->created_at;
    if (!strcmp(status, "blocklisted")) {
        ret->state = "suppressed";
        ret->state_reason = "blocklisted";
    } else if (!strcmp(status, "disabled") ||
               !strcmp(value_of(columns, values, "subscription_status"), "unsubscribed")) {
        ret->state = "unsubscribed";
        ret->state_reason = "listmonk";
    } else if (strcmp(status, "enabled") != 0) {
        return fail_field(s, RC_INVALID, "status", "no status \"%.40s\"", status);
    }
    return RC_OK;
}

import_foreign_fn *subscriber_foreign(struct texts columns)
{
    if (shape_one_of(columns.at, "mode") || shape_one_of(columns.at, "subscriber_type"))
        return statuspage;
    return shape_one_of(columns.at, "uuid") && shape_one_of(columns.at, "email") ? listmonk : NULL;
}
