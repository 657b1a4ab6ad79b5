#pragma once
/*
 * Messages of Amazon SNS, which carry alarms of CloudWatch (Amazon, "Verifying the signatures of
 * Amazon SNS messages"): an envelope with a topic and a signature, of SHA-1 (SignatureVersion 1) or
 * SHA-256 (2) with RSA, whose certificate is at a URL of Amazon's.
 *
 *     const json_t *alarm;
 *     TRY(sns_open(c->s, &trust, body, &alarm));
 *     if (!alarm) ... a confirmation, which is done
 */
#include <jansson.h>
#include <stdbool.h>

#include "core/scope.h"
#include "core/shape.h"

/* The text that is signed; NULL: not a message. Pure. */
const char *sns_signed_text(struct scope *s, const json_t *envelope);

/* Whether the signature of an envelope is that of a certificate (PEM) that is valid now. Pure. */
bool sns_verifies(struct scope *s, const json_t *envelope, const char *certificate);

/* The senders that are trusted. */
struct sns_trust {
    const struct texts *topics; /* ARNs */
    const struct texts *hosts;  /* HOST or HOST:PORT beside sns.REGION.amazonaws.com */
    bool allow_loopback;
};

/* The certificate at a URL of a trusted host, kept for an hour. RC_DENIED: another host; RC_RETRY:
 * more than a dozen were fetched in this minute. Blocks. */
enum rc sns_certificate(
    struct scope *s, const struct sns_trust *trust, const char *url, const char **ret);

bool sns_is_host(struct scope *s, const struct sns_trust *trust, const char *url);

/* Verify an envelope of an allowed topic and open it: *ret is its message. A confirmation of the
 * subscription is answered, and *ret NULL, as for that of its end. RC_DENIED: another topic, or the
 * signature is wrong. Blocks. */
enum rc sns_open(
    struct scope *s, const struct sns_trust *trust, const json_t *envelope, const json_t **ret);

/* The message of an envelope, or else the document itself; RC_INVALID names Message. */
enum rc sns_message(struct scope *s, const json_t *document, const json_t **ret);
