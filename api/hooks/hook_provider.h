#ifndef API_HOOKS_HOOK_PROVIDER_H
#define API_HOOKS_HOOK_PROVIDER_H
/* Which SMS provider calls, and whether it is the one: Twilio, "Webhooks Security"; Vonage,
 * "Signing Messages" and "Validating Inbound Messages". */
#include "api/call/call.h"
#include "api/call/form.h"
#include "messages/provider.h"

/*
 * The configured provider, if the path names it and its signature is right. *ret_signed:
 * false where it signs nothing (or its secret is not set, sms_hook_secret), so that the
 * token in the URL has to do. 404: another provider; RC_DENIED: a wrong signature.
 */
enum rc hook_provider(
    struct call *c, const struct form *form, const struct provider **ret, bool *ret_signed);

#endif
