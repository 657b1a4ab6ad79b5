#include "core/ledger/note.h"

#include <stdlib.h>
#include <string.h>

#define NAME "amends-ledger"
#define DASH "\xe2\x80\x94 "
enum { KEY_ID = 4, ED25519 = 1 };

static void key_id(const unsigned char public[SIGN_PUBLIC], unsigned char ret[KEY_ID])
{
    static const unsigned char head[] = NAME "\n\x01";
    unsigned char bytes[sizeof head - 1 + SIGN_PUBLIC], hash[crypto_hash_sha256_BYTES];
    memcpy(bytes, head, sizeof head - 1);
    memcpy(bytes + sizeof head - 1, public, SIGN_PUBLIC);
    crypto_hash_sha256(hash, bytes, sizeof bytes);
    memcpy(ret, hash, KEY_ID);
}

void note_print(struct strbuf *b, const struct entry *head)
{
    unsigned char bytes[KEY_ID + SIGN_SIGNATURE];
    key_id(head->signer, bytes);
    memcpy(bytes + KEY_ID, head->signature, SIGN_SIGNATURE);
    entry_checkpoint(b, head->seq, head->hash);
    strbuf_addstr(b, "\n" DASH NAME " ");
    sign_base64(b, bytes, sizeof bytes);
    strbuf_addch(b, '\n');
}

/* Base64 of exactly len bytes, up to the end of the line; moves text behind it. */
static bool read_base64(const char **text, unsigned char *ret, size_t len)
{
    size_t line = strcspn(*text, "\n"), n = 0;
    bool good = sodium_base642bin(
                    ret, len, *text, line, NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
                n == len;
    *text += line + ((*text)[line] == '\n');
    return good;
}

static bool skip(const char **text, const char *words)
{
    if (strncmp(*text, words, strlen(words)) != 0)
        return false;
    *text += strlen(words);
    return true;
}

enum rc note_parse(struct scope *s, const char *text, struct note *ret)
{
    unsigned char bytes[KEY_ID + SIGN_SIGNATURE];
    char *end;
    const char *at = text;
    if (!skip(&at, "amends ledger\n"))
        return fail(s, RC_INVALID, "this is no anchor of a ledger");
    ret->seq = strtoll(at, &end, 10);
    at = end;
    if (ret->seq < 1 || !skip(&at, "\n") || !read_base64(&at, ret->hash, ENTRY_HASH) ||
        !skip(&at, "\n" DASH NAME " ") || !read_base64(&at, bytes, sizeof bytes))
        return fail(s, RC_INVALID, "the anchor is not complete");
    memcpy(ret->key_id, bytes, KEY_ID);
    memcpy(ret->signature, bytes + KEY_ID, SIGN_SIGNATURE);
    return RC_OK;
}

bool note_is_by(const struct note *note, const unsigned char public[SIGN_PUBLIC])
{
    unsigned char id[KEY_ID];
    STRBUF(text, 200);
    key_id(public, id);
    entry_checkpoint(&text, note->seq, note->hash);
    return !memcmp(id, note->key_id, KEY_ID) &&
           sign_statement_is_by(public, note->signature, text.buf, text.len);
}

const char *note_key(struct scope *s, const unsigned char public[SIGN_PUBLIC])
{
    unsigned char id[KEY_ID], bytes[1 + SIGN_PUBLIC] = {ED25519};
    STRBUF(b, 200);
    key_id(public, id);
    memcpy(bytes + 1, public, SIGN_PUBLIC);
    strbuf_addf(&b, NAME "+%02x%02x%02x%02x+", id[0], id[1], id[2], id[3]);
    sign_base64(&b, bytes, sizeof bytes);
    return strbuf_copy(&b, s);
}

enum rc note_key_parse(struct scope *s, const char *text, unsigned char ret[SIGN_PUBLIC])
{
    unsigned char bytes[1 + SIGN_PUBLIC];
    const char *at = text; /* the key is behind the second +; base64 has a + of its own */
    for (int i = 0; i < 2; i++) {
        at += strcspn(at, "+");
        at += *at == '+';
    }
    if (!read_base64(&at, bytes, sizeof bytes) || bytes[0] != ED25519 || *at)
        return fail(s, RC_INVALID, "\"%.100s\" is no key as amends ledger key prints them", text);
    memcpy(ret, bytes + 1, SIGN_PUBLIC);
    return strcmp(note_key(s, ret), text) == 0
               ? RC_OK
               : fail(s, RC_INVALID, "the id of key \"%.100s\" is not that of its bytes", text);
}
