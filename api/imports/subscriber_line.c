#include "api/imports/subscriber_line.h"

#include <string.h>

#include "api/subscribers/subscriber.h"
#include "core/clock.h"

static const char *const formats[] = {"amends", "statuspage", NULL};

const struct shape subscriber_line_shape = SHAPE("ImportedSubscriber", struct subscriber_line,
    FIELD(INT, id, .doc = "Of an export; ignored by imports."),
    FIELD(TEXT, channel, .one_of = channel_name, .def = "email", .doc = "Channel."),
    FIELD(TEXT, address, .required = true, .min = 1, .max = 2000,
        .doc = "E-mail address, E.164 number or URL. URLs of an export without addresses=true lack "
               "their secret part and cannot be imported."),
    FIELD(TEXT, state, .one_of = subscriber_states,
        .doc = "Default: active if confirmed. unsubscribed and suppressed are opt-outs."),
    FIELD(TEXT, state_reason, .max = 200, .doc = "Reason for a state other than active."),
    FIELD(TEXT, locale, .min = 2, .max = 35, .doc = "Language tag."),
    FIELD(TEXT, timezone, .min = 1, .max = 60, .doc = "IANA time zone."),
    FIELD(TEXT, verbosity, .one_of = verbosities, .doc = "Which updates they receive."),
    FIELD(TIME, paused_until, .doc = "End of the pause; requires the state paused."),
    FIELD(TEXT, account, .min = 1, .max = 200, .doc = "external_id of their account."),
    FIELD(TEXTS, components, .doc = "Slugs. Without components, groups and incidents: everything."),
    FIELD(TEXTS, groups, .doc = "Slugs."), FIELD(TEXTS, incidents, .doc = "Refs of incidents."),
    FIELD(TEXTS, muted, .doc = "Exceptions: component:SLUG and incident:REF."),
    FIELD(TEXT, format, .one_of = formats, .doc = "Payload of a webhook."),
    FIELD(TEXT, owner, .max = 320, .doc = "E-mail address of the endpoint's owner."),
    FIELD(TEXT, secret, .max = 400,
        .doc = "Of a webhook (whsec_, whsk_; default: a new one) or Slack bot (xoxb-); the keys "
               "P256DH AUTH of a browser."),
    FIELD(BOOL, confirmed, .def = "true",
        .doc = "They agreed elsewhere. false: ask them to confirm."),
    FIELD(TEXT, consent_source, .max = 200, .doc = "Where they agreed; default: import."),
    FIELD(TIME, consent_at, .doc = "When they agreed; default: now."),
    FIELD(RAW, consents,
        .doc = "Instead, the complete log: [{action, wording, source, at}], oldest first."),
    FIELD(TIME, created_at, .doc = "When they subscribed; default: now."));

/* An export has consents instead. */
static bool is_exported(const struct field *field)
{
    return strcmp(field->name, "confirmed") != 0 && strncmp(field->name, "consent_", 8) != 0;
}

void subscriber_line_header(struct strbuf *b)
{
    for (size_t i = 0; i < subscriber_line_shape.n; i++)
        if (is_exported(&subscriber_line_shape.fields[i]))
            csv_add(b, subscriber_line_shape.fields[i].name, i + 1 == subscriber_line_shape.n);
}

static const char *join(struct scope *s, struct texts words)
{
    STRBUF(b, CSV_FIELD_MAX);
    for (size_t i = 0; i < words.n; i++)
        strbuf_addf(&b, "%s%s", i ? " " : "", words.at[i]);
    return strbuf_copy(&b, s);
}

static const char *field_text(
    struct scope *s, const struct field *field, const struct subscriber_line *line)
{
    const char *at = (const char *)line + field->offset;
    switch (field->type) {
    case FIELD_INT:
        return scope_printf(s, "%lld", (long long)*(const int64_t *)at);
    case FIELD_TIME:
        return *(const int64_t *)at == SHAPE_NONE ? NULL : clock_rfc3339(s, *(const int64_t *)at);
    case FIELD_TEXTS:
        return join(s, *(const struct texts *)at);
    default:
        return *(const char *const *)at;
    }
}

void subscriber_line_print_csv(struct strbuf *b, const struct subscriber_line *line)
{
    SCOPE(s);
    for (size_t i = 0; i < subscriber_line_shape.n; i++)
        if (is_exported(&subscriber_line_shape.fields[i]))
            csv_add(b, field_text(s, &subscriber_line_shape.fields[i], line),
                i + 1 == subscriber_line_shape.n);
}
