/* Cursors survive a round trip; forged ones are refused. */
#include <stdlib.h>
#include <unistd.h>

#include "api/call/cursor.h"
#include "tests/unit/tap.h"

static struct sign *fresh_keys(struct scope *s, const char *folder, const char *name)
{
    struct sign *keys = NULL;
    char *path = scope_printf(s, "%s/%s", folder, name);
    ok(sign_load(s, path, true, &keys) == RC_OK, "keys are made");
    unlink(path);
    return keys;
}

static bool opens(const struct sign *keys, const char *list, const char *cursor, int64_t *ret)
{
    SCOPE(s);
    enum rc rc = cursor_open(s, keys, list, cursor, ret);
    if (rc != RC_OK)
        is_text(s->fault.field, "cursor", "a refused cursor names its field");
    return rc == RC_OK;
}

int main(void)
{
    SCOPE(s);
    char folder[] = "/tmp/cursor-XXXXXX";
    ok(mkdtemp(folder) != NULL, "a folder");
    struct sign *keys = fresh_keys(s, folder, "a"), *others = fresh_keys(s, folder, "b");
    rmdir(folder);
    static const int64_t places[] = {0, 1, 255, 65536, 4294967296, INT64_MAX};
    int64_t after;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        char *cursor = cursor_make(s, keys, "incidents", places[i]);
        ok(opens(keys, "incidents", cursor, &after), "a cursor opens");
        is_int(after, places[i], "where it was");
        ok(!opens(keys, "subscribers", cursor, &after), "not on another list");
        ok(!opens(others, "incidents", cursor, &after), "not with another key");
        for (size_t k = 0; cursor[k]; k++) {
            char *bent = scope_strdup(s, cursor);
            bent[k] = bent[k] == 'A' ? 'B' : 'A';
            if (opens(keys, "incidents", bent, &after))
                ok(false, "not with its character %zu changed", k);
        }
    }
    ok(opens(keys, "incidents", NULL, &after) && !after, "none is the start");
    ok(opens(keys, "incidents", "", &after) && !after, "nor an empty one");
    static const char *const bad[] = {"x", "k1.", ".", "k1.AAAA", "k1.!!!!", "\x7f"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ok(!opens(keys, "incidents", bad[i], &after), "%s is none", bad[i]);
    sign_free(keys);
    sign_free(others);
    return tap_end();
}
