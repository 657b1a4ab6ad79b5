#pragma once
/* What a mail looks like: the published brand (table brand), and the level or state of an incident
 * as the tag of its subject and its colour. */
#include <jansson.h>

#include "messages/facts.h"

/* "site" of a context: accent, accent_dark, logo, logo_dark (absolute URLs of PNGs, since mail
 * programs show no SVG) and support_url; null where the brand has none. published: JSON, or NULL.
 */
json_t *look_site(struct scope *s, const char *published, const char *public_url);

struct look_tag {
    const char *set, *word; /* of the label */
    const char *colour;     /* #rrggbb, with a contrast to white of at least 4.5:1 */
};
/* The worst level now while an incident lasts, otherwise its state. */
struct look_tag look_tag(const struct facts *facts);

/* The worst level of the components now, or NULL. */
const char *look_worst(const struct list *components);
