#include "api/alerts/alert_format.h"

#include <string.h>

#include "api/http/request.h"
#include "core/embed.h"
#include "core/json.h"

static const char *const auth_types[] = {"token", "hmac", "sns", "mail", NULL};

static const struct shape auth_shape =
    SHAPE("AlertAuth", struct alert_auth, FIELD(TEXT, type, .required = true, .one_of = auth_types),
        FIELD(TEXT, header, .one_of = request_signatures),
        FIELD(TEXT, timestamp_header, .one_of = request_signatures), FIELD(TEXT, prefix, .def = ""),
        FIELD(BOOL, or_token), FIELD(TEXTS, hosts, .max = 10));

static const struct shape format_shape =
    SHAPE("AlertFormat", struct alert_format, FIELD(TEXT, name, .required = true, .max = 40),
        FIELD(OBJECT, auth, .required = true, .of = &auth_shape),
        FIELD(TEXT, alerts, .min = -1, .def = ""),
        FIELD(TEXTS, fingerprint, .required = true, .min = 1, .max = 10),
        FIELD(TEXTS, status, .required = true, .min = 1, .max = 10),
        FIELD(TEXTS, firing, .required = true, .min = 1, .max = 20),
        FIELD(TEXTS, resolved, .required = true, .max = 20), FIELD(BOOL, status_optional),
        FIELD(BOOL, status_strict), FIELD(TEXTS, starts_at, .max = 10),
        FIELD(TEXTS, ends_at, .max = 10), FIELD(TEXTS, at, .max = 10),
        FIELD(TEXTS, labels, .max = 10), FIELD(JSON, label_fields, .form = FORM_OBJECT),
        FIELD(TEXTS, title, .max = 10), FIELD(TEXTS, text, .max = 10));

static enum rc check_label_fields(struct scope *s, const json_t *fields)
{
    const char *label;
    json_t *list, *one;
    size_t i;
    if (fields && !json_is_object(fields))
        return fail_field(s, RC_INVALID, "label_fields", "must be an object");
    json_object_foreach((json_t *)fields, label, list)
    {
        const char *field = scope_printf(s, "label_fields.%s", label);
        if (!json_is_array(list))
            return fail_field(s, RC_INVALID, field, "must be a list of pointers");
        json_array_foreach(list, i, one) if (!json_is_string(one)) return fail_field(
            s, RC_INVALID, field, "must be a list of pointers");
    }
    return RC_OK;
}

enum rc alert_format_parse(struct scope *s, const json_t *json, const struct alert_format **ret)
{
    struct alert_format *format = SCOPE_NEW(s, struct alert_format);
    TRY(shape_read(s, &format_shape, json, format));
    if (!strcmp(format->auth->type, "hmac") && !format->auth->header)
        return fail_field(s, RC_INVALID, "auth.header", "is required by hmac");
    TRY(check_label_fields(s, format->label_fields));
    *ret = format;
    return RC_OK;
}

enum rc alert_format_load(struct scope *s, const char *name, const struct alert_format **ret)
{
    const struct embed *file = embed_find(scope_printf(s, "templates/alerts/%.40s.json", name));
    json_t *json = NULL;
    if (!file || strchr(name, '/'))
        return fail(s, RC_NOT_FOUND, "no format of alerts \"%.40s\"", name);
    TRY(json_parse(s, file->text, file->len, &json));
    return alert_format_parse(s, json, ret);
}
