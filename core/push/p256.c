#include "core/push/p256.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#define CURVE "prime256v1"
enum { DER_MAX = 80 };

struct p256 {
    EVP_PKEY *pkey;
    unsigned char point[P256_POINT];
};

#define OWNED(type, fn) \
    static void fn##_owned(type **at) \
    { \
        fn(*at); \
    }
OWNED(BIGNUM, BN_clear_free)
OWNED(BN_CTX, BN_CTX_free)
OWNED(ECDSA_SIG, ECDSA_SIG_free)
OWNED(EC_GROUP, EC_GROUP_free)
OWNED(EC_POINT, EC_POINT_free)
OWNED(EVP_MD_CTX, EVP_MD_CTX_free)
OWNED(EVP_PKEY, EVP_PKEY_free)
OWNED(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
OWNED(OSSL_PARAM, OSSL_PARAM_free)
OWNED(OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)

/* Without memory, or with a libcrypto that lacks the curve, there is nothing to do. */
static void must(bool good)
{
    if (!good)
        abort();
}

static EVP_PKEY *make(OSSL_PARAM *params, int selection)
{
    CLEANUP(EVP_PKEY_CTX_free_owned)
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pkey = NULL;
    must(ctx && EVP_PKEY_fromdata_init(ctx) == 1);
    return EVP_PKEY_fromdata(ctx, &pkey, selection, params) == 1 ? pkey : NULL;
}

/* NULL if the point is not on the curve; private NULL: only the public half. */
static EVP_PKEY *pkey_of(const unsigned char point[P256_POINT], const BIGNUM *private)
{
    CLEANUP(OSSL_PARAM_BLD_free_owned) OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    must(build && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, CURVE, 0) &&
         OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, P256_POINT));
    if (private)
        must(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, private));
    CLEANUP(OSSL_PARAM_free_owned) OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    must(params);
    return make(params, private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
}

static struct p256 *of_number(const EC_GROUP *group, const BIGNUM *private)
{
    CLEANUP(EC_POINT_free_owned) EC_POINT *point = EC_POINT_new(group);
    struct p256 *key = calloc(1, sizeof *key);
    must(key && point && EC_POINT_mul(group, point, private, NULL, NULL, NULL) == 1 &&
         EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, key->point, P256_POINT,
             NULL) == P256_POINT);
    key->pkey = pkey_of(key->point, private);
    must(key->pkey);
    return key;
}

static EC_GROUP *curve(void)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    must(group);
    return group;
}

struct p256 *p256_of(const unsigned char scalar[P256_SCALAR])
{
    CLEANUP(EC_GROUP_free_owned) EC_GROUP *group = curve();
    CLEANUP(BN_clear_free_owned) BIGNUM *private = BN_bin2bn(scalar, P256_SCALAR, NULL);
    must(private);
    if (BN_is_zero(private) || BN_cmp(private, EC_GROUP_get0_order(group)) >= 0)
        return NULL;
    return of_number(group, private);
}

struct p256 *p256_derived(const unsigned char seed[P256_SEED])
{
    CLEANUP(EC_GROUP_free_owned) EC_GROUP *group = curve();
    CLEANUP(BN_CTX_free_owned) BN_CTX *ctx = BN_CTX_new();
    CLEANUP(BN_clear_free_owned) BIGNUM *private = BN_bin2bn(seed, P256_SEED, NULL);
    CLEANUP(BN_clear_free_owned) BIGNUM *most = BN_dup(EC_GROUP_get0_order(group));
    must(ctx && private && most && BN_sub_word(most, 1) && BN_mod(private, private, most, ctx) &&
         BN_add_word(private, 1));
    return of_number(group, private);
}

struct p256 *p256_random(void)
{
    CLEANUP(EVP_PKEY_free_owned) EVP_PKEY *pkey = EVP_EC_gen(CURVE);
    struct p256 *key = calloc(1, sizeof *key);
    size_t len = 0;
    must(key && pkey &&
         EVP_PKEY_get_octet_string_param(
             pkey, OSSL_PKEY_PARAM_PUB_KEY, key->point, P256_POINT, &len) == 1 &&
         len == P256_POINT);
    key->pkey = TAKE(pkey);
    return key;
}

void p256_free(struct p256 *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

void p256_freep(struct p256 **key)
{
    p256_free(*key);
}

void p256_public(const struct p256 *key, unsigned char ret[P256_POINT])
{
    memcpy(ret, key->point, P256_POINT);
}

bool p256_is_point(const unsigned char point[P256_POINT])
{
    CLEANUP(EVP_PKEY_free_owned)
    EVP_PKEY *pkey = *point == POINT_CONVERSION_UNCOMPRESSED ? pkey_of(point, NULL) : NULL;
    return pkey != NULL;
}

bool p256_shared(
    const struct p256 *key, const unsigned char theirs[P256_POINT], unsigned char ret[P256_SHARED])
{
    CLEANUP(EVP_PKEY_free_owned) EVP_PKEY *peer = pkey_of(theirs, NULL);
    CLEANUP(EVP_PKEY_CTX_free_owned)
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    size_t len = P256_SHARED;
    must(ctx && EVP_PKEY_derive_init(ctx) == 1);
    return peer && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
           EVP_PKEY_derive(ctx, ret, &len) == 1 && len == P256_SHARED;
}

void p256_sign(
    const struct p256 *key, const void *text, size_t len, unsigned char ret[P256_SIGNATURE])
{
    unsigned char der[DER_MAX];
    const unsigned char *at = der;
    size_t der_len = sizeof der;
    CLEANUP(EVP_MD_CTX_free_owned) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    must(ctx && EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, key->pkey, NULL) == 1 &&
         EVP_DigestSign(ctx, der, &der_len, text, len) == 1);
    CLEANUP(ECDSA_SIG_free_owned) ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)der_len);
    must(signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), ret, P256_SIGNATURE / 2) > 0 &&
         BN_bn2binpad(ECDSA_SIG_get0_s(signature), ret + P256_SIGNATURE / 2, P256_SIGNATURE / 2) >
             0);
}
