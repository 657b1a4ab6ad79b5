#pragma once
/* The documents of the published look, served from memory (page_cache.h). */
#include "api/public/page_cache.h"

extern const struct cached_page_kind brand_css, brand_png, brand_svg;
