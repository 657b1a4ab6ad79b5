#include "cli/alerts/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"

enum { FILE_MAX = 1024 * 1024, LIST_MAX = 65536 };

enum rc fields_read(struct scope *s, const char *path, json_t **ret)
{
    STRBUF(text, FILE_MAX);
    TRY(strbuf_read(s, path, &text));
    TRY(json_parse(s, text.buf, text.len, ret));
    return json_is_object(*ret) ? RC_OK : fail(s, RC_INVALID, "%s: must be an object", path);
}

void fields_put_number(json_t *body, const char *name, const char *text)
{
    char *end = NULL;
    if (!text)
        return;
    long long number = strtoll(text, &end, 10);
    json_object_set_new(body, name, *text && !*end ? json_integer(number) : json_string(text));
}

/* "a, b" of a list of texts, else JSON. */
static const char *shown(struct scope *s, const json_t *value)
{
    STRBUF(b, LIST_MAX);
    json_t *one;
    size_t i;
    if (json_is_string(value))
        return json_string_value(value);
    if (!json_is_string(json_array_get(value, 0)))
        return json_text(s, value);
    json_array_foreach((json_t *)value, i, one)
        strbuf_addf(&b, "%s%s", i ? ", " : "", json_string_value(one));
    return strbuf_copy(&b, s);
}

void fields_print(const json_t *row)
{
    SCOPE(s);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)row, name, value) printf("%-22s %s\n", name, shown(s, value));
}

enum rc fields_rows(struct scope *s, struct invocation *in, const char *path, json_t **ret)
{
    const char *cursor = NULL;
    *ret = json_own(s, json_array());
    do {
        json_t *page = NULL;
        const char *next = cursor ? client_path(s, "&cursor=%s", cursor) : "";
        TRY(client_get(s, &in->client, scope_printf(s, "%s?limit=200%s", path, next), &page));
        json_array_extend(*ret, json_object_get(page, "data"));
        cursor = json_get_text(page, "next_cursor");
    } while (cursor);
    return RC_OK;
}

enum rc fields_send(struct scope *s, struct invocation *in, const char *verb, const char *path,
    const json_t *body, json_t **ret)
{
    const struct client_request request = {
        .verb = verb, .path = path, .body = body ? json_text(s, body) : NULL};
    return client_call(s, &in->client, &request, ret);
}

enum rc fields_remove(struct scope *s, struct invocation *in, const char *path)
{
    TRY(client_send(
        s, &in->client, &(struct client_request){.verb = "DELETE", .path = path}, stdout));
    if (!in->json)
        printf("%s is removed\n", in->arg);
    return RC_OK;
}
