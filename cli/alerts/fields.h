#pragma once
/* What the commands of alert sources and alert rules share. */
#include "cli/command.h"

/* The JSON object of a file ("-": standard input). */
enum rc fields_read(struct scope *s, const char *path, json_t **ret);

/* Set a number that was typed; what is none stays text, for the API to refuse by name. */
void fields_put_number(json_t *body, const char *name, const char *text);

/* Print an object, a line for each member. */
void fields_print(const json_t *row);

/* All rows of a list of the API, from every page. */
enum rc fields_rows(struct scope *s, struct invocation *in, const char *path, json_t **ret);

/* Send body (borrowed, NULL: none) to a path. */
enum rc fields_send(struct scope *s, struct invocation *in, const char *verb, const char *path,
    const json_t *body, json_t **ret);

/* DELETE a path and say that what was named is removed. */
enum rc fields_remove(struct scope *s, struct invocation *in, const char *path);
