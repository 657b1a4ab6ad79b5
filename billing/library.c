#include "billing/library.h"

#include <pthread.h>
#include <string.h>

#include "core/embed.h"
#include "core/json.h"

#define ROOT "billing/library/"

static json_t *library;

static void read_library(void)
{
    SCOPE(s);
    library = json_array();
    for (size_t i = 0; i < embed_count; i++) {
        json_t *entry;
        if (strncmp(embed_files[i].path, ROOT, strlen(ROOT)) == 0 &&
            json_parse(s, embed_files[i].text, embed_files[i].len, &entry) == RC_OK)
            json_array_append(library, entry);
    }
}

const json_t *library_list(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_library);
    return library;
}

enum rc library_find(struct scope *s, const char *name, json_t **ret)
{
    const struct embed *file = embed_find(scope_printf(s, ROOT "%s.json", name));
    if (!file)
        return fail(s, RC_NOT_FOUND, "no policy %s in the library (amends policy library)", name);
    return json_parse(s, file->text, file->len, ret);
}
