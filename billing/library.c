#include "billing/library.h"

#include <string.h>

#include "core/embed.h"
#include "core/json.h"

#define ROOT "billing/library/"

json_t *library_list(struct scope *s)
{
    json_t *all = json_own(s, json_array());
    for (size_t i = 0; i < embed_count; i++) {
        json_t *entry;
        if (strncmp(embed_files[i].path, ROOT, strlen(ROOT)) == 0 &&
            json_parse(s, embed_files[i].text, embed_files[i].len, &entry) == RC_OK)
            json_array_append(all, entry);
    }
    return all;
}

enum rc library_find(struct scope *s, const char *name, json_t **ret)
{
    const struct embed *file = embed_find(scope_printf(s, ROOT "%s.json", name));
    if (!file)
        return fail(s, RC_NOT_FOUND, "no policy %s in the library (amends policy library)", name);
    return json_parse(s, file->text, file->len, ret);
}
