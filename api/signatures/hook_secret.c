#include "api/signatures/hook_secret.h"

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

bool hook_secret_is(const struct hook_secret *secret, const char *given)
{
    bool current = hook_token_verifies(secret->current, given);
    return current || (secret->previous && hook_token_verifies(secret->previous, given));
}
