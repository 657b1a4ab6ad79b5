#include "core/sign.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEYS_MAX = 16, KID_MAX = 15, PAYLOAD_MAX = 128, MASTER = crypto_kdf_KEYBYTES };
_Static_assert(MASTER == 32, "the key file holds 32 bytes per key");

/* Subkeys: one per purpose of tokens, and two more, by their id in the key derivation. */
enum { SUBKEY_ADDRESS = SIGN_PURPOSES, SUBKEY_SEAL, SUBKEYS };
enum { ID_ADDRESS = 100, ID_SEAL = 101, ID_STATEMENT = 102, ID_PUSH = 103 };

struct sign_key {
    char kid[KID_MAX + 1];
    unsigned char master[MASTER];
    unsigned char sub[SUBKEYS][32]; /* derived once, since a derivation costs as much as a tag */
    unsigned char public[SIGN_PUBLIC], secret[crypto_sign_SECRETKEYBYTES]; /* for statements */
};

struct sign {
    struct sign_key key[KEYS_MAX];
    size_t n;
};

static enum rc read_key(struct scope *s, const char *line, struct sign_key *ret)
{
    size_t kid = strcspn(line, " ");
    if (!kid || kid > KID_MAX || line[kid] != ' ' ||
        strspn(line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != kid)
        return fail(s, RC_INVALID, "the key file has a line that is not KID BASE64");
    memcpy(ret->kid, line, kid);
    size_t len;
    if (sodium_base642bin(ret->master, MASTER, line + kid + 1, strlen(line + kid + 1), NULL, &len,
            NULL, sodium_base64_VARIANT_ORIGINAL) ||
        len != MASTER)
        return fail(s, RC_INVALID, "key %s is not 32 bytes of base64", ret->kid);
    return RC_OK;
}

static void derive(struct sign_key *key)
{
    for (uint64_t i = 0; i < SUBKEYS; i++) {
        uint64_t id = i == SUBKEY_ADDRESS ? ID_ADDRESS : i == SUBKEY_SEAL ? ID_SEAL : i;
        crypto_kdf_derive_from_key(
            key->sub[i], sizeof key->sub[i], id + 1, "amends01", key->master);
    }
    unsigned char seed[crypto_sign_SEEDBYTES];
    crypto_kdf_derive_from_key(seed, sizeof seed, ID_STATEMENT + 1, "amends01", key->master);
    crypto_sign_seed_keypair(key->public, key->secret, seed);
    sodium_memzero(seed, sizeof seed);
}

static enum rc read_keys(struct scope *s, const char *path, struct sign *keys)
{
    CLEANUP(file_close) FILE *file = fopen(path, "re");
    if (!file)
        return fail(s, RC_INVALID, "cannot open the key file %s: %m", path);
    char line[256];
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (!*line || *line == '#')
            continue;
        if (keys->n == KEYS_MAX)
            return fail(s, RC_INVALID, "the key file has more than %d keys", KEYS_MAX);
        TRY(read_key(s, line, &keys->key[keys->n]));
        derive(&keys->key[keys->n++]);
    }
    sodium_memzero(line, sizeof line);
    if (!keys->n)
        return fail(s, RC_INVALID, "the key file %s holds no key", path);
    return RC_OK;
}

/* Written to a temporary file and linked into place: a crash leaves no partial file, and of two
 * concurrent creators one wins. */
static enum rc make_file(struct scope *s, const char *path)
{
    if (access(path, F_OK) == 0)
        return RC_OK;
    unsigned char master[MASTER];
    crypto_kdf_keygen(master);
    STRBUF(text, 256);
    strbuf_addstr(&text, "k1 ");
    sign_base64(&text, master, sizeof master);
    strbuf_addch(&text, '\n');
    const char *draft = scope_printf(s, "%s.%d", path, (int)getpid());
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(s, RC_INVALID, "cannot create the key file %s: %m", path);
    bool good = write(fd, text.buf, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    good = close(fd) == 0 && good;
    sodium_memzero(master, sizeof master);
    sodium_memzero(text.buf, text.len);
    if (good && link(draft, path) && access(path, F_OK))
        good = false;
    unlink(draft);
    return good ? RC_OK : fail(s, RC_INVALID, "cannot write the key file %s: %m", path);
}

enum rc sign_load(struct scope *s, const char *path, bool create, struct sign **ret)
{
    if (sodium_init() < 0)
        return fail(s, RC_INTERNAL, "libsodium cannot be initialised");
    if (create)
        TRY(make_file(s, path));
    struct sign *keys = calloc(1, sizeof *keys);
    if (!keys)
        abort();
    enum rc rc = read_keys(s, path, keys);
    if (rc != RC_OK) {
        sign_free(keys);
        return rc;
    }
    *ret = keys;
    return RC_OK;
}

void sign_free(struct sign *keys)
{
    if (!keys)
        return;
    sodium_memzero(keys, sizeof *keys);
    free(keys);
}

static void tag_of(const struct sign_key *key, enum sign_purpose purpose, const void *payload,
    size_t len, unsigned char ret[SIGN_TAG])
{
    crypto_generichash(ret, SIGN_TAG, payload, len, key->sub[purpose], sizeof key->sub[purpose]);
}

void sign_token(const struct sign *keys, enum sign_purpose purpose, const void *payload, size_t len,
    struct strbuf *b)
{
    unsigned char bytes[PAYLOAD_MAX + SIGN_TAG];
    if (len > PAYLOAD_MAX)
        abort();
    memcpy(bytes, payload, len);
    tag_of(&keys->key[0], purpose, payload, len, bytes + len);
    strbuf_addstr(b, keys->key[0].kid);
    strbuf_addch(b, '.');
    sign_base64url(b, bytes, len + SIGN_TAG);
}

static const struct sign_key *find_key(const struct sign *keys, const char *kid, size_t len)
{
    for (size_t i = 0; i < keys->n; i++) {
        if (strlen(keys->key[i].kid) == len && !memcmp(keys->key[i].kid, kid, len))
            return &keys->key[i];
    }
    return NULL;
}

enum rc sign_verify(struct scope *s, const struct sign *keys, enum sign_purpose purpose,
    const char *token, void *payload, size_t cap, size_t *ret_len)
{
    static const char wrong[] = "the token is not valid";
    size_t total = strnlen(token, SIGN_TOKEN_MAX + 1);
    size_t kid = strcspn(token, ".");
    const struct sign_key *key = total <= SIGN_TOKEN_MAX ? find_key(keys, token, kid) : NULL;
    if (!key || token[kid] != '.')
        return fail(s, RC_DENIED, wrong);
    unsigned char bytes[SIGN_TOKEN_MAX];
    size_t len;
    if (sodium_base642bin(bytes, sizeof bytes, token + kid + 1, total - kid - 1, NULL, &len, NULL,
            sodium_base64_VARIANT_URLSAFE_NO_PADDING) ||
        len < SIGN_TAG || len - SIGN_TAG > cap)
        return fail(s, RC_DENIED, wrong);
    unsigned char want[SIGN_TAG];
    tag_of(key, purpose, bytes, len - SIGN_TAG, want);
    if (sodium_memcmp(want, bytes + len - SIGN_TAG, SIGN_TAG))
        return fail(s, RC_DENIED, wrong);
    memcpy(payload, bytes, len - SIGN_TAG);
    *ret_len = len - SIGN_TAG;
    return RC_OK;
}

/* Ids as variable-length integers, 7 bits a byte: links must fit into an SMS. */
static size_t put_varint(unsigned char *at, uint64_t value)
{
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        at[n++] = (unsigned char)(value | 0x80);
    at[n++] = (unsigned char)value;
    return n;
}

static bool get_varint(const unsigned char **at, const unsigned char *end, int64_t *ret)
{
    uint64_t value = 0;
    for (int shift = 0; *at < end && shift < 63; shift += 7) {
        unsigned char byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret = (int64_t)value;
            return true;
        }
    }
    return false;
}

void sign_link(
    const struct sign *keys, enum sign_purpose purpose, struct link_token link, struct strbuf *b)
{
    unsigned char payload[32];
    size_t len = put_varint(payload, (uint64_t)link.id);
    len += put_varint(payload + len, (uint64_t)link.extra);
    len += put_varint(payload + len, (uint64_t)link.expires);
    sign_token(keys, purpose, payload, len, b);
}

enum rc sign_link_open(struct scope *s, const struct sign *keys, enum sign_purpose purpose,
    const char *token, int64_t now, struct link_token *ret)
{
    unsigned char payload[32];
    size_t len = 0;
    TRY(sign_verify(s, keys, purpose, token, payload, sizeof payload, &len));
    const unsigned char *at = payload, *end = payload + len;
    struct link_token link;
    if (!get_varint(&at, end, &link.id) || !get_varint(&at, end, &link.extra) ||
        !get_varint(&at, end, &link.expires) || at != end)
        return fail(s, RC_DENIED, "the token is not valid");
    if (link.expires && link.expires < now)
        return fail(s, RC_DENIED, "the link has expired");
    *ret = link;
    return RC_OK;
}

void sign_address_hash(
    const struct sign *keys, const char *channel, const char *address, unsigned char ret[SIGN_HASH])
{
    /* Always the oldest key: a hash must not change when a new key is put first. */
    const struct sign_key *oldest = &keys->key[keys->n - 1];
    crypto_generichash_state state;
    crypto_generichash_init(
        &state, oldest->sub[SUBKEY_ADDRESS], sizeof oldest->sub[SUBKEY_ADDRESS], SIGN_HASH);
    crypto_generichash_update(&state, (const unsigned char *)channel, strlen(channel) + 1);
    crypto_generichash_update(&state, (const unsigned char *)address, strlen(address));
    crypto_generichash_final(&state, ret, SIGN_HASH);
}

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    SEAL = crypto_aead_xchacha20poly1305_ietf_ABYTES
};

void sign_seal(struct scope *s, const struct sign *keys, const char *aad, const void *plain,
    size_t len, unsigned char **ret, size_t *ret_len)
{
    unsigned char *sealed = scope_alloc(s, NONCE + len + SEAL);
    unsigned long long written;
    randombytes_buf(sealed, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE, &written, plain, len,
        (const unsigned char *)aad, strlen(aad), NULL, sealed, keys->key[0].sub[SUBKEY_SEAL]);
    *ret = sealed;
    *ret_len = NONCE + (size_t)written;
}

enum rc sign_open(struct scope *s, const struct sign *keys, const char *aad,
    const unsigned char *sealed, size_t len, char **ret_text)
{
    if (len < NONCE + SEAL)
        return fail(s, RC_INTERNAL, "a sealed secret is too short");
    char *plain = scope_alloc(s, len);
    for (size_t i = 0; i < keys->n; i++) {
        unsigned long long written;
        int bad = crypto_aead_xchacha20poly1305_ietf_decrypt((unsigned char *)plain, &written, NULL,
            sealed + NONCE, len - NONCE, (const unsigned char *)aad, strlen(aad), sealed,
            keys->key[i].sub[SUBKEY_SEAL]);
        if (!bad) {
            plain[written] = '\0';
            *ret_text = plain;
            return RC_OK;
        }
    }
    return fail(s, RC_INTERNAL, "none of our keys opens the sealed secret");
}

enum rc sign_open_hex(
    struct scope *s, const struct sign *keys, const char *aad, const char *hex, char **ret_text)
{
    size_t len = 0, cap = strlen(hex) / 2;
    unsigned char *sealed = scope_alloc(s, cap + 1);
    if (sodium_hex2bin(sealed, cap, hex, strlen(hex), NULL, &len, NULL) != 0)
        return fail(s, RC_INTERNAL, "the sealed secret is not hexadecimal");
    return sign_open(s, keys, aad, sealed, len, ret_text);
}

void sign_statement(const struct sign *keys, const void *text, size_t len,
    unsigned char ret_signature[SIGN_SIGNATURE], unsigned char ret_public[SIGN_PUBLIC])
{
    const struct sign_key *key = &keys->key[0];
    crypto_sign_detached(ret_signature, NULL, text, len, key->secret);
    memcpy(ret_public, key->public, SIGN_PUBLIC);
}

bool sign_statement_is_by(const unsigned char public[SIGN_PUBLIC],
    const unsigned char signature[SIGN_SIGNATURE], const void *text, size_t len)
{
    return crypto_sign_verify_detached(signature, text, len, public) == 0;
}

const char *sign_public(const struct sign *keys, size_t n, unsigned char ret[SIGN_PUBLIC])
{
    if (!keys || n >= keys->n)
        return NULL;
    memcpy(ret, keys->key[n].public, SIGN_PUBLIC);
    return keys->key[n].kid;
}

void sign_push_seed(const struct sign *keys, unsigned char ret[SIGN_PUSH_SEED])
{
    crypto_kdf_derive_from_key(
        ret, SIGN_PUSH_SEED, ID_PUSH + 1, "amends01", keys->key[keys->n - 1].master);
}

void sign_hmac_sha256(
    const void *key, size_t key_len, const void *bytes, size_t len, unsigned char ret[32])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, key_len);
    crypto_auth_hmacsha256_update(&state, bytes, len);
    crypto_auth_hmacsha256_final(&state, ret);
}

static void add_base64(struct strbuf *b, const void *bytes, size_t len, int variant)
{
    size_t need = sodium_base64_encoded_len(len, variant);
    if (!strbuf_reserve(b, need))
        return;
    sodium_bin2base64(b->buf + b->len, need, bytes, len, variant);
    b->len += strlen(b->buf + b->len);
}

void sign_base64(struct strbuf *b, const void *bytes, size_t len)
{
    add_base64(b, bytes, len, sodium_base64_VARIANT_ORIGINAL);
}

void sign_base64url(struct strbuf *b, const void *bytes, size_t len)
{
    add_base64(b, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

char *sign_random(struct scope *s, size_t n)
{
    unsigned char *bytes = scope_alloc(s, n);
    randombytes_buf(bytes, n);
    STRBUF(b, n * 2 + 8);
    sign_base64url(&b, bytes, n);
    return strbuf_copy(&b, s);
}

enum { MESSAGE_ID_BYTES = 18 };

static void hash_message(const struct sign *keys, const char *what, int64_t broadcast,
    int64_t recipient, unsigned char ret[SIGN_HASH])
{
    char name[48];
    snprintf(name, sizeof name, "%lld/%lld", (long long)broadcast, (long long)recipient);
    sign_address_hash(keys, what, name, ret);
}

void sign_message_id(
    const struct sign *keys, int64_t broadcast, int64_t recipient, struct strbuf *b)
{
    unsigned char hash[SIGN_HASH];
    hash_message(keys, "message-id", broadcast, recipient, hash);
    sign_base64url(b, hash, MESSAGE_ID_BYTES);
}

void sign_code(const struct sign *keys, int64_t broadcast, int64_t recipient, struct strbuf *b)
{
    unsigned char hash[SIGN_HASH];
    uint64_t n;
    hash_message(keys, "code", broadcast, recipient, hash);
    memcpy(&n, hash, sizeof n);
    strbuf_addf(b, "%06u", (unsigned)(n % 1000000));
}
