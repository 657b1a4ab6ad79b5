#pragma once
/*
 * The secret of a source that calls us: a token or the key of its signature. It is sealed in the
 * row of the source, under a name that the row cannot share with another. After a rotation the
 * previous one also works until a time that the rotation has set.
 *
 *     struct hook_secret secret;
 *     TRY(hook_secret_open(s, keys, bound_to, &row.sealed, &secret));
 *     if (!hook_secret_is(&secret, token)) ...
 */
#include "core/scope.h"
#include "core/sign.h"

struct hook_secret {
    const char *current;
    const char *previous; /* NULL: none that still works */
};

/* As hexadecimal digits; previous NULL: none, or over. */
struct hook_sealed {
    const char *current, *previous;
};

/* Texts are owned by s. RC_INTERNAL: sealed under another key or name. */
enum rc hook_secret_open(struct scope *s, const struct sign *keys, const char *bound_to,
    const struct hook_sealed *sealed, struct hook_secret *ret);

/* The token of an Authorization header (or NULL): that of Bearer, or the password of Basic, whose
 * name does not matter. NULL: none. */
const char *hook_token_given(struct scope *s, const char *authorization);

/* Whether a token is one of them, in constant time; given may be NULL. */
bool hook_secret_is(const struct hook_secret *secret, const char *given);
