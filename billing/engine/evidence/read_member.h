#pragma once
/* Members of a JSON object, checked; `where` names the object in a fault. */
#include <jansson.h>

#include "core/scope.h"
#include "core/shape.h"

enum rc member_text(
    struct scope *s, const json_t *json, const char *where, const char *name, const char **ret);
enum rc member_time(
    struct scope *s, const json_t *json, const char *where, const char *name, int64_t *ret);
enum rc member_day(
    struct scope *s, const json_t *json, const char *where, const char *name, int64_t *ret);
/* Within bounds; absent: none. */
enum rc member_int(struct scope *s, const json_t *json, const char *where, const char *name,
    int64_t least, int64_t most, int64_t none, int64_t *ret);
/* Absent: no element. */
enum rc member_texts(
    struct scope *s, const json_t *json, const char *where, const char *name, struct texts *ret);
/* A list of objects, or NULL where it is absent. */
enum rc member_list(struct scope *s, const json_t *json, const char *where, const char *name,
    const json_t **ret, size_t *ret_n);
bool member_is_given(const json_t *json, const char *name);
