#pragma once
/* The documents of the published look, served from memory (page_cache.h). */
#include "api/public/page_cache.h"

/* Append the style sheet of what is published, or of a draft (site.h). */
void brand_style(struct strbuf *out, const json_t *site);

extern const struct cached_page_kind brand_css, brand_png, brand_svg;
