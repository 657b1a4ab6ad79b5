#include "api/hooks/hook_jwt.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/sign.h"

enum { TOKEN_MAX = 8192, LEEWAY = 5, AGE_MAX = 300, SHA256 = 32 };

static bool decode(struct scope *s, const char *text, size_t len, unsigned char **ret, size_t *n)
{
    *ret = scope_alloc(s, len + 1);
    return sodium_base642bin(
               *ret, len, text, len, NULL, n, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

static const json_t *object_of(struct scope *s, const char *text, size_t len)
{
    unsigned char *bytes;
    size_t n;
    json_t *json = NULL;
    if (!decode(s, text, len, &bytes, &n) || json_parse(s, (char *)bytes, n, &json) != RC_OK)
        return NULL;
    return json_is_object(json) ? json : NULL;
}

static bool is_text(const json_t *object, const char *name, const char *want)
{
    const char *given = json_get_text(object, name);
    return given && !strcmp(given, want);
}

static bool is_signed(struct scope *s, const char *secret, const char *given, const char *last)
{
    unsigned char want[SHA256], *mac;
    size_t n;
    if (!decode(s, last + 1, strlen(last + 1), &mac, &n) || n != sizeof want)
        return false;
    sign_hmac_sha256(secret, strlen(secret), given, (size_t)(last - given), want);
    return sodium_memcmp(want, mac, sizeof want) == 0;
}

static bool is_timely(const json_t *claims, int64_t now)
{
    const json_t *end = json_object_get(claims, "exp"), *made = json_object_get(claims, "iat");
    const json_t *begin = json_object_get(claims, "nbf");
    if (json_is_integer(begin) && json_integer_value(begin) > now + LEEWAY)
        return false;
    if (json_is_integer(end))
        return json_integer_value(end) > now - LEEWAY;
    return json_is_integer(made) && json_integer_value(made) < now + AGE_MAX &&
           json_integer_value(made) > now - AGE_MAX;
}

static bool is_hash(const json_t *claims, const char *name, const char *bytes, size_t len)
{
    unsigned char hash[SHA256];
    char hex[2 * SHA256 + 1];
    const char *given = json_get_text(claims, name);
    crypto_hash_sha256(hash, (const unsigned char *)bytes, len);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    return given && !strcasecmp(given, hex);
}

bool hook_jwt_verifies(const struct hook_jwt *want, const char *given, int64_t now)
{
    SCOPE(s);
    const char *first = given ? strchr(given, '.') : NULL;
    const char *last = first ? strrchr(given, '.') : NULL;
    if (!*want->secret || !first || last == first || strlen(given) > TOKEN_MAX)
        return false;
    const json_t *head = object_of(s, given, (size_t)(first - given));
    const json_t *claims = object_of(s, first + 1, (size_t)(last - first - 1));
    return head && claims && is_text(head, "alg", "HS256") &&
           is_signed(s, want->secret, given, last) && is_text(claims, "iss", want->issuer) &&
           is_timely(claims, now / CLOCK_SECOND) &&
           (!want->url || is_hash(claims, "url_hash", want->url, strlen(want->url))) &&
           (!want->len || is_hash(claims, "payload_hash", want->body, want->len));
}
