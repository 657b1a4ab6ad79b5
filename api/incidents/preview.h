#pragma once
/*
 * Previews a post: preview_post runs its transaction as usual and rolls it back; at its end,
 * instead of writing the audit log, preview_take keeps the messages (messages/preview.h). This uses
 * up sequence numbers and locks the incident meanwhile.
 */
#include <jansson.h>

#include "api/call/call.h"

struct preview_test {
    const char *to, *locale;
};
#define PREVIEW_TEST_FIELDS \
    FIELD_AS(TEXT, "test_to", test.to, .max = 320, \
        .doc = "Send the mail now, marked [Test], only to this address."), \
        FIELD_AS(TEXT, "test_locale", test.locale, .max = 35, .def = "en", \
            .doc = "Language of that mail.")

struct preview {
    struct call *c;
    const struct preview_test *test;
    const char *audience, *messages; /* JSON */
    const json_t *mail;              /* of the test, or NULL */
};

/* broadcast: SHAPE_NONE if there is none. */
enum rc preview_take(struct scope *s, struct db *db, struct preview *preview, int64_t broadcast);

/* Rehearse the post, send a requested test, and reply. */
enum rc preview_post(struct preview *preview, db_txn_fn *post, void *arg);

/* Check that the field contains an e-mail address. RC_INVALID on it. */
enum rc preview_check_address(struct call *c, const char *field, const char *to);

/* Send a mail rendered by preview_mail to one address, marked [Test], in its own transaction; the
 * audit log records it as action. RC_INVALID if it could not be rendered. */
enum rc preview_send_mail(
    struct call *c, const char *action, const char *to, const json_t *mail, int64_t *ret_broadcast);
