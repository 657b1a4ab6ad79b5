#include "api/access/password.h"

#include <ctype.h>
#include <liboath/oath.h>
#include <pthread.h>
#include <semaphore.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STEP_SECONDS = 30, DIGITS = 6, SKEW_STEPS = 1 };

static sem_t hashing;
static pthread_once_t hashing_once = PTHREAD_ONCE_INIT;

static void hashing_init(void)
{
    sem_init(&hashing, 0, 2);
}

static void begin(void)
{
    pthread_once(&hashing_once, hashing_init);
    while (sem_wait(&hashing) != 0)
        continue;
}

enum rc password_hash(struct scope *s, const char *password, const char **ret)
{
    size_t len = strlen(password);
    if (len < PASSWORD_MIN || len > PASSWORD_MAX)
        return fail_field(
            s, RC_INVALID, "password", "must have %d to %d bytes", PASSWORD_MIN, PASSWORD_MAX);
    char *hash = scope_alloc(s, crypto_pwhash_STRBYTES);
    begin();
    int bad = crypto_pwhash_str(hash, password, len, crypto_pwhash_OPSLIMIT_INTERACTIVE,
        crypto_pwhash_MEMLIMIT_INTERACTIVE);
    sem_post(&hashing);
    if (bad)
        return fail(s, RC_RETRY, "not enough memory to hash a password");
    *ret = hash;
    return RC_OK;
}

bool password_matches(const char *hash, const char *password)
{
    /* The hash of no password, for comparison if the login is unknown; made once. */
    static char none[crypto_pwhash_STRBYTES];
    begin();
    if (!hash && !*none &&
        crypto_pwhash_str(none, "", 0, crypto_pwhash_OPSLIMIT_INTERACTIVE,
            crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        abort();
    bool good = crypto_pwhash_str_verify(hash ? hash : none, password, strlen(password)) == 0;
    sem_post(&hashing);
    return good && hash;
}

const char *totp_new(struct scope *s, unsigned char ret[TOTP_SECRET])
{
    char *base32 = NULL;
    size_t len;
    randombytes_buf(ret, TOTP_SECRET);
    if (oath_base32_encode((const char *)ret, TOTP_SECRET, &base32, &len) != OATH_OK)
        abort();
    const char *text = scope_strdup(s, base32);
    free(base32);
    return text;
}

static const char *bound_to(struct scope *s, int64_t staff_id)
{
    return scope_printf(s, "staff.totp:%lld", (long long)staff_id);
}

/* As base32, because sealed values are text. */
void totp_seal(struct scope *s, const struct sign *keys, int64_t staff_id,
    const unsigned char secret[TOTP_SECRET], unsigned char **ret, size_t *ret_len)
{
    char *base32 = NULL;
    size_t len;
    if (oath_base32_encode((const char *)secret, TOTP_SECRET, &base32, &len) != OATH_OK)
        abort();
    sign_seal(s, keys, bound_to(s, staff_id), base32, len, ret, ret_len);
    free(base32);
}

enum rc totp_open(struct scope *s, const struct sign *keys, int64_t staff_id,
    const char *sealed_hex, const unsigned char **ret, size_t *ret_len)
{
    size_t len = strlen(sealed_hex) / 2;
    unsigned char *sealed = scope_alloc(s, len);
    char *base32, *secret = NULL;
    if (sodium_hex2bin(sealed, len, sealed_hex, 2 * len, NULL, &len, NULL) != 0)
        return fail(s, RC_INTERNAL, "a stored second factor is malformed");
    TRY(sign_open(s, keys, bound_to(s, staff_id), sealed, len, &base32));
    if (oath_base32_decode(base32, strlen(base32), &secret, ret_len) != OATH_OK)
        return fail(s, RC_INTERNAL, "a stored second factor is malformed");
    *ret = scope_memdup(s, secret, *ret_len);
    free(secret);
    return RC_OK;
}

int64_t totp_step(const void *secret, size_t len, const char *code, int64_t last_step)
{
    char digits[DIGITS + 1];
    size_t n = 0;
    for (; *code && n < DIGITS; code++)
        if (isdigit((unsigned char)*code))
            digits[n++] = *code;
    digits[n] = '\0';
    if (n != DIGITS)
        return -1;
    time_t now = time(NULL);
    int position = 0;
    uint64_t counter = 0;
    int rc = oath_totp_validate4(
        secret, len, now, STEP_SECONDS, 0, SKEW_STEPS, &position, &counter, 0, digits);
    if (rc < 0)
        return -1;
    int64_t step = (int64_t)counter;
    return step > last_step ? step : -1;
}
