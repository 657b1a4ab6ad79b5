#include "api/call/page_origins.h"
#include "api/call/page.h"

#include <string.h>

#include "api/call/site.h"
#include "api/forms/words.h"
#include "api/http/language.h"
#include "core/embed.h"
#include "core/net/net.h"
#include "core/json.h"
#include "templates/label.h"
#include "templates/engine/template.h"

enum { KEEP_MAX = 4096 };

#define POLICY(form_action, ancestors) \
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; " \
    "img-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'" form_action \
    "; base-uri 'none'; " \
    "frame-ancestors " ancestors

/* Browsers also apply form-action to redirects of a form: "Add to Slack" needs its host. Other
 * sites may frame only the summary, which has neither form nor session; our console frames what it
 * previews. */
static const char *policy_of(struct call *c)
{
    if (c->route && c->route->framed)
        return c->route->staff ? POLICY("", "'self'") : POLICY("", "*");
    const char *slack = slack_install_origin(c->s, c->api->config);
    return slack ? scope_printf(c->s, POLICY(" %s", "'none'"), slack) : POLICY("", "'none'");
}

/* The console has fewer languages than the public pages. */
static json_t *language_list(const char *locale, const char *page)
{
    json_t *list = json_array();
    bool console = !strncmp(page, "staff/", strlen("staff/"));
    for (const struct language *l = languages; l->tag; l++) {
        if (console && !l->console)
            continue;
        json_t *json = json_object();
        json_object_set_new(json, "tag", json_string(l->tag));
        json_object_set_new(json, "name", json_string(l->name));
        json_object_set_new(json, "current", json_boolean(!strcmp(l->tag, locale)));
        json_array_append_new(list, json);
    }
    return list;
}

/* The places of the navigation and of its tabs, each with the pages that belong to it:
 * "staff/incidents/one" to "staff/incidents"; fresh: pages that update themselves. */
static const struct {
    const char *name, *page;
} places[] = {
    {"status", "home"},
    {"history", "history"},
    {"now", "staff/home"},
    {"incidents", "staff/incidents"},
    {"incidents", "staff/broadcasts"},
    {"incidents", "staff/alerts"},
    {"credits", "staff/credits"},
    {"subscribers", "staff/subscribers"},
    {"notices", "staff/notices"},
    {"components", "staff/components"},
    {"access", "staff/access"},
    {"account", "staff/account"},
    {"incident_list", "staff/incidents/list"},
    {"alert_rules", "staff/alerts/rules"},
    {"alert_rules", "staff/alerts/rule"},
    {"alert_sources", "staff/alerts/sources"},
    {"alert_sources", "staff/alerts/source"},
    {"measured", "staff/alerts/measured"},
    {"measured", "staff/alerts/measured_source"},
    {"alert_test", "staff/alerts/test"},
    {"runs", "staff/credits/list"},
    {"runs", "staff/credits/new"},
    {"runs", "staff/credits/run"},
    {"runs", "staff/credits/letter"},
    {"reviews", "staff/credits/reviews"},
    {"reviews", "staff/credits/review"},
    {"claims", "staff/credits/claims"},
    {"claims", "staff/credits/claim"},
    {"ageing", "staff/credits/ageing"},
    {"alerts", "staff/credits/alerts"},
    {"accounts", "staff/credits/accounts"},
    {"accounts", "staff/credits/account"},
    {"policies", "staff/credits/policies"},
    {"policies", "staff/credits/policy"},
    {"policies", "staff/credits/new_policy"},
    {"policies", "staff/credits/compare"},
    {"search", "staff/subscribers/list"},
    {"search", "staff/subscribers/one"},
    {"suppressed", "staff/subscribers/suppressed"},
    {"imports", "staff/subscribers/imports"},
    {"imports", "staff/subscribers/import"},
    {"imports", "staff/subscribers/diff"},
    {"people", "staff/access/people"},
    {"keys", "staff/access/keys"},
    {"audit", "staff/access/audit"},
    {"fresh", "home"},
    {"fresh", "history"},
    {"fresh", "incident"},
};

static json_t *here(const char *page)
{
    json_t *json = json_object();
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        size_t n = strlen(places[i].page);
        bool in = !strncmp(page, places[i].page, n) && (!page[n] || page[n] == '/');
        if (in || !json_object_get(json, places[i].name))
            json_object_set_new(json, places[i].name, json_boolean(in));
    }
    return json;
}

enum rc page_render(struct scope *s, const struct page *page, json_t *context, struct strbuf *out)
{
    const struct config *config = page->api->config;
    json_t *words = label_set(s, page->locale, "page");
    const char *word = json_get_text(words, page->title);
    json_object_set(context, "w", words);
    json_object_set_new(context, "brand", json_string(config->brand));
    json_object_set(context, "site", page->site ? page->site : site_now(s, page->api->site));
    if (!json_object_get(context, "og"))
        json_object_set_new(
            context, "og", json_null()); /* of pages without an address of their own */
    json_object_set_new(context, "public_url", json_string(page->api->public_url));
    json_object_set_new(context, "title", json_string(word ? word : page->title));
    json_object_set_new(context, "here", here(page->name));
    json_object_set_new(context, "lang", json_string(page->locale));
    json_object_set_new(
        context, "ask", json_string(page->chosen ? scope_printf(s, "?lang=%s", page->locale) : ""));
    const struct embed *htmx = embed_find("api/static/htmx.js");
    bool needs = json_object_get(context, "channels"); /* the tabs of the sign-up */
    json_object_set_new(context, "htmx", json_boolean(needs && htmx && htmx->len));
    json_object_set_new(context, "signup", json_boolean(needs));
    if (!json_object_get(context, "keep"))
        json_object_set_new(context, "keep", json_string(""));
    if (!json_object_get(context, "zone"))
        json_object_set_new(context, "zone", json_null()); /* the reader's */
    json_object_set_new(context, "languages", language_list(page->locale, page->name));
    json_object_set_new(context, "postal_address",
        *config->postal_address ? json_string(config->postal_address) : json_null());
    struct template *template;
    const char *kind = scope_printf(s, "page/%s", page->name);
    TRY(template_load(s, kind, page->locale, "html", &template));
    return template_render(s, template, context, out);
}

/* The part of the query that a link to another language must keep: "&channel=sms". */
static const char *kept_query(struct call *c)
{
    STRBUF(b, KEEP_MAX);
    for (size_t i = 0; i < c->request->n_query; i++) {
        const struct request_pair *pair = &c->request->query[i];
        if (strcmp(pair->name, "channel") != 0 && strcmp(pair->name, "incident") != 0)
            continue;
        strbuf_addf(&b, "&%s=", pair->name);
        net_form_value(&b, pair->value);
    }
    return strbuf_copy(&b, c->s);
}

static enum rc render(struct call *c, const char *name, const char *title, json_t *context)
{
    struct page page = {.api = c->api, .name = name, .title = title};
    page.locale = language_of(c->request, &page.chosen)->tag;
    strbuf_clear(&c->reply.body);
    json_object_set_new(context, "keep", json_string(kept_query(c)));
    return page_render(c->s, &page, context, &c->reply.body);
}

void page_policy(struct call *c)
{
    reply_header(c, "Content-Security-Policy", policy_of(c));
    reply_header(c, "Referrer-Policy", "same-origin");
}

static void add_headers(struct call *c, bool private)
{
    c->reply.type = "text/html; charset=utf-8";
    reply_header(c, "Content-Security-Policy", policy_of(c));
    reply_header(c, "Referrer-Policy", private ? "no-referrer" : "same-origin");
    reply_header(c, "Cache-Control", "no-store");
    reply_header(c, "X-Robots-Tag", "noindex");
}

void page_private(struct call *c)
{
    /* same-origin, because a form on a page without a referrer sends no Origin. */
    add_headers(c, false);
}

enum rc page_reply(
    struct call *c, const char *name, const char *title, json_t *context, bool private)
{
    TRY(render(c, name, title, context));
    if (!c->reply.status)
        c->reply.status = c->route->status ? c->route->status : 200;
    add_headers(c, private);
    return RC_OK;
}

struct page_fault page_fault_of(struct call *c, const char *locale, int status, const char *detail)
{
    const struct form_words in = {.locale = locale, .set = "failure"};
    const char *key = scope_printf(c->s, "%d_text", status);
    const char *own = form_words(c->s, &in, detail);
    const char *text = label_text(c->s, locale, "failure", key);
    if (!own && !strcmp(text, key))
        text = form_sentence(c->s, detail);
    return (struct page_fault){.text = own ? own : text,
        .title = label_text(c->s, locale, "failure", scope_printf(c->s, "%d", status))};
}

/* Where the reader of a link that is refused gets another; NULL: nowhere. */
static const char *page_again(const struct call *c, const char *target)
{
    static const char *const pages[][2] = {{"/a/", "/account"}, {"/join/", "/account"},
        {"/claims/", "/account"}, {"/credit/", "/account"}, {"/manage/", "/manage"},
        {"/p/", "/manage"}};
    for (size_t i = 0; c->link_is_dead && i < sizeof(pages) / sizeof(pages[0]); i++)
        if (!strncmp(target, pages[i][0], strlen(pages[i][0])))
            return pages[i][1];
    return NULL;
}

/* The page of the account whose link works, where something else is not there; NULL: of none. */
static const char *page_back(const struct call *c, const char *target)
{
    size_t root = strlen("/a/");
    if (c->link_is_dead || strncmp(target, "/a/", root) != 0 ||
        !strncmp(target, "/a/login/", strlen("/a/login/")))
        return NULL;
    return scope_strndup(c->s, target, root + strcspn(target + root, "/?"));
}

void page_failure(struct call *c, int status, const char *detail)
{
    const char *target = c->request->target ? c->request->target : "";
    bool console = !strncmp(target, "/staff", strlen("/staff")) && c->api->staff_failure;
    if (console && c->api->staff_failure(c, status, detail) == RC_OK)
        return;
    struct page_fault fault = page_fault_of(c, language_of(c->request, NULL)->tag, status, detail);
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "detail", json_string(fault.text));
    json_object_set_new(context, "request_id", json_string(c->request->id));
    const char *again = page_again(c, target), *back = page_back(c, target);
    json_object_set_new(context, "again", again ? json_string(again) : json_null());
    json_object_set_new(context, "back", back ? json_string(back) : json_null());
    if (render(c, "failure", fault.title, context) == RC_OK) {
        add_headers(c, true);
        return;
    }
    strbuf_clear(&c->reply.body);
    strbuf_addf(&c->reply.body, "%s\n", fault.title);
    c->reply.type = "text/plain; charset=utf-8";
}
