#include "api/signatures/hook_secret.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "api/signatures/hook_sign.h"

enum rc hook_secret_open(struct scope *s, const struct sign *keys, const char *bound_to,
    const struct hook_sealed *sealed, struct hook_secret *ret)
{
    char *current, *previous = NULL;
    TRY(sign_open_hex(s, keys, bound_to, sealed->current, &current));
    if (sealed->previous)
        TRY(sign_open_hex(s, keys, bound_to, sealed->previous, &previous));
    *ret = (struct hook_secret){.current = current, .previous = previous};
    return RC_OK;
}

const char *hook_token_given(struct scope *s, const char *authorization)
{
    static const char bearer[] = "Bearer ", basic[] = "Basic ";
    if (!authorization)
        return NULL;
    if (!strncasecmp(authorization, bearer, sizeof bearer - 1))
        return authorization + sizeof bearer - 1;
    if (strncasecmp(authorization, basic, sizeof basic - 1) != 0)
        return NULL;
    const char *coded = authorization + sizeof basic - 1, *end;
    size_t len = strlen(coded), n;
    char *text = scope_alloc(s, len + 1);
    if (sodium_base642bin((unsigned char *)text, len, coded, len, NULL, &n, &end,
            sodium_base64_VARIANT_ORIGINAL) != 0 ||
        *end)
        return NULL;
    text[n] = '\0';
    const char *colon = strchr(text, ':');
    return colon ? colon + 1 : NULL;
}

bool hook_secret_is(const struct hook_secret *secret, const char *given)
{
    bool current = hook_token_verifies(secret->current, given);
    return current || (secret->previous && hook_token_verifies(secret->previous, given));
}
