/* /staff/brand: the look of the public pages, as a draft with a preview. */
#include <stdio.h>
#include <string.h>

#include "api/brand/brand.h"
#include "api/brand/custom_css.h"
#include "api/brand/documents.h"
#include "api/call/page.h"
#include "api/call/site.h"
#include "api/console/confirm.h"
#include "api/console/console.h"
#include "api/public/public.h"
#include "core/json.h"
#include "templates/label.h"

#define PAGE_PATH "/staff/brand"
#define PREVIEW_CSS PAGE_PATH "/preview.css"
enum {
    HEADER_ROWS = 3,
    FOOTER_ROWS = 4,
    PREVIEW_MAX = 4 * 1024 * 1024,
    CSS_MAX = 4 * CUSTOM_CSS_MAX + 4096
};

static const char *const images[] = {"logo", "logo_dark", "favicon", "social_image", NULL};

/* The rows of a form for links, the last ones empty, each with its number. */
static json_t *link_rows(const json_t *links, size_t n)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *link = json_array_get(links, i);
        json_array_append_new(
            rows, json_pack("{s:i, s:s, s:s}", "n", (int)i + 1, "label",
                      json_get_word(link, "label"), "url", json_get_word(link, "url")));
    }
    return rows;
}

static json_t *image_rows(struct call *c, const json_t *draft)
{
    json_t *rows = console_choices(c, images, "staff_brand_image", NULL), *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        const char *path = json_get_text(draft, images[i]);
        json_object_set_new(row, "path", path ? json_string(path) : json_null());
        json_object_set_new(row, "dark", json_boolean(!strcmp(images[i], "logo_dark")));
        json_object_set_new(row, "note",
            json_string(label_text(c->s, console_locale(c), "staff_brand_note", images[i])));
    }
    return rows;
}

/* typed: what was refused, or NULL. */
static enum rc show(struct call *c, const json_t *typed, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *draft;
    TRY(console_get(c, "/v1/brand", &draft));
    const json_t *shown = typed ? typed : draft;
    json_object_set_new(context, "accent", json_string(json_get_word(shown, "accent")));
    json_object_set_new(context, "accent_dark", json_string(json_get_word(shown, "accent_dark")));
    json_object_set_new(context, "custom_css", json_string(json_get_word(shown, "custom_css")));
    json_object_set_new(context, "support_url", json_string(json_get_word(shown, "support_url")));
    json_object_set_new(
        context, "header", link_rows(json_object_get(shown, "header_links"), HEADER_ROWS));
    json_object_set_new(
        context, "footer", link_rows(json_object_get(shown, "footer_links"), FOOTER_ROWS));
    json_object_set_new(context, "images", image_rows(c, draft));
    json_object_set(context, "is_published", json_object_get(draft, "is_published"));
    console_put_problem(c, context, problem);
    return console_reply(c, "brand", context);
}

enum rc console_brand(struct call *c)
{
    return show(c, NULL, NULL);
}

static json_t *links_typed(struct call *c, const char *name)
{
    struct texts labels = console_values(c, scope_printf(c->s, "%s_label", name));
    struct texts urls = console_values(c, scope_printf(c->s, "%s_url", name));
    json_t *list = json_array();
    for (size_t i = 0; i < labels.n && i < urls.n; i++)
        if (*labels.at[i] || *urls.at[i])
            json_array_append_new(
                list, json_pack("{s:s, s:s}", "label", labels.at[i], "url", urls.at[i]));
    return list;
}

static json_t *typed_of(struct call *c)
{
    static const char *const words[] = {"accent", "accent_dark", "custom_css", "support_url", NULL};
    json_t *body = json_own(c->s, json_object());
    for (const char *const *name = words; *name; name++)
        if (form_text(c->form, *name, NULL))
            json_object_set_new(body, *name, json_string(form_text(c->form, *name, NULL)));
    json_object_set_new(body, "header_links", links_typed(c, "header"));
    json_object_set_new(body, "footer_links", links_typed(c, "footer"));
    return body;
}

enum rc console_brand_post(struct call *c)
{
    const char *what = form_text(c->form, "do", "save");
    bool publish = !strcmp(what, "publish"), discard = !strcmp(what, "discard");
    if (discard && !confirm_given(c))
        return confirm_ask(c, "discard", json_object(), PAGE_PATH);
    json_t *reply, *body = discard ? NULL : typed_of(c);
    if (body && !console_call(c, PUT, "/v1/brand", body, &reply))
        return show(c, body, reply);
    if (publish && !console_call(c, POST, "/v1/brand/publish", NULL, &reply))
        return show(c, body, reply);
    if (discard && !console_call(c, DELETE, "/v1/brand", NULL, &reply))
        return show(c, NULL, reply);
    return console_go(c, PAGE_PATH "%s", publish ? "" : "#preview");
}

static enum rc keep(struct call *c, const char *image)
{
    char *bytes = scope_alloc(c->s, BRAND_IMAGE_MAX + 1);
    size_t len = fread(bytes, 1, BRAND_IMAGE_MAX + 1, c->request->upload);
    return len > BRAND_IMAGE_MAX
               ? fail(c->s, RC_INVALID, "is larger than %d KiB", BRAND_IMAGE_MAX / 1024)
               : brand_image_keep(c, image, bytes, len);
}

enum rc console_brand_image(struct call *c)
{
    const char *image = form_text(c->form, "image", "");
    bool removal = !strcmp(form_text(c->form, "do", ""), "remove");
    enum rc rc = removal ? brand_image_remove(c, image) : keep(c, image);
    if (rc == RC_OK)
        return console_go(c, PAGE_PATH "#images");
    if (rc != RC_INVALID)
        return rc;
    const char *label = label_text(c->s, console_locale(c), "staff_brand_image", image);
    json_t *problem =
        json_own(c->s, json_pack("{s:o}", "detail",
                           json_string(scope_printf(c->s, "%s: %s", label, c->s->fault.message))));
    c->reply.status = 422;
    return show(c, NULL, problem);
}

enum rc console_brand_preview(struct call *c)
{
    STRBUF(b, PREVIEW_MAX);
    const char *draft;
    struct cached_page_job job = {
        .s = c->s, .db = c->db, .api = c->api, .locale = console_locale(c), .out = &b};
    TRY(brand_draft(c->s, c->db, &draft));
    TRY(site_of(c->s, draft, PREVIEW_CSS, &job.site));
    TRY(public_home.render(&job));
    strbuf_clear(&c->reply.body);
    strbuf_add(&c->reply.body, b.buf, b.len);
    c->reply.status = 200;
    page_private(c);
    return RC_OK;
}

enum rc console_brand_css(struct call *c)
{
    STRBUF(b, CSS_MAX);
    const char *draft;
    json_t *site;
    TRY(brand_draft(c->s, c->db, &draft));
    TRY(site_of(c->s, draft, PREVIEW_CSS, &site));
    brand_style(&b, site);
    strbuf_clear(&c->reply.body);
    strbuf_add(&c->reply.body, b.buf, b.len);
    c->reply.status = 200;
    c->reply.type = "text/css; charset=utf-8";
    reply_header(c, "Cache-Control", "no-store");
    return RC_OK;
}
