/* CSV exports of mailing programs, by the columns that only they have:
 *   listmonk   uuid, email, name, attributes, status, created_at, updated_at
 *   Mailchimp  Email Address, ..., OPTIN_TIME, CONFIRM_TIME, LEID, EUID; of who left also
 * UNSUB_TIME, of addresses that bounce CLEAN_TIME Keila      Email, First name, Last name, Data,
 * Status Brevo      EMAIL, ..., ADDED_TIME, MODIFIED_TIME and a column about the blocklist Other
 * columns are ignored. */
#include <string.h>
#include <strings.h>

#include "api/imports/subscriber_foreign.h"

static enum rc opted_out(struct subscriber_line *line, const char *state, const char *reason)
{
    line->state = state;
    line->state_reason = reason;
    return RC_OK;
}

/* The common parts of a line. */
static enum rc begin(struct scope *s, const struct foreign *record, const char *program,
    const char *address, const char *time, struct subscriber_line *ret)
{
    ret->address = FOREIGN(record, address);
    ret->consent_source = program;
    TRY(foreign_time(s, time, FOREIGN(record, time), &ret->created_at));
    ret->consent_at = ret->created_at;
    return RC_OK;
}

/* subscription_status is not in listmonk's own export: the guide adds it, and the lists that a
 * reader left are nowhere else. */
static enum rc listmonk(struct scope *s, struct texts columns, struct texts values, void *ret_line)
{
    struct subscriber_line *ret = ret_line;
    const struct foreign record = {columns, values};
    const char *status = FOREIGN(&record, "status");
    TRY(begin(s, &record, "listmonk", "email", "created_at", ret));
    if (!strcmp(status, "blocklisted"))
        return opted_out(ret, "suppressed", "blocklisted");
    if (!strcmp(status, "disabled") ||
        !strcmp(FOREIGN(&record, "subscription_status"), "unsubscribed"))
        return opted_out(ret, "unsubscribed", "listmonk");
    if (strcmp(status, "enabled") != 0)
        return fail_field(s, RC_INVALID, "status",
            "no status \"%.40s\": enabled, disabled or blocklisted", status);
    if (!strcmp(FOREIGN(&record, "subscription_status"), "unconfirmed"))
        ret->confirmed = false;
    return RC_OK;
}

/* The files of the subscribed, of who left and of addresses that bounce differ in columns. In that
 * of the subscribed, who never confirmed is a customer who bought something, without a
 * subscription. */
static enum rc mailchimp(struct scope *s, struct texts columns, struct texts values, void *ret_line)
{
    struct subscriber_line *ret = ret_line;
    const struct foreign record = {columns, values};
    TRY(begin(s, &record, "mailchimp", "email_address", "confirm_time", ret));
    const char *status = FOREIGN(&record, "status", "member_status");
    if (shape_one_of(columns.at, "clean_time") || !strcasecmp(status, "cleaned"))
        return opted_out(ret, "suppressed", "bounce");
    if (shape_one_of(columns.at, "unsub_time") || !strcasecmp(status, "unsubscribed"))
        return opted_out(ret, "unsubscribed", "mailchimp");
    if (*status && strcasecmp(status, "subscribed") != 0)
        return fail_field(s, RC_INVALID, "status",
            "no status \"%.40s\": subscribed, unsubscribed or cleaned", status);
    if (!*FOREIGN(&record, "confirm_time"))
        return fail_field(s, RC_INVALID, "confirm_time", "they never confirmed a subscription");
    return RC_OK;
}

static enum rc keila(struct scope *s, struct texts columns, struct texts values, void *ret_line)
{
    struct subscriber_line *ret = ret_line;
    const struct foreign record = {columns, values};
    const char *status = FOREIGN(&record, "status");
    TRY(begin(s, &record, "keila", "email", "inserted_at", ret));
    if (!strcasecmp(status, "unreachable"))
        return opted_out(ret, "suppressed", "bounce");
    if (!strcasecmp(status, "unsubscribed"))
        return opted_out(ret, "unsubscribed", "keila");
    if (strcasecmp(status, "active") != 0)
        return fail_field(s, RC_INVALID, "status",
            "no status \"%.40s\": active, unsubscribed or unreachable", status);
    return RC_OK;
}

static const char *const brevo_blocklist[] = {"email_blacklisted", "email_blocklisted",
    "emailblacklisted", "blacklisted", "blocklisted", NULL};
static const char *const brevo_status[] = {"email_marketing", "email_subscription_status",
    "email_subscription", "subscription_status", NULL};

static bool one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (!strcasecmp(text, *words))
            return true;
    return false;
}

/* Only words that are known to mean it make a reader active. */
static enum rc brevo(struct scope *s, struct texts columns, struct texts values, void *ret_line)
{
    static const char *const no[] = {"no", "false", "0", "", NULL};
    static const char *const yes[] = {"subscribed", "yes", "true", "1", NULL};
    struct subscriber_line *ret = ret_line;
    const struct foreign record = {columns, values};
    TRY(begin(s, &record, "brevo", "email", "added_time", ret));
    bool listed = false;
    for (const char *const *name = brevo_status; *name; name++)
        listed |= shape_one_of(columns.at, *name);
    if (!one_of(foreign_value(&record, brevo_blocklist), no) ||
        (listed && !one_of(foreign_value(&record, brevo_status), yes)))
        return opted_out(ret, "unsubscribed", "brevo");
    return RC_OK;
}

static bool has(struct texts columns, const char *const *names)
{
    for (; *names; names++)
        if (shape_one_of(columns.at, *names))
            return true;
    return false;
}
#define HAS(...) has(columns, (const char *const[]){__VA_ARGS__, NULL})

enum rc foreign_mailing(struct scope *s, struct texts columns, import_foreign_fn **ret)
{
    bool email = HAS("email");
    if (HAS("email_address") && HAS("leid", "euid", "confirm_time", "optin_time", "member_rating"))
        *ret = mailchimp;
    else if (email && HAS("uuid") && HAS("status"))
        *ret = listmonk;
    else if (email && HAS("first_name") && HAS("last_name") && HAS("status"))
        *ret = keila;
    else if (email && HAS("added_time", "modified_time"))
        *ret = brevo;
    if (*ret == brevo && !has(columns, brevo_blocklist) && !has(columns, brevo_status))
        return fail_field(s, RC_INVALID, "email_blacklisted",
            "the file does not say who unsubscribed; export the subscription status from Brevo "
            "too (EMAIL_BLACKLISTED or EMAIL_MARKETING)");
    return RC_OK;
}
