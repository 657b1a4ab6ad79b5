#ifndef API_CALL_PAGE_H
#define API_CALL_PAGE_H
/*
 * Pages for people, from templates/page. Their policy allows nothing but our own style
 * sheet, script and forms to ourselves; what a token opened is neither stored nor
 * referred to. One template serves every language: its words are the set "page" of
 * templates/labels, as {{w.name}}.
 */
#include <jansson.h>
#include <stdbool.h>

#include "api/call/call.h"

/* Where a page that is served while the database does not answer says so. */
#define PAGE_STALE_MARK "<!--stale-->"

struct page {
    const struct api *api;
    const char *locale; /* a tag of languages[] */
    bool chosen;        /* the language, by ?lang= */
    const char *name;   /* templates/page/<name>.en.html */
    const char *title;  /* a word of the set "page", or the title itself */
};

/* Render into out; context is completed with brand, public_url, title, lang, ask (the
 * query that carries a chosen language on), languages, w and postal_address. */
enum rc page_render(struct scope *s, const struct page *page, json_t *context, struct strbuf *out);

/* Answer with a page in the reader's language. private: the URL holds a token. */
enum rc page_reply(
    struct call *c, const char *name, const char *title, json_t *context, bool private);

/* The headers of a public page, and of one that is for nobody else and kept nowhere. */
void page_policy(struct call *c);
void page_private(struct call *c);

/* The page of a failure whose status is in c->reply; falls back to plain text. */
void page_failure(struct call *c, const char *title, const char *detail);

#endif
