#include "api/access/oidc_token.h"

#include <cjose/cjose.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"

/* Whether the text is base64url without padding (RFC 7515 2). cjose 0.6.2 ends the process by
 * assert on "A===", so it gets nothing that was not decoded here first. NULL: it is not, or
 * empty. */
static const char *decoded(struct scope *s, const char *text, size_t len)
{
    size_t n;
    unsigned char *bytes = scope_alloc(s, len + 1);
    if (!len || sodium_base642bin(bytes, len, text, len, NULL, &n, NULL,
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return NULL;
    bytes[n] = '\0';
    return (const char *)bytes;
}

/* Its header, if the token is three parts in base64url, the first of which is a JSON object
 * (RFC 7515 7.1). */
static bool has_form(struct scope *s, const char *token, const json_t **ret_header)
{
    json_t *header = NULL;
    const char *text = NULL;
    for (int part = 0; part < 3; part++) {
        size_t len = strcspn(token, ".");
        const char *bytes = decoded(s, token, len);
        if (!bytes || (token[len] == '.') != (part < 2))
            return false;
        if (!part)
            text = bytes;
        token += len + 1;
    }
    if (json_parse(s, text, strlen(text), &header) != RC_OK || !json_is_object(header))
        return false;
    *ret_header = header;
    return true;
}

static void release_jws(cjose_jws_t **jws)
{
    cjose_jws_release(*jws);
}

static void release_jwk(cjose_jwk_t **jwk)
{
    cjose_jwk_release(*jwk);
}

static const char *key_type_of(const char *alg)
{
    return !strcmp(alg, "RS256") ? "RSA" : !strcmp(alg, "ES256") ? "EC" : NULL;
}

/* Whether it is a signing key of the algorithm's type, with the key id that the token names, if
 * any. */
static bool fits(const json_t *key, const char *alg, const char *kid)
{
    const char *use = json_get_word(key, "use"), *own = json_get_word(key, "alg");
    return !strcmp(json_get_word(key, "kty"), key_type_of(alg)) && (!*use || !strcmp(use, "sig")) &&
           (!*own || !strcmp(own, alg)) && (!kid || !strcmp(json_get_word(key, "kid"), kid));
}

/* Whether cjose can read the key: the fields of its type are base64url (RFC 7518 6). */
static bool is_readable(struct scope *s, const json_t *key)
{
    static const char *const rsa[] = {"n", "e", NULL}, *const ec[] = {"x", "y", NULL};
    const char *const *field = !strcmp(json_get_word(key, "kty"), "RSA") ? rsa : ec;
    for (; *field; field++)
        if (!decoded(s, json_get_word(key, *field), strlen(json_get_word(key, *field))))
            return false;
    return *json_get_word(key, field == ec + 2 ? "crv" : "kty");
}

/* The matching key; without a key id, only one key may match. */
static enum rc choose_key(
    struct scope *s, const char *keys, const char *alg, const char *kid, const json_t **ret)
{
    json_t *set, *key;
    const json_t *found = NULL;
    size_t i;
    TRY(json_parse(s, keys, strlen(keys), &set));
    json_array_foreach(json_object_get(set, "keys"), i, key)
    {
        if (!fits(key, alg, kid))
            continue;
        if (found)
            return fail(s, RC_DENIED, "more than one key of the provider matches it");
        found = key;
    }
    if (!found)
        return fail(s, RC_DENIED, "no key of the provider matches it");
    if (!is_readable(s, found))
        return fail(s, RC_DENIED, "the provider's key for it is malformed");
    *ret = found;
    return RC_OK;
}

/* The algorithm and the id of the key that a header names. */
static enum rc read_header(
    struct scope *s, const json_t *header, const char **ret_alg, const char **ret_kid)
{
    const char *alg = json_get_word(header, "alg");
    const json_t *kid = json_object_get(header, "kid");
    if (!*alg || (kid && !json_is_string(kid)))
        return fail(s, RC_DENIED, "it is not a signed token");
    if (!key_type_of(alg))
        return fail(s, RC_DENIED, "it is not signed by RS256 or ES256");
    if (json_object_get(header, "crit"))
        return fail(s, RC_DENIED, "it requires an unknown extension");
    *ret_alg = alg;
    *ret_kid = json_string_value(kid);
    return RC_OK;
}

static enum rc verify(struct scope *s, const char *token, const char *keys, const char **ret_text)
{
    cjose_err err;
    const json_t *header, *key;
    const char *alg, *kid;
    uint8_t *bytes;
    size_t len;
    if (!has_form(s, token, &header))
        return fail(s, RC_DENIED, "it is not a signed token");
    TRY(read_header(s, header, &alg, &kid));
    TRY(choose_key(s, keys, alg, kid, &key));
    const char *text = json_text(s, key);
    CLEANUP(release_jwk) cjose_jwk_t *jwk = cjose_jwk_import(text, strlen(text), &err);
    CLEANUP(release_jws)
    cjose_jws_t *jws = jwk ? cjose_jws_import(token, strlen(token), &err) : NULL;
    if (!jws || !cjose_jws_verify(jws, jwk, &err) ||
        !cjose_jws_get_plaintext(jws, &bytes, &len, &err))
        return fail(s, RC_DENIED, "its signature is invalid");
    *ret_text = scope_strndup(s, (const char *)bytes, len);
    return RC_OK;
}

/* aud must be or contain our client id; azp must be our client id, and present if aud has several.
 */
static bool is_for_us(const json_t *claims, const char *client_id)
{
    const json_t *aud = json_object_get(claims, "aud"), *azp = json_object_get(claims, "azp"), *one;
    bool ours = json_is_string(aud) && !strcmp(json_string_value(aud), client_id);
    size_t i;
    json_array_foreach(aud, i, one) ours =
        ours || (json_is_string(one) && !strcmp(json_string_value(one), client_id));
    if (!azp)
        return ours && json_array_size(aud) <= 1;
    return ours && json_is_string(azp) && !strcmp(json_string_value(azp), client_id);
}

static enum rc check_times(struct scope *s, const json_t *claims, int64_t now)
{
    const json_t *exp = json_object_get(claims, "exp"), *iat = json_object_get(claims, "iat");
    const json_t *nbf = json_object_get(claims, "nbf");
    double seconds = (double)now / CLOCK_SECOND;
    if (!json_is_number(exp) || json_number_value(exp) <= seconds - OIDC_SKEW_SECONDS)
        return fail(s, RC_DENIED, "it has expired");
    if (!json_is_number(iat) || json_number_value(iat) > seconds + OIDC_SKEW_SECONDS ||
        json_number_value(iat) < seconds - OIDC_AGE_SECONDS)
        return fail(s, RC_DENIED, "it was not issued recently");
    if (nbf && (!json_is_number(nbf) || json_number_value(nbf) > seconds + OIDC_SKEW_SECONDS))
        return fail(s, RC_DENIED, "it is not valid yet");
    return RC_OK;
}

enum rc oidc_token_check(struct scope *s, const char *token, const char *keys,
    const struct oidc_expected *expected, const json_t **ret_claims)
{
    const char *text;
    json_t *claims;
    TRY(verify(s, token, keys, &text));
    if (json_parse(s, text, strlen(text), &claims) != RC_OK || !json_is_object(claims))
        return fail(s, RC_DENIED, "it has no claims");
    if (strcmp(json_get_word(claims, "iss"), expected->issuer) != 0)
        return fail(s, RC_DENIED, "it is from another issuer");
    if (!is_for_us(claims, expected->client_id))
        return fail(s, RC_DENIED, "it is for another client");
    TRY(check_times(s, claims, expected->now));
    if (strcmp(json_get_word(claims, "nonce"), expected->nonce) != 0)
        return fail(s, RC_DENIED, "it belongs to another sign-in");
    size_t len = strlen(json_get_word(claims, "sub"));
    if (!len || len > 255)
        return fail(s, RC_DENIED, "it has no subject");
    *ret_claims = claims;
    return RC_OK;
}
