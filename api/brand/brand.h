#pragma once
/*
 * The look of the public pages: a draft that staff edit and preview, and what is published
 * (docs/decisions/0128-brand-is-a-published-draft.md). Images have routes of their own, with the
 * bytes as the body.
 */
#include "api/call/call.h"

/* Octets of an uploaded image, of the largest kind. */
enum { BRAND_IMAGE_MAX = 1024 * 1024 };

extern const struct route_list brand_routes;
extern const struct shape brand_shape, brand_change_shape;
route_fn brand_get, brand_put, brand_publish, brand_discard, brand_image_put, brand_image_delete;

/* Put an image into the draft: logo, logo_dark, favicon or social_image. RC_NOT_FOUND: another
 * name; RC_INVALID: refused, with the reason (image.h). */
enum rc brand_image_keep(struct call *c, const char *image, const char *bytes, size_t len);
enum rc brand_image_remove(struct call *c, const char *image);

/* The draft as JSON, for site_of. */
enum rc brand_draft(struct scope *s, struct db *db, const char **ret);
