#include "billing/engine/evidence/read_member.h"

#include "billing/engine/number/calendar.h"
#include "core/clock.h"

#define WRONG(s, where, name, text) \
    fail_field(s, RC_INVALID, scope_printf(s, "%s.%s", where, name), text)

bool member_is_given(const json_t *json, const char *name)
{
    const json_t *member = json_object_get(json, name);
    return member && !json_is_null(member);
}

enum rc member_text(
    struct scope *s, const json_t *json, const char *where, const char *name, const char **ret)
{
    const char *text = json_string_value(json_object_get(json, name));
    if (!text)
        return WRONG(s, where, name, "must be a text");
    *ret = text;
    return RC_OK;
}

enum rc member_time(
    struct scope *s, const json_t *json, const char *where, const char *name, int64_t *ret)
{
    const char *text;
    TRY(member_text(s, json, where, name, &text));
    return clock_parse(text, ret) ? RC_OK : WRONG(s, where, name, "must be an instant");
}

enum rc member_day(
    struct scope *s, const json_t *json, const char *where, const char *name, int64_t *ret)
{
    const char *text;
    TRY(member_text(s, json, where, name, &text));
    return day_parse(text, ret) ? RC_OK : WRONG(s, where, name, "must be a date");
}

enum rc member_int(struct scope *s, const json_t *json, const char *where, const char *name,
    int64_t least, int64_t most, int64_t none, int64_t *ret)
{
    const json_t *member = json_object_get(json, name);
    if (!member_is_given(json, name)) {
        *ret = none;
        return RC_OK;
    }
    int64_t value = json_integer_value(member);
    if (!json_is_integer(member) || value < least || value > most)
        return WRONG(s, where, name, "must be a whole number within bounds");
    *ret = value;
    return RC_OK;
}

enum rc member_texts(
    struct scope *s, const json_t *json, const char *where, const char *name, struct texts *ret)
{
    const json_t *list = json_object_get(json, name);
    size_t n = json_array_size(list);
    const char **at = SCOPE_ARRAY(s, const char *, n + 1);
    if (member_is_given(json, name) && !json_is_array(list))
        return WRONG(s, where, name, "must be a list of texts");
    for (size_t i = 0; i < n; i++) {
        at[i] = json_string_value(json_array_get(list, i));
        if (!at[i])
            return WRONG(s, where, name, "must be a list of texts");
    }
    *ret = (struct texts){.at = at, .n = n};
    return RC_OK;
}

enum rc member_list(struct scope *s, const json_t *json, const char *where, const char *name,
    const json_t **ret, size_t *ret_n)
{
    const json_t *list = json_object_get(json, name);
    if (member_is_given(json, name) && !json_is_array(list))
        return WRONG(s, where, name, "must be a list");
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!json_is_object(json_array_get(list, i)))
            return WRONG(s, where, name, "must be a list of objects");
    }
    *ret = list;
    *ret_n = json_array_size(list);
    return RC_OK;
}
