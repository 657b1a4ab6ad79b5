#pragma once
/* A secret is given by a file, since arguments are visible to everybody on the machine. */
#include "core/scope.h"

/* The first line of a file ("-": standard input). RC_NOT_FOUND, RC_INVALID: it has none. */
enum rc secret_file_read(struct scope *s, const char *path, const char **ret);
