#include "cli/shell/secret_file.h"

#include <stdio.h>
#include <string.h>

enum { SECRET_MAX = 2048 };

enum rc secret_file_read(struct scope *s, const char *path, const char **ret)
{
    char line[SECRET_MAX];
    CLEANUP(file_close) FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
    if (!file)
        return fail(s, RC_NOT_FOUND, "%s: %m", path);
    if (!fgets(line, sizeof line, file))
        return fail(s, RC_INVALID, "%s: is empty", path);
    line[strcspn(line, "\r\n")] = '\0';
    *ret = scope_strdup(s, line);
    return RC_OK;
}
