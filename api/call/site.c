#include "api/call/site.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"

#define SITE_CSS "/brand.css"

struct site {
    pthread_mutex_t lock;
    char *published; /* JSON */
};

STMT(site_published,
    "SELECT (published || jsonb_build_object('sla', EXISTS (SELECT FROM published_policy)))::text"
    "  FROM brand",
    .row = &row_text);

static char *copy(const char *text)
{
    char *memory = strdup(text);
    if (!memory)
        abort();
    return memory;
}

struct site *site_new(void)
{
    struct site *site = calloc(1, sizeof(*site));
    if (!site)
        abort();
    pthread_mutex_init(&site->lock, NULL);
    site->published = copy("{}");
    return site;
}

void site_free(struct site *site)
{
    if (!site)
        return;
    pthread_mutex_destroy(&site->lock);
    free(site->published);
    free(site);
}

enum rc site_load(struct scope *s, struct db *db, struct site *site)
{
    const char *text = NULL;
    TRY(db_one(s, db, &site_published, NO_PARAMS, &text));
    char *next = copy(text);
    pthread_mutex_lock(&site->lock);
    char *last = site->published;
    site->published = next;
    pthread_mutex_unlock(&site->lock);
    free(last);
    return RC_OK;
}

static const char *published(struct scope *s, struct site *site)
{
    pthread_mutex_lock(&site->lock);
    const char *text = scope_strdup(s, site->published);
    pthread_mutex_unlock(&site->lock);
    return text;
}

struct site_look site_look(const json_t *site)
{
    return (struct site_look){.accent = json_get_text(site, "accent"),
        .accent_dark = json_get_text(site, "accent_dark"),
        .custom_css = json_get_text(site, "custom_css")};
}

/* Templates refuse unknown names: what is not set is null or an empty list. */
static void complete(json_t *site, const char *css, bool draft)
{
    static const char *const words[] = {
        "logo", "logo_dark", "favicon", "social_image", "support_url", NULL};
    static const char *const lists[] = {"header_links", "footer_links", NULL};
    for (const char *const *name = words; *name; name++)
        if (!json_object_get(site, *name))
            json_object_set_new(site, *name, json_null());
    for (const char *const *name = lists; *name; name++)
        if (!json_object_get(site, *name))
            json_object_set_new(site, *name, json_array());
    const char *icon = json_get_text(site, "favicon");
    bool png = icon && strstr(icon, "/png/");
    json_object_set_new(site, "icon", json_string(icon ? icon : "/static/icon.svg"));
    json_object_set_new(site, "icon_type", json_string(png ? "image/png" : "image/svg+xml"));
    json_object_set_new(site, "is_draft", json_boolean(draft));
    if (!json_object_get(site, "sla"))
        json_object_set_new(site, "sla", json_false());
    struct site_look look = site_look(site);
    bool changed = look.accent || look.custom_css;
    json_object_set_new(site, "css", changed ? json_string(css) : json_null());
}

enum rc site_of(struct scope *s, const char *draft, const char *css, json_t **ret)
{
    TRY(json_parse(s, draft, strlen(draft), ret));
    complete(*ret, css, true);
    return RC_OK;
}

json_t *site_now(struct scope *s, struct site *site)
{
    const char *text = site ? published(s, site) : "{}";
    json_t *json;
    if (json_parse(s, text, strlen(text), &json) != RC_OK)
        json = json_own(s, json_object());
    complete(json, SITE_CSS, false);
    return json;
}
