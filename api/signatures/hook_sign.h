#pragma once
/* Signatures of callbacks. Pure. */
#include <stdbool.h>
#include <stdint.h>

#include "api/call/form.h"

/*
 * X-Twilio-Signature: base64 of the HMAC-SHA1, under the account's token, of the configured URL
 * followed by the form's names and values, sorted by name (Twilio, "Webhooks Security"). given may
 * be NULL. A repeated pair counts once, as in Twilio's own validators.
 */
bool hook_twilio_verifies(
    const char *token, const char *url, const struct form *form, const char *given);

/*
 * X-Plivo-Signature-V3: base64 of the HMAC-SHA256, under the account's token, of the URL with its
 * query in order, each name and value of the form in order, and the nonce. given: one or more
 * signatures separated by commas, or NULL.
 */
struct hook_plivo {
    const char *token;
    const char *url; /* ignores text after "?" in favour of query */
    const struct form *query, *form;
    const char *nonce; /* NULL: verification fails */
};
bool hook_plivo_verifies(const struct hook_plivo *want, const char *given);

/*
 * Vonage's message signature, `sig` among the parameters: hex, in either case, of the HMAC-SHA256
 * under the account's signature secret of "&name=value" for each other parameter in order of
 * name, with "_" for "&" and "=" in values. Not older than five minutes by `timestamp`, which is
 * one of them.
 */
bool hook_vonage_verifies(const char *secret, const struct form *sent, int64_t now);

/*
 * X-Slack-Signature: "v0=" and the hex HMAC-SHA256, under the app's signing secret, of
 * "v0:TIMESTAMP:BODY" of the bytes received, not older than five minutes
 * (Slack, "Verifying requests from Slack").
 */
struct hook_slack {
    const char *secret;
    const char *timestamp; /* seconds, from the header; NULL: verification fails */
    const char *body;
    size_t len;
};
bool hook_slack_verifies(const struct hook_slack *want, const char *given, int64_t now);

/* Constant time in the length of want; false for an empty want. */
bool hook_token_verifies(const char *want, const char *given);

/* Whether a timestamp of a signature, seconds since 1970 in digits, is within five minutes. */
bool hook_is_recent(const char *timestamp, int64_t now);
