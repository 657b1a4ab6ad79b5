/* The settings of the brand: GET PUT DELETE /v1/brand, POST /v1/brand/publish. */
#include "api/brand/brand.h"

#include <ctype.h>
#include <string.h>

#include "api/brand/accent.h"
#include "api/brand/custom_css.h"
#include "api/call/audit_log.h"
#include "core/json.h"

enum { HEADER_LINKS = 3, FOOTER_LINKS = 4, LABEL_MAX = 60, URL_MAX = 500 };

struct brand_link {
    const char *label;
    const char *url;
};
static const struct shape link_shape = SHAPE("BrandLink", struct brand_link,
    FIELD(TEXT, label, .required = true, .max = LABEL_MAX, .doc = "Text of the link."),
    FIELD(TEXT, url, .required = true, .max = URL_MAX, .doc = "https: or mailto:."));

SHAPE_EXTERN(struct brand, brand_shape, "Brand",
    FIELD(TEXT, accent, .doc = "Colour of buttons and links: #rrggbb."),
    FIELD(TEXT, accent_dark, .doc = "The same on dark pages; absent: derived from accent."),
    FIELD(TEXT, custom_css, .max = CUSTOM_CSS_MAX, .multiline = true,
        .doc = "Own rules, which follow ours."),
    FIELD(TEXT, support_url, .doc = "Where readers get help: https: or mailto:."),
    FIELD(RAW, header_links, .required = true, .form = FORM_LIST, .of = &link_shape,
        .doc = "Beside the navigation."),
    FIELD(RAW, footer_links, .required = true, .form = FORM_LIST, .of = &link_shape,
        .doc = "In the foot of the page."),
    FIELD(TEXT, logo, .doc = "Path of the image."),
    FIELD(TEXT, logo_dark, .doc = "The same on dark pages; absent: logo."),
    FIELD(TEXT, favicon, .doc = "Path of the icon."),
    FIELD(TEXT, social_image, .doc = "Path of the picture that previews of shared links show."),
    FIELD(BOOL, is_published, .required = true, .doc = "The pages show exactly this."),
    FIELD(TIME, published_at, .doc = "When a draft was last published."));

struct brand_change {
    const char *accent;
    const char *accent_dark;
    const char *custom_css;
    const char *support_url;
    struct list header_links;
    struct list footer_links;
};
const struct shape brand_change_shape = SHAPE("BrandChange", struct brand_change,
    FIELD(TEXT, accent, .max = 7,
        .doc = "#rrggbb, at least 4.5:1 against the light page. Absent: the default."),
    FIELD(TEXT, accent_dark, .max = 7,
        .doc = "#rrggbb, at least 4.5:1 against the dark page. Absent: derived from accent."),
    FIELD(TEXT, custom_css, .max = CUSTOM_CSS_MAX, .multiline = true,
        .doc = "Own rules, which follow ours. They load nothing: no url(), no @import."),
    FIELD(TEXT, support_url, .max = URL_MAX, .doc = "https: or mailto:."),
    FIELD(LIST, header_links, .max = HEADER_LINKS, .of = &link_shape,
        .doc = "Beside the navigation."),
    FIELD(LIST, footer_links, .max = FOOTER_LINKS, .of = &link_shape,
        .doc = "In the foot of the page."));

STMT(brand_row,
    "SELECT draft->>'accent' AS accent, draft->>'accent_dark' AS accent_dark,"
    "   draft->>'custom_css' AS custom_css, draft->>'support_url' AS support_url,"
    "   coalesce(draft->'header_links', '[]')::text AS header_links,"
    "   coalesce(draft->'footer_links', '[]')::text AS footer_links, draft->>'logo' AS logo,"
    "   draft->>'logo_dark' AS logo_dark, draft->>'favicon' AS favicon,"
    "   draft->>'social_image' AS social_image, draft = published AS is_published, published_at"
    "  FROM brand",
    .row = &brand_shape);
STMT(brand_draft_text, "SELECT draft::text FROM brand", .row = &row_text);
/* Images stay: they have routes of their own. */
STMT(brand_set,
    "UPDATE brand SET draft = $1::jsonb || (draft - '{accent,accent_dark,custom_css,support_url,"
    "header_links,footer_links}'::text[])");
STMT(brand_show, "UPDATE brand SET published = draft, published_at = now()");
STMT(brand_drop, "UPDATE brand SET draft = published");

enum rc brand_draft(struct scope *s, struct db *db, const char **ret)
{
    return db_one(s, db, &brand_draft_text, NO_PARAMS, ret);
}

enum rc brand_get(struct call *c)
{
    struct brand row;
    TRY(db_one(c->s, c->db, &brand_row, NO_PARAMS, &row));
    return reply_object(c, &row);
}

/* Nothing that a browser would run, and nothing that needs escapes in a header or a page. */
static enum rc check_url(struct scope *s, const char *field, const char *url)
{
    if (!url)
        return RC_OK;
    bool web = !strncmp(url, "https://", 8) && isalnum((unsigned char)url[8]);
    bool mail = !strncmp(url, "mailto:", 7) && strchr(url, '@');
    bool plain = true;
    for (const char *at = url; *at; at++)
        plain = plain && *at > ' ' && *at < 0x7f && !strchr("\"'<>\\^`{|}", *at);
    if ((web || mail) && plain)
        return RC_OK;
    return fail_field(s, RC_INVALID, field,
        "must be a link such as https://example.com or mailto:help@example.com");
}

static enum rc put_links(
    struct scope *s, json_t *draft, const char *field, const struct list *links)
{
    const struct brand_link *link = links->at;
    json_t *list = json_array();
    json_object_set_new(draft, field, list);
    for (size_t i = 0; i < links->n; i++) {
        TRY(check_url(s, field, link[i].url));
        json_array_append_new(
            list, json_pack("{s:s, s:s}", "label", link[i].label, "url", link[i].url));
    }
    return RC_OK;
}

static enum rc draft_of(struct scope *s, const struct brand_change *in, json_t **ret)
{
    json_t *draft = *ret = json_own(s, json_object());
    TRY(accent_check(s, "accent", in->accent, false));
    TRY(accent_check(s, "accent_dark", in->accent_dark, true));
    if (in->accent_dark && !in->accent)
        return fail_field(s, RC_INVALID, "accent", "is needed with accent_dark");
    TRY(custom_css_check(s, in->custom_css));
    TRY(check_url(s, "support_url", in->support_url));
    TRY(put_links(s, draft, "header_links", &in->header_links));
    TRY(put_links(s, draft, "footer_links", &in->footer_links));
    if (in->accent)
        json_object_set_new(draft, "accent", json_string(in->accent));
    if (in->accent_dark)
        json_object_set_new(draft, "accent_dark", json_string(in->accent_dark));
    if (in->custom_css && *in->custom_css)
        json_object_set_new(draft, "custom_css", json_string(in->custom_css));
    if (in->support_url)
        json_object_set_new(draft, "support_url", json_string(in->support_url));
    return RC_OK;
}

static enum rc put(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    json_t *draft;
    TRY(draft_of(s, c->body, &draft));
    const char *text = json_text(s, draft);
    TRY(db_do(s, db, &brand_set, PARAMS(P_TEXT(text)), NULL));
    return audit_add(s, db, call_actor(c), "brand.draft", "brand", text);
}

enum rc brand_put(struct call *c)
{
    TRY(db_txn(c->s, c->db, put, c));
    return brand_get(c);
}

static enum rc publish(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    const char *text;
    TRY(brand_draft(s, db, &text));
    TRY(db_do(s, db, &brand_show, NO_PARAMS, NULL));
    return audit_add(s, db, call_actor(c), "brand.publish", "brand", text);
}

enum rc brand_publish(struct call *c)
{
    TRY(db_txn(c->s, c->db, publish, c));
    return brand_get(c);
}

static enum rc discard(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    TRY(db_do(s, db, &brand_drop, NO_PARAMS, NULL));
    return audit_add(s, db, call_actor(c), "brand.discard", "brand", NULL);
}

enum rc brand_discard(struct call *c)
{
    TRY(db_txn(c->s, c->db, discard, c));
    return brand_get(c);
}
