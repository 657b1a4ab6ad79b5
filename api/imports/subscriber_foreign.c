/* Statuspage's CSV export: the names of a subscriber's fields in its API (mode, email,
 * phone_number, phone_country, display_phone_number, endpoint, workspace_name, components,
 * quarantined_at, created_at). Other columns are ignored. */
#include <string.h>

#include "api/imports/subscriber_foreign.h"
#include "api/subscribers/national.h"
#include "core/clock.h"

const char *foreign_value(const struct foreign *record, const char *const *names)
{
    for (; *names; names++)
        for (size_t i = 0; i < record->columns.n; i++)
            if (!strcmp(record->columns.at[i], *names) && *csv_unguard(record->values.at[i]))
                return csv_unguard(record->values.at[i]);
    return "";
}

/* The offset of "+0530 IST" or "UTC" as PostgreSQL writes it; NULL: none of these. */
static const char *offset_of(struct scope *s, const char *text)
{
    if (!*text || !strcmp(text, " UTC") || !strcmp(text, " GMT"))
        return "+00";
    text += *text == ' ';
    if (!strchr("+-", *text) || strspn(text + 1, "0123456789") != 4)
        return NULL;
    return scope_printf(s, "%.3s:%.2s", text, text + 3);
}

enum rc foreign_time(struct scope *s, const char *field, const char *text, int64_t *ret)
{
    if (!*text || !strncmp(text, "0001-01-01", 10) || clock_parse(text, ret) ||
        clock_parse_sql(text, ret))
        return RC_OK;
    if (clock_is_date(text))
        text = scope_printf(s, "%s 00:00:00", text);
    /* "2013-01-15 05:06:00", then a fraction, of nanoseconds if Go wrote it (time.Time.String). */
    size_t seconds = strnlen(text, strlen("2013-01-15 05:06:00"));
    size_t fraction = text[seconds] == '.' ? strspn(text + seconds + 1, "0123456789") + 1 : 0;
    const char *offset = offset_of(s, text + seconds + fraction);
    const char *plain = scope_printf(
        s, "%.*s%s", (int)(seconds + (fraction < 7 ? fraction : 7)), text, offset ? offset : "?");
    return clock_parse_sql(plain, ret) ? RC_OK
                                       : fail_field(s, RC_INVALID, field,
                                             "must be a time such as \"2013-01-15T05:06:00Z\"");
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
    struct scope *s, const struct foreign *record, struct subscriber_line *ret)
{
    const char *mode = FOREIGN(record, "mode", "subscriber_type");
    const char *endpoint = FOREIGN(record, "endpoint", "webhook_url", "webhook");
    const char *number = FOREIGN(record, "display_phone_number", "phone_number");
    if (*number && *number != '+')
        number = FOREIGN(record, "phone_number", "display_phone_number");
    const char *email = FOREIGN(record, "email");
    if (!strcasecmp(mode, "email")) {
        ret->address = email;
    } else if (!strcasecmp(mode, "sms")) {
        ret->channel = "sms";
        return national_number(s, number, FOREIGN(record, "phone_country"), &ret->address);
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
    const struct foreign record = {columns, values};
    TRY(statuspage_address(s, &record, ret));
    TRY(foreign_time(s, "created_at", FOREIGN(&record, "created_at"), &ret->created_at));
    ret->consent_source = "statuspage";
    ret->consent_at = ret->created_at;
    ret->components = names(s, FOREIGN(&record, "components", "component_names"));
    const char *state = FOREIGN(&record, "state");
    if (!strcasecmp(state, "unconfirmed"))
        ret->confirmed = false;
    /* Statuspage quarantines an address whose mail bounces. */
    if (*FOREIGN(&record, "quarantined_at") || !strcasecmp(state, "quarantined")) {
        ret->state = "suppressed";
        ret->state_reason = "bounce";
    }
    return RC_OK;
}

enum rc subscriber_foreign(struct scope *s, struct texts columns, import_foreign_fn **ret)
{
    if (!shape_one_of(columns.at, "mode") && !shape_one_of(columns.at, "subscriber_type"))
        return foreign_mailing(s, columns, ret);
    *ret = statuspage;
    return RC_OK;
}
