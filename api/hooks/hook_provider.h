#pragma once
/* Identifies and authenticates the calling SMS provider: Twilio, "Webhooks Security"; Vonage,
 * "Signing Messages" and "Validating Inbound Messages". */
#include "api/call/call.h"
#include "api/call/form.h"
#include "messages/provider.h"

/*
 * The configured provider, if the path names it and its signature is valid. *ret_signed: false if
 * it does not sign (or sms_hook_secret is not set), so that the token in the URL must authenticate
 * it. 404: another provider; RC_DENIED: invalid signature.
 */
enum rc hook_provider(
    struct call *c, const struct form *form, const struct provider **ret, bool *ret_signed);
