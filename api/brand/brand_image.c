/* PUT and DELETE /v1/brand/images/{image}: the images of the draft. */
#include <sodium.h>
#include <string.h>

#include "api/brand/brand.h"
#include "api/brand/image.h"
#include "api/call/audit_log.h"

enum { NAME = 16 };

/* Their names, and the most octets of each. A preview of a shared link is fetched by programs
 * that read no SVG. */
static const struct kind {
    const char *name;
    size_t max;
    bool png_only;
} kinds[] = {
    {"logo", 64 * 1024, false},
    {"logo_dark", 64 * 1024, false},
    {"favicon", 32 * 1024, false},
    {"social_image", BRAND_IMAGE_MAX, true},
};

STMT(brand_image_add, "INSERT INTO brand_image (type, name, bytes) VALUES ($1, $2, $3::bytea)"
                      " ON CONFLICT DO NOTHING");
STMT(brand_image_set, "UPDATE brand SET draft = draft || jsonb_build_object($1::text, $2::text)");
STMT(brand_image_unset, "UPDATE brand SET draft = draft - $1::text");
/* Those that neither draft nor page shows any more. */
STMT(brand_image_tidy,
    "DELETE FROM brand_image i USING brand b WHERE NOT EXISTS (SELECT FROM"
    "   jsonb_each_text(b.draft) d WHERE d.value = '/brand/' || i.type || '/' || i.name)"
    " AND NOT EXISTS (SELECT FROM"
    "   jsonb_each_text(b.published) p WHERE p.value = '/brand/' || i.type || '/' || i.name)");

static const struct kind *kind_of(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (!strcmp(kinds[i].name, name))
            return &kinds[i];
    return NULL;
}

struct keep {
    const struct call *c;
    const char *image, *type, *name, *bytes;
    size_t len;
};

static enum rc keep(struct scope *s, struct db *db, void *arg)
{
    const struct keep *in = arg;
    const char *path = scope_printf(s, "/brand/%s/%s", in->type, in->name);
    TRY(db_do(s, db, &brand_image_add,
        PARAMS(P_TEXT(in->type), P_TEXT(in->name), P_BYTES(in->bytes, in->len)), NULL));
    TRY(db_do(s, db, &brand_image_set, PARAMS(P_TEXT(in->image), P_TEXT(path)), NULL));
    TRY(db_do(s, db, &brand_image_tidy, NO_PARAMS, NULL));
    return audit_add(s, db, call_actor(in->c), "brand.image", in->image, NULL);
}

enum rc brand_image_keep(struct call *c, const char *image, const char *bytes, size_t len)
{
    const struct kind *kind = kind_of(image);
    const char *type = image_type(bytes, len);
    if (!kind)
        return fail(c->s, RC_NOT_FOUND, "no image \"%.100s\"", image);
    if (!type || (kind->png_only && strcmp(type, "png") != 0))
        return fail(c->s, RC_INVALID, kind->png_only ? "must be a PNG" : "must be a PNG or an SVG");
    if (len > kind->max)
        return fail(c->s, RC_INVALID, "is larger than %zu KiB", kind->max / 1024);
    TRY(image_check(c->s, type, bytes, len));
    unsigned char hash[NAME];
    char name[2 * NAME + 1];
    crypto_generichash(hash, sizeof(hash), (const unsigned char *)bytes, len, NULL, 0);
    sodium_bin2hex(name, sizeof(name), hash, sizeof(hash));
    struct keep in = {c, image, type, name, bytes, len};
    return db_txn(c->s, c->db, keep, &in);
}

static enum rc unset(struct scope *s, struct db *db, void *arg)
{
    const struct keep *in = arg;
    TRY(db_do(s, db, &brand_image_unset, PARAMS(P_TEXT(in->image)), NULL));
    TRY(db_do(s, db, &brand_image_tidy, NO_PARAMS, NULL));
    return audit_add(s, db, call_actor(in->c), "brand.image_remove", in->image, NULL);
}

enum rc brand_image_remove(struct call *c, const char *image)
{
    struct keep in = {.c = c, .image = image};
    if (!kind_of(image))
        return fail(c->s, RC_NOT_FOUND, "no image \"%.100s\"", image);
    return db_txn(c->s, c->db, unset, &in);
}

enum rc brand_image_put(struct call *c)
{
    TRY(brand_image_keep(c, c->param[0], c->request->body, c->request->len));
    return brand_get(c);
}

enum rc brand_image_delete(struct call *c)
{
    TRY(brand_image_remove(c, c->param[0]));
    return brand_get(c);
}
