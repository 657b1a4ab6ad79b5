#include "api/call/cursor.h"

#include <endian.h>
#include <string.h>

#include "core/strbuf.h"

struct place {
    uint64_t after; /* big-endian, so that all api processes agree */
    char list[24];
};

char *cursor_make(struct scope *s, const struct sign *keys, const char *list, int64_t after)
{
    struct place place = {.after = htobe64((uint64_t)after)};
    strncpy(place.list, list, sizeof(place.list) - 1);
    STRBUF(b, SIGN_TOKEN_MAX);
    sign_token(keys, SIGN_CURSOR, &place, sizeof(place), &b);
    return strbuf_copy(&b, s);
}

enum rc cursor_open(struct scope *s, const struct sign *keys, const char *list, const char *cursor,
    int64_t *ret_after)
{
    if (!cursor || !*cursor) {
        *ret_after = 0;
        return RC_OK;
    }
    SCOPE(inner);
    struct place place;
    size_t len;
    enum rc rc = sign_verify(inner, keys, SIGN_CURSOR, cursor, &place, sizeof(place), &len);
    if (rc != RC_OK || len != sizeof(place) || strncmp(place.list, list, sizeof(place.list)) != 0)
        return fail_field(s, RC_INVALID, "cursor", "is not a cursor of this list");
    *ret_after = (int64_t)be64toh(place.after);
    return RC_OK;
}
