#ifndef API_INCIDENTS_PREVIEW_H
#define API_INCIDENTS_PREVIEW_H
/*
 * A post that is looked at instead of made: its transaction runs as always in preview_post,
 * which takes it back; at its end, instead of the audit log, preview_take keeps what would be
 * sent (messages/preview.h). Numbers of sequences are used up, and the incident is locked for
 * that moment.
 */
#include <jansson.h>

#include "api/call/call.h"

struct preview_test {
    const char *to, *locale;
};
#define PREVIEW_TEST_FIELDS \
    FIELD_AS(TEXT, "test_to", test.to, .max = 320, \
        .doc = "Send the mail to this address now, marked [Test]; to nobody else."), \
        FIELD_AS(TEXT, "test_locale", test.locale, .max = 35, .def = "en", \
            .doc = "The language of that mail.")

struct preview {
    struct call *c;
    const struct preview_test *test;
    const char *audience, *messages; /* JSON */
    const json_t *mail;              /* of the test, or NULL */
};

/* broadcast: SHAPE_NONE when nobody is told. */
enum rc preview_take(struct scope *s, struct db *db, struct preview *preview, int64_t broadcast);

/* Rehearse the post, send the test that is asked for, and answer. */
enum rc preview_post(struct preview *preview, db_txn_fn *post, void *arg);

/* Is there an address of a mailbox in this field? RC_INVALID on it. */
enum rc preview_check_address(struct call *c, const char *field, const char *to);

/* Send a mail as preview_mail rendered it to one address, marked [Test], in a transaction of its
 * own; the audit log has it as action. RC_INVALID when it could not be rendered. */
enum rc preview_send_mail(
    struct call *c, const char *action, const char *to, const json_t *mail, int64_t *ret_broadcast);

#endif
