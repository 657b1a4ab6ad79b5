#pragma once
/* The components that a draft affects: fields level:<slug>, in the groups of the page. */
#include <jansson.h>

#include "api/call/call.h"

#define LEVEL_FIELD "level:"

/* For the partial "levels": "sections" and "many". What was typed, else the levels of the template;
 * incident (NULL: none) says how its components are now. */
enum rc affected_put(struct call *c, json_t *incident, json_t *preset, json_t *context);
