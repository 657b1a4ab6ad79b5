#ifndef API_HOOK_SIGN_H
#define API_HOOK_SIGN_H
/* Signatures of programs that call us. Pure. */
#include <stdbool.h>

#include "api/form.h"

/*
 * X-Twilio-Signature: base64 of the HMAC-SHA1, under the account's token, of the URL as we
 * configured it followed by each name and value of the form in order of name (SPEC 3.4).
 * given may be NULL. A repeated pair counts once, as in Twilio's own validators.
 */
bool hook_twilio_verifies(
    const char *token, const char *url, const struct form *form, const char *given);

/* Constant time in the length of want; an empty want verifies nothing. */
bool hook_token_verifies(const char *want, const char *given);

#endif
