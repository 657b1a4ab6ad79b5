#ifndef API_PAGE_H
#define API_PAGE_H
/*
 * Pages for people, from templates/page. Their policy allows nothing but our own style
 * sheet and forms to ourselves; what a token opened is neither stored nor referred to.
 */
#include <jansson.h>
#include <stdbool.h>

#include "api/call.h"

/* Render templates/page/<name>.en.html; context is completed with brand, public_url and
 * title. private: the URL holds a token. */
enum rc page_reply(
    struct call *c, const char *name, const char *title, json_t *context, bool private);

/* The page of a failure whose status is in c->reply; falls back to plain text. */
void page_failure(struct call *c, const char *title, const char *detail);

#endif
