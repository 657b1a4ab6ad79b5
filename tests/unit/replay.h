#pragma once
/* Run a fuzz target over the files of its corpus: a crash ends the program, and so the test. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/strbuf.h"
#include "tests/unit/tap.h"

typedef int fuzz_target(const unsigned char *bytes, size_t size);

__attribute__((unused)) static void replay_file(const char *path, fuzz_target *target)
{
    STRBUF(b, 1 << 20);
    char block[4096];
    FILE *file = fopen(path, "rb");
    if (!ok(file != NULL, "%s", path))
        return;
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        strbuf_add(&b, block, got);
    fclose(file);
    target((const unsigned char *)b.buf, b.len);
}

/* folder is relative to the root of the source, where the suite runs. */
__attribute__((unused)) static void replay(const char *folder, fuzz_target *target)
{
    DIR *dir = opendir(folder);
    if (!ok(dir != NULL, "%s", folder))
        return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        SCOPE(s);
        if (entry->d_name[0] != '.')
            replay_file(scope_printf(s, "%s/%s", folder, entry->d_name), target);
    }
    closedir(dir);
}
