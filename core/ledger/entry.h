#pragma once
/*
 * An entry of the ledger's chain: its hash, its signature, its row. The signed text is the start of
 * a checkpoint, three lines
 *
 *     amends ledger
 *     <seq>
 *     <hash in base64>
 *
 * so that the newest signature is itself an anchor (note.h) that proves all before it.
 */
#include <sodium.h>

#include "core/db/db.h"
#include "core/sign.h"
#include "core/strbuf.h"

enum { ENTRY_HASH = 32 };

struct entry {
    int64_t seq, at;
    const char *kind;
    int64_t object;  /* SHAPE_NONE: none */
    const char *ids; /* "1,2,3" or "" */
    int64_t audit_seq;
    const char *body;
    const unsigned char *marks;
    size_t marks_len;
    unsigned char prev[ENTRY_HASH], hash[ENTRY_HASH];
    unsigned char signer[SIGN_PUBLIC], signature[SIGN_SIGNATURE];
};

/* The hash of everything but hash, signer and signature. */
void entry_hash(const struct entry *entry, unsigned char ret[ENTRY_HASH]);

/* The three lines that are signed. */
void entry_checkpoint(struct strbuf *b, int64_t seq, const unsigned char hash[ENTRY_HASH]);
void entry_sign(struct entry *entry, const struct sign *keys);
/* By the key entry->signer, known or not. */
bool entry_is_signed(const struct entry *entry);

enum rc entry_insert(struct scope *s, struct db *db, const struct entry *entry);
/* All in s. RC_NOT_FOUND without one. The head comes without marks. */
enum rc entry_head(struct scope *s, struct db *db, struct entry *ret);
enum rc entry_get(struct scope *s, struct db *db, int64_t seq, struct entry *ret);
/* The entry of a kind for an object. */
enum rc entry_find(
    struct scope *s, struct db *db, const char *kind, int64_t object, struct entry *ret);
