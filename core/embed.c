#include "core/embed.h"

#include <string.h>

const struct embed *embed_find(const char *path)
{
    for (size_t i = 0; i < embed_count; i++) {
        if (!strcmp(embed_files[i].path, path))
            return &embed_files[i];
    }
    return NULL;
}
