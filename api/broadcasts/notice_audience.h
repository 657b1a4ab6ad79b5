#pragma once
/* The audience of a notice: everybody, or subscribers chosen by account or component. */
#include <jansson.h>

#include "core/db/db.h"
#include "core/shape.h"

extern const struct shape notice_audience_shape, notice_readers_shape;

#define NOTICE_AUDIENCE_FIELD \
    FIELD(JSON, audience, .form = FORM_WORD, .of = &notice_audience_shape, \
        .doc = "\"all\" subscribers, the default, or those of an audience (NoticeAudience).")

/* Check an audience and resolve its names. *ret, owned by s: NULL for everybody. RC_INVALID on
 * audience or a member of it. */
enum rc notice_audience_read(struct scope *s, struct db *db, const json_t *audience, json_t **ret);

/* Restrict the broadcast of a notice to it (NULL: to nobody less), in the transaction that made the
 * broadcast. RC_INVALID on audience if no subscriber is in it. */
enum rc notice_audience_apply(
    struct scope *s, struct db *db, int64_t broadcast, const json_t *audience);

/* Its recipients: [{channel, locale, count}], owned by s. */
enum rc notice_audience_count(
    struct scope *s, struct db *db, int64_t broadcast, const json_t *audience, json_t **ret);
