/* Alerts of a request, as its format describes them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/alerts/alert_format.h"
#include "core/clock.h"
#include "core/json.h"

enum {
    ALERTS_MAX = 1000,
    LABELS_MAX = 200,
    TITLE_MAX = 250,
    TEXT_MAX = 4000,
    KEY_MAX = 200,
    DAY = 10
};

/* The alert that is read, and its place in the request for errors. */
struct reading {
    struct scope *s;
    const struct alert_format *format;
    const json_t *alert;
    const char *path;
    int64_t now;
};

static const char *text_of(struct scope *s, const json_t *value)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        return scope_printf(s, "%lld", (long long)json_integer_value(value));
    if (json_is_boolean(value))
        return json_is_true(value) ? "true" : "false";
    return json_is_real(value) ? json_text(s, value) : NULL;
}

/* The first text that is there and not empty; NULL: none is. */
static const char *found(const struct reading *r, const struct texts *pointers)
{
    for (size_t i = 0; i < pointers->n; i++) {
        const char *text = text_of(r->s, json_at(r->s, r->alert, pointers->at[i]));
        if (text && *text)
            return text;
    }
    return NULL;
}

/* "alerts/0/status": the place where a text should be. */
static const char *place(const struct reading *r, const struct texts *pointers)
{
    const char *path = scope_printf(r->s, "%s%s", r->path, pointers->n ? pointers->at[0] : "");
    return path[0] == '/' ? path + 1 : path;
}

/* A character may be cut in the middle, which would be no UTF-8. */
static const char *cut(struct scope *s, const char *text, size_t max)
{
    size_t len = strlen(text);
    if (len <= max)
        return text;
    while (max && ((unsigned char)text[max] & 0xc0) == 0x80)
        max--;
    return scope_printf(s, "%.*s", (int)max, text);
}

static bool number_time(const char *text, int64_t *ret)
{
    size_t digits = strspn(text, "0123456789");
    if (!digits || text[digits] || digits > 19)
        return false;
    int64_t at = strtoll(text, NULL, 10);
    if (digits <= 11)
        at *= CLOCK_SECOND;
    else if (digits <= 14)
        at *= 1000;
    else if (digits > 17)
        at /= 1000;
    *ret = at;
    return true;
}

/* "2017-01-12T16:30:42.236+0000" and "2024-05-01 10:00:00.000" in the form of RFC 3339, with six
 * digits of a fraction at most. */
static const char *rfc3339(struct scope *s, const char *text)
{
    size_t day = strlen(text) > DAY ? DAY : strlen(text);
    const char *end = text + day + strcspn(text + day, ".Z+-");
    size_t digits = *end == '.' ? strspn(end + 1, "0123456789") : 0;
    const char *zone = end + (digits ? digits + 1 : 0);
    bool bare = strlen(zone) == 5;
    char *out = scope_printf(s, "%.*s%.*s%.3s%s%s", (int)(end - text), text,
        (int)(digits > 6 ? 7 : zone - end), end, *zone ? zone : "Z", bare ? ":" : "",
        strlen(zone) > 3 ? zone + 3 : "");
    if (day == DAY && out[DAY] == ' ')
        out[DAY] = 'T';
    return out;
}

/* SHAPE_NONE where there is none; the year 1 is how Go writes that. */
static enum rc time_of(const struct reading *r, const struct texts *pointers, int64_t *ret)
{
    const char *text = found(r, pointers);
    *ret = SHAPE_NONE;
    if (!text || !strncmp(text, "0001-", 5) || number_time(text, ret))
        return RC_OK;
    if (!clock_parse(rfc3339(r->s, text), ret))
        return fail_field(
            r->s, RC_INVALID, place(r, pointers), "must be a time, not \"%.40s\"", text);
    return RC_OK;
}

static void put_label(const struct reading *r, json_t *labels, const char *name, const char *value)
{
    if (value && *name && json_object_size(labels) < LABELS_MAX)
        json_object_set_new(
            labels, cut(r->s, name, KEY_MAX), json_string(cut(r->s, value, KEY_MAX * 5)));
}

/* "env:prod"; without a colon it is a tag. */
static void put_tag(const struct reading *r, json_t *labels, const char *tag, size_t len)
{
    char *name = scope_printf(r->s, "%.*s", (int)len, tag), *colon = strchr(name, ':');
    if (colon)
        *colon = '\0';
    put_label(r, labels, name, colon ? colon + 1 : "true");
}

static void put_tags(const struct reading *r, json_t *labels, const char *text)
{
    while (*text) {
        text += strspn(text, ", ");
        size_t len = strcspn(text, ",");
        if (len)
            put_tag(r, labels, text, len);
        text += len;
    }
}

static void put_one(const struct reading *r, json_t *labels, const json_t *one)
{
    if (json_is_string(one)) {
        put_tag(r, labels, json_string_value(one), json_string_length(one));
        return;
    }
    const char *name = text_of(r->s, json_object_get(one, "name"));
    put_label(r, labels, name ? name : "", text_of(r->s, json_object_get(one, "value")));
}

/* A text; of a list the first, which may be {value}. */
static const char *value_of(const struct reading *r, const json_t *value)
{
    if (json_is_array(value))
        value = json_array_get(value, 0);
    return text_of(r->s, json_is_object(value) ? json_object_get(value, "value") : value);
}

static void put_labels(const struct reading *r, json_t *labels, const json_t *from)
{
    const char *name;
    json_t *one;
    size_t i;
    json_object_foreach((json_t *)from, name, one) put_label(r, labels, name, value_of(r, one));
    json_array_foreach((json_t *)from, i, one) put_one(r, labels, one);
    if (json_is_string(from))
        put_tags(r, labels, json_string_value(from));
}

static json_t *labels_of(const struct reading *r)
{
    json_t *labels = json_object(), *list, *pointer;
    const char *name;
    size_t i;
    for (i = 0; i < r->format->labels.n; i++)
        put_labels(r, labels, json_at(r->s, r->alert, r->format->labels.at[i]));
    json_object_foreach((json_t *)r->format->label_fields, name, list)
    {
        const char *value = NULL;
        json_array_foreach(list, i, pointer)
        {
            if (!value)
                value = text_of(r->s, json_at(r->s, r->alert, json_string_value(pointer)));
        }
        put_label(r, labels, name, value);
    }
    return labels;
}

static bool is_among(const struct texts *words, const char *text)
{
    for (size_t i = 0; i < words->n; i++)
        if (!strcasecmp(words->at[i], text))
            return true;
    return false;
}

static void put_time(const struct reading *r, json_t *alert, const char *name, int64_t at)
{
    if (at != SHAPE_NONE)
        json_object_set_new(alert, name, json_string(clock_rfc3339(r->s, at)));
}

/* An alert that ended in the instant of its start lasted a millisecond. */
static enum rc put_times(const struct reading *r, json_t *alert, bool fires)
{
    int64_t from, to, at;
    TRY(time_of(r, &r->format->starts_at, &from));
    TRY(time_of(r, &r->format->ends_at, &to));
    TRY(time_of(r, &r->format->at, &at));
    at = at == SHAPE_NONE ? r->now : at;
    if (fires)
        from = from == SHAPE_NONE ? at : from;
    else
        to = to == SHAPE_NONE ? at : to;
    if (!fires && from != SHAPE_NONE && to <= from)
        to = from + CLOCK_SECOND / 1000;
    put_time(r, alert, "starts_at", from);
    if (!fires)
        put_time(r, alert, "ends_at", to);
    return RC_OK;
}

static enum rc refuse_status(const struct reading *r, const char *status)
{
    const struct texts *over = &r->format->resolved;
    return fail_field(r->s, RC_INVALID, place(r, &r->format->status),
        "must be %s%s%s, not \"%.40s\"", r->format->firing.at[0], over->n ? " or " : "",
        over->n ? over->at[0] : "", status);
}

static enum rc read_one(const struct reading *r, json_t *list)
{
    const struct alert_format *format = r->format;
    const char *fingerprint = found(r, &format->fingerprint), *status = found(r, &format->status);
    if (!status && format->status_optional)
        return RC_OK;
    if (!status)
        return fail_field(r->s, RC_INVALID, place(r, &format->status), "is missing");
    bool fires = is_among(&format->firing, status);
    if (!fires && !is_among(&format->resolved, status))
        return format->status_strict ? refuse_status(r, status) : RC_OK;
    if (!fingerprint)
        return fail_field(r->s, RC_INVALID, place(r, &format->fingerprint), "is missing");
    const char *title = found(r, &format->title), *text = found(r, &format->text);
    json_t *alert = json_pack("{s:s, s:o, s:s, s:s}", "fingerprint", cut(r->s, fingerprint, 500),
        "labels", labels_of(r), "title", cut(r->s, title ? title : fingerprint, TITLE_MAX), "text",
        cut(r->s, text ? text : "", TEXT_MAX));
    json_array_append_new(list, alert);
    return put_times(r, alert, fires);
}

enum rc alert_format_read(struct scope *s, const struct alert_format *format, const json_t *body,
    int64_t now, json_t **ret)
{
    const char *pointer = format->alerts;
    const json_t *at = json_at(s, body, pointer);
    json_t *list = json_own(s, json_array());
    bool many = json_is_array(at);
    if (!json_is_object(body) || (!many && !json_is_object(at)))
        return fail_field(s, RC_INVALID, *pointer ? pointer + 1 : "body", "%s",
            at ? "must be an object or a list of them" : "is missing");
    if (json_array_size(at) > ALERTS_MAX)
        return fail_field(s, RC_INVALID, pointer + 1, "must have at most %d alerts", ALERTS_MAX);
    for (size_t i = 0; i < (many ? json_array_size(at) : 1); i++) {
        const struct reading reading = {.s = s,
            .format = format,
            .alert = many ? json_array_get(at, i) : at,
            .path = many ? scope_printf(s, "%s/%zu", pointer, i) : pointer,
            .now = now};
        TRY(read_one(&reading, list));
    }
    *ret = list;
    return RC_OK;
}
