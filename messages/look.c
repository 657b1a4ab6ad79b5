#include "messages/look.h"

#include <string.h>

#include "core/colour.h"
#include "core/json.h"

/* The light tokens of api/static/page.css by meaning, and its accent. */
#define OK "#16714a"
#define WARN "#855400"
#define PART "#ab420e"
#define BAD "#bb241a"
#define WORK "#1d5ab5"
#define QUIET "#566070"
#define ACCENT "#3b4fd8"

static const char *png(
    struct scope *s, const json_t *site, const char *name, const char *public_url)
{
    const char *path = json_get_text(site, name);
    return path && strstr(path, "/png/") ? scope_printf(s, "%s%s", public_url, path) : NULL;
}

static void set(json_t *to, const char *name, const char *text)
{
    json_object_set_new(to, name, text ? json_string(text) : json_null());
}

json_t *look_site(struct scope *s, const char *published, const char *public_url)
{
    json_t *from = NULL, *site = json_object();
    if (!published || json_parse(s, published, strlen(published), &from) != RC_OK)
        from = NULL;
    const char *accent = json_get_text(from, "accent"), *dark = json_get_text(from, "accent_dark");
    accent = accent ? accent : ACCENT;
    const char *logo = png(s, from, "logo", public_url);
    const char *logo_dark = png(s, from, "logo_dark", public_url);
    set(site, "accent", accent);
    set(site, "accent_dark", dark ? dark : colour_on_dark(s, accent));
    set(site, "logo", logo);
    set(site, "logo_dark", logo ? logo_dark : NULL);
    set(site, "support_url", json_get_text(from, "support_url"));
    return site;
}

const char *look_worst(const struct list *components)
{
    static const char *const order[] = {
        "major_outage", "partial_outage", "degraded_performance", "under_maintenance"};
    const struct facts_component *at = components->at;
    for (size_t o = 0; o < sizeof order / sizeof order[0]; o++)
        for (size_t i = 0; i < components->n; i++)
            if (at[i].level && !strcmp(at[i].level, order[o]))
                return order[o];
    return NULL;
}

struct look_tag look_tag(const struct facts *facts)
{
    static const struct {
        const char *word, *colour;
    } colours[] = {{"resolved", OK}, {"completed", OK}, {"postmortem", QUIET}, {"cancelled", QUIET},
        {"retracted", QUIET}, {"scheduled", WORK}, {"in_progress", WORK}, {"verifying", WORK},
        {"major_outage", BAD}, {"partial_outage", PART}, {"degraded_performance", WARN},
        {"under_maintenance", WORK}};
    const char *state = facts->incident.state, *worst = look_worst(&facts->components);
    static const char *const lasting[] = {"investigating", "identified", "monitoring", NULL};
    bool leveled = worst && shape_one_of(lasting, state);
    struct look_tag tag = {leveled ? "level" : "state", leveled ? worst : state, WARN};
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
        if (!strcmp(colours[i].word, tag.word))
            tag.colour = colours[i].colour;
    return tag;
}
