#pragma once
/* The ledger's chain from its first entry to its head: links, signatures, and what it pins. */
#include "core/ledger/compare.h"
#include "core/ledger/note.h"

enum { PROOF_KEYS_MAX = 64 };

/* The public keys that are trusted: those of the key file, and given ones. */
struct proof_keys {
    unsigned char public[PROOF_KEYS_MAX][SIGN_PUBLIC];
    size_t n;
};

struct proof {
    struct ledger_faults faults;
    struct texts notes; /* what can't be proved, in words */
    bool proven;        /* a trusted key signed the head, or there is nothing to prove */
    int64_t entries;
};

void proof_trust(struct proof_keys *keys, const unsigned char public[SIGN_PUBLIC]);

/* Reads every pinned row. Faults and notes are in s. anchor may be NULL. */
enum rc proof_make(struct scope *s, struct db *db, const struct proof_keys *keys,
    const struct note *anchor, struct proof *ret);
