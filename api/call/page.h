#pragma once
/*
 * Pages for people, from templates/page. Their Content-Security-Policy allows only our own style
 * sheet, script and forms; pages opened by a token are not cached and send no referrer. One
 * template serves every language: its labels are the set "page" of templates/labels, as {{w.name}}.
 */
#include <jansson.h>
#include <stdbool.h>

#include "api/call/call.h"

/* The place of the notice on a page served while the database does not answer. */
#define PAGE_STALE_MARK "<!--stale-->"

struct page {
    const struct api *api;
    const char *locale; /* a tag of languages[] */
    bool chosen;        /* the language, by ?lang= */
    const char *name;   /* templates/page/<name>.en.html */
    const char *title;  /* a label of the set "page", or the title itself */
    json_t *site;       /* a draft of the look (site.h); NULL: the published one */
};

/* Render into out; context is completed with brand, site, public_url, title, lang, ask (the
 * query that carries a chosen language on), languages, w and postal_address. */
enum rc page_render(struct scope *s, const struct page *page, json_t *context, struct strbuf *out);

/* Reply with a page in the reader's language. private: the URL contains a token. */
enum rc page_reply(
    struct call *c, const char *name, const char *title, json_t *context, bool private);

/* The headers of a public page, and of a private one that must not be cached. */
void page_policy(struct call *c);
void page_private(struct call *c);

/* A failure in words: those of the set "failure" for its detail, which is English, else for its
 * status. */
struct page_fault {
    const char *title, *text;
};
struct page_fault page_fault_of(struct call *c, const char *locale, int status, const char *detail);

/* Render the page of a failure, at an address of the console with its navigation; falls back to
 * plain text. */
void page_failure(struct call *c, int status, const char *detail);
