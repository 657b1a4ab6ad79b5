#include "api/brand/brand.h"
#include "api/brand/documents.h"

#define CACHED(o, p, m, e, d) \
    { \
        .verb = GET, .id = o, .path = p, .media = m, .cached_page = &e, .run = cached_page_reply, \
        .doc = d \
    }

static const struct route rows[] = {
    {.verb = GET,
        .path = "/v1/brand",
        .id = "getBrand",
        .scope = "components:read",
        .reply = &brand_shape,
        .run = brand_get,
        .doc = "The draft of the look of the public pages."},
    {.verb = PUT,
        .path = "/v1/brand",
        .id = "replaceBrand",
        .scope = "admin",
        .body = &brand_change_shape,
        .reply = &brand_shape,
        .run = brand_put,
        .doc =
            "Replace the colours and links of the draft. The pages change when it is published."},
    {.verb = POST,
        .path = "/v1/brand/publish",
        .id = "publishBrand",
        .scope = "admin",
        .reply = &brand_shape,
        .run = brand_publish,
        .doc = "Publish the draft."},
    {.verb = DELETE,
        .path = "/v1/brand",
        .id = "deleteBrandDraft",
        .scope = "admin",
        .reply = &brand_shape,
        .run = brand_discard,
        .doc = "Reset the draft to the published brand."},
    {.verb = PUT,
        .path = "/v1/brand/images/{image}",
        .id = "replaceBrandImage",
        .scope = "admin",
        .raw = true,
        .takes = "image/png, image/svg+xml",
        .max_body = BRAND_IMAGE_MAX,
        .reply = &brand_shape,
        .run = brand_image_put,
        .doc = "Put an image into the draft: logo, logo_dark, favicon or social_image (PNG). The "
               "body is the file."},
    {.verb = DELETE,
        .path = "/v1/brand/images/{image}",
        .id = "deleteBrandImage",
        .scope = "admin",
        .reply = &brand_shape,
        .run = brand_image_delete,
        .doc = "Remove an image from the draft."},
    CACHED("getBrandCss", "/brand.css", "text/css", brand_css, "The accent colour of the pages."),
    CACHED("getBrandPng", "/brand/png/{name}", "image/png", brand_png, "An image of the brand."),
    CACHED(
        "getBrandSvg", "/brand/svg/{name}", "image/svg+xml", brand_svg, "An image of the brand."),
};
const struct route_list brand_routes = ROUTE_LIST(rows);
