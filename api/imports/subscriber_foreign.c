/* CSV exports of other programs. Statuspage: the names of a subscriber's fields in its API (mode,
 * email, phone_number, phone_country, display_phone_number, endpoint, workspace_name, components,
 * quarantined_at, created_at). listmonk: uuid, email, name, attributes, status, created_at,
 * updated_at. Other columns are ignored. */
#include <ctype.h>
#include <string.h>

#include "api/imports/subscriber_line.h"
#include "core/clock.h"

/* Calling code of each country (ITU-T E.164): Statuspage writes national numbers. */
static const char calling_codes[] =
    " AE971 AR54 AT43 AU61 BA387 BD880 BE32 BG359 BH973 BO591 BR55 BY375 CA1 CH41 CL56 CN86 CO57"
    " CR506 CY357 CZ420 DE49 DK45 DO1 DZ213 EC593 EE372 EG20 ES34 ET251 FI358 FR33 GB44 GE995"
    " GH233 GR30 GT502 HK852 HN504 HR385 HU36 ID62 IE353 IL972 IN91 IQ964 IR98 IS354 IT39 JM1"
    " JO962 JP81 KE254 KH855 KR82 KW965 KZ7 LB961 LI423 LK94 LT370 LU352 LV371 MA212 MC377 MD373"
    " MK389 MM95 MO853 MT356 MU230 MX52 MY60 NG234 NI505 NL31 NO47 NP977 NZ64 OM968 PA507 PE51"
    " PH63 PK92 PL48 PR1 PT351 PY595 QA974 RO40 RS381 RU7 SA966 SE46 SG65 SI386 SK421 SN221 SV503"
    " TH66 TN216 TR90 TT1 TW886 TZ255 UA380 UG256 US1 UY598 UZ998 VE58 VN84 ZA27 ZM260 ZW263 ";

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

static enum rc phone(struct scope *s, const char *number, const char *country, const char **ret)
{
    if (*number == '+') {
        *ret = number;
        return RC_OK;
    }
    char wanted[4] = {' ', (char)toupper((unsigned char)country[0]),
        (char)(country[0] ? toupper((unsigned char)country[1]) : 0), 0};
    const char *found = strlen(wanted) == 3 ? strstr(calling_codes, wanted) : NULL;
    if (!found)
        return fail_field(s, RC_INVALID, "phone_country", "no calling code of \"%.20s\"", country);
    found += 3;
    /* The national prefix 0 is not dialled from abroad; Italy's is part of the number. */
    number += !strncmp(found, "39 ", 3) ? 0 : strspn(number, "0");
    *ret = scope_printf(s, "+%.*s%s", (int)strcspn(found, " "), found, number);
    return RC_OK;
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
        return phone(s, number, value_of(columns, values, "phone_country"), &ret->address);
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
