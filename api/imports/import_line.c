#include "api/imports/import_line.h"

#include <ctype.h>
#include <string.h>

#include "api/subscribers/address.h"
#include "api/subscribers/subscriber.h"
#include "core/clock.h"
#include "core/json.h"

static const char *const formats[] = {"amends", "statuspage", NULL};

const struct shape import_line_shape = SHAPE("ImportedSubscriber", struct import_line,
    FIELD(INT, id, .doc = "In an export; an import gives numbers of its own."),
    FIELD(TEXT, channel, .one_of = address_channels, .def = "email", .doc = "How."),
    FIELD(TEXT, address, .required = true, .min = 1, .max = 2000,
        .doc = "Where. An export without addresses shows URLs without their secret part; "
               "those can not be imported."),
    FIELD(TEXT, state, .one_of = subscriber_states,
        .doc = "active when absent and confirmed. unsubscribed and suppressed: an opt-out."),
    FIELD(TEXT, state_reason, .max = 200, .doc = "Why it is not active."),
    FIELD(TEXT, locale, .min = 2, .max = 35, .doc = "Language tag."),
    FIELD(TEXT, timezone, .min = 1, .max = 60, .doc = "IANA name."),
    FIELD(TEXT, verbosity, .one_of = verbosities, .doc = "How much."),
    FIELD(TIME, paused_until, .doc = "With state paused."),
    FIELD(TEXT, account, .min = 1, .max = 200, .doc = "external_id."),
    FIELD(TEXTS, components, .doc = "Slugs; neither these nor groups nor incidents: everything."),
    FIELD(TEXTS, groups, .doc = "Slugs."),
    FIELD(TEXTS, incidents, .doc = "Refs of single incidents."),
    FIELD(TEXTS, muted, .doc = "component:SLUG and incident:REF that they do not want."),
    FIELD(TEXT, format, .one_of = formats, .doc = "Of a webhook."),
    FIELD(TEXT, owner, .max = 320, .doc = "E-mail address of whoever keeps an endpoint."),
    FIELD(TEXT, secret, .max = 400,
        .doc = "Of a webhook (whsec_, whsk_) or Slack bot (xoxb-); without one a webhook gets a "
               "new one."),
    FIELD(BOOL, confirmed, .def = "true",
        .doc = "They agreed elsewhere. false: they are asked to confirm."),
    FIELD(TEXT, consent_source, .max = 200, .doc = "Where they agreed; import when absent."),
    FIELD(TIME, consent_at, .doc = "When they agreed; now when absent."),
    FIELD(RAW, consents,
        .doc = "Instead, the whole log: [{action, wording, source, at}], oldest first."),
    FIELD(TIME, created_at, .doc = "When they subscribed; now when absent."));

/* What an export has no use for. */
static bool is_exported(const struct field *field)
{
    return strcmp(field->name, "confirmed") != 0 && strncmp(field->name, "consent_", 8) != 0;
}

static enum rc find_fields(struct scope *s, struct import_columns *columns)
{
    columns->fields = SCOPE_ARRAY(s, const struct field *, columns->names.n + 1);
    for (size_t i = 0; i < columns->names.n; i++) {
        columns->fields[i] = shape_field(&import_line_shape, columns->names.at[i]);
        if (!columns->fields[i])
            return fail_field(s, RC_INVALID, columns->names.at[i], "there is no such column");
    }
    return RC_OK;
}

static bool has(struct texts names, const char *name)
{
    for (size_t i = 0; i < names.n; i++)
        if (!strcmp(names.at[i], name))
            return true;
    return false;
}

static char *column_name(struct scope *s, const char *text)
{
    char *name = scope_strdup(s, text + strspn(text, " "));
    for (char *p = name; *p; p++)
        *p = *p == ' ' || *p == '-' ? '_' : (char)tolower((unsigned char)*p);
    return name;
}

enum rc import_columns_read(struct scope *s, struct texts header, struct import_columns *ret)
{
    const char **names = SCOPE_ARRAY(s, const char *, header.n + 1);
    for (size_t i = 0; i < header.n; i++)
        names[i] = column_name(s, header.at[i]);
    struct import_columns columns = {.names = {.at = names, .n = header.n}};
    if (has(columns.names, "mode") || has(columns.names, "subscriber_type"))
        columns.kind = COLUMNS_STATUSPAGE;
    else if (has(columns.names, "uuid") && has(columns.names, "email"))
        columns.kind = COLUMNS_LISTMONK;
    else
        TRY(find_fields(s, &columns));
    shape_defaults(s, &import_line_shape, &columns.blank);
    *ret = columns;
    return RC_OK;
}

static struct texts split(struct scope *s, const char *text)
{
    size_t n = 0;
    const char **words = SCOPE_ARRAY(s, const char *, strlen(text) / 2 + 1);
    char *copy = scope_strdup(s, text), *rest = NULL;
    for (char *word = strtok_r(copy, " ;", &rest); word; word = strtok_r(NULL, " ;", &rest))
        words[n++] = word;
    return (struct texts){.at = words, .n = n};
}

/* An empty field is an absent one. */
enum rc import_line_csv(struct scope *s, const struct import_columns *columns, struct texts values,
    struct import_line *ret)
{
    *ret = columns->blank;
    if (values.n != columns->names.n)
        return fail(s, RC_INVALID, "has %zu fields, the header %zu", values.n, columns->names.n);
    if (columns->kind != COLUMNS_OURS)
        return import_line_foreign(s, columns, values, ret);
    for (size_t i = 0; i < values.n; i++) {
        const char *value = csv_unguard(values.at[i]);
        const struct field *field = columns->fields[i];
        if (!*value)
            continue;
        if (field->type == FIELD_TEXTS)
            *(struct texts *)((char *)ret + field->offset) = split(s, value);
        else
            TRY(shape_set(s, field, value, ret));
    }
    if (!ret->address)
        return fail_field(s, RC_INVALID, "address", "is missing");
    return RC_OK;
}

/* consents is an array here, and text of one in CSV. */
enum rc import_line_json(struct scope *s, const char *text, size_t len, struct import_line *ret)
{
    json_t *json = NULL;
    TRY(json_parse(s, text, len, &json));
    json_t *consents = json_incref(json_object_get(json, "consents"));
    if (json_is_object(json))
        json_object_del(json, "consents");
    enum rc rc = shape_read(s, &import_line_shape, json, ret);
    if (rc == RC_OK && consents)
        ret->consents = json_text(s, consents);
    json_decref(consents);
    return rc;
}

void import_line_header(struct strbuf *b)
{
    for (size_t i = 0; i < import_line_shape.n; i++)
        if (is_exported(&import_line_shape.fields[i]))
            csv_add(b, import_line_shape.fields[i].name, i + 1 == import_line_shape.n);
}

static const char *join(struct scope *s, struct texts words)
{
    STRBUF(b, CSV_FIELD_MAX);
    for (size_t i = 0; i < words.n; i++)
        strbuf_addf(&b, "%s%s", i ? " " : "", words.at[i]);
    return strbuf_copy(&b, s);
}

static const char *field_text(
    struct scope *s, const struct field *field, const struct import_line *line)
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

void import_line_print_csv(struct strbuf *b, const struct import_line *line)
{
    SCOPE(s);
    for (size_t i = 0; i < import_line_shape.n; i++)
        if (is_exported(&import_line_shape.fields[i]))
            csv_add(
                b, field_text(s, &import_line_shape.fields[i], line), i + 1 == import_line_shape.n);
}
