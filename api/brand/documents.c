/* What readers' browsers load: /brand.css, /brand/png/{name} and /brand/svg/{name}. */
#include <sodium.h>
#include <string.h>

#include "api/brand/accent.h"
#include "api/brand/documents.h"
#include "api/call/site.h"

enum { HEX_MAX = 2 * 1024 * 1024 };

SHAPE_STATIC(
    struct image_row, image_row_shape, "BrandImageRow", FIELD(TEXT, bytes, .max = HEX_MAX));
STMT(brand_image_bytes,
    "SELECT encode(bytes, 'hex') AS bytes FROM brand_image WHERE type = $1 AND name = $2",
    .row = &image_row_shape);

void brand_style(struct strbuf *out, const json_t *site)
{
    struct site_look look = site_look(site);
    accent_css(out, look.accent, look.accent_dark);
    if (look.custom_css)
        strbuf_addstr(out, look.custom_css);
}

static enum rc render_css(struct cached_page_job *job)
{
    brand_style(job->out, site_now(job->s, job->api->site));
    return RC_OK;
}

static enum rc render_image(struct cached_page_job *job, const char *type)
{
    struct image_row row;
    TRY(IF_NONE(
        db_one(job->s, job->db, &brand_image_bytes, PARAMS(P_TEXT(type), P_TEXT(job->param)), &row),
        fail(job->s, RC_NOT_FOUND, "there is no image here")));
    size_t len, digits = strlen(row.bytes);
    unsigned char *bytes = scope_alloc(job->s, digits / 2 + 1);
    if (sodium_hex2bin(bytes, digits / 2, row.bytes, digits, NULL, &len, NULL) != 0)
        return fail(job->s, RC_INTERNAL, "an image is not hexadecimal");
    strbuf_add(job->out, bytes, len);
    return RC_OK;
}

static enum rc render_png(struct cached_page_job *job)
{
    return render_image(job, "png");
}

static enum rc render_svg(struct cached_page_job *job)
{
    return render_image(job, "svg");
}

/* An SVG that is opened by itself is a document of our origin: it runs and loads nothing. */
#define STILL "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"

const struct cached_page_kind brand_css = {
    .type = "text/css; charset=utf-8", .warm = true, .render = render_css};
const struct cached_page_kind brand_png = {
    .type = "image/png", .render = render_png, .policy = STILL};
const struct cached_page_kind brand_svg = {
    .type = "image/svg+xml", .render = render_svg, .policy = STILL};
