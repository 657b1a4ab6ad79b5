#pragma once
/*
 * An anchor: the head of the chain as a signed note (C2SP signed-note, as the checkpoints of
 * transparency logs are), the newest entry's checkpoint and its signature:
 *
 *     amends ledger
 *     17
 *     <hash in base64>
 *
 *     — amends-ledger <base64 of key id and signature>
 *
 * A public key is written amends-ledger+<key id in hex>+<base64 of 01 and the key>. Any program
 * that reads signed notes can check one with it.
 */
#include "core/ledger/entry.h"

struct note {
    int64_t seq;
    unsigned char hash[ENTRY_HASH];
    unsigned char key_id[4], signature[SIGN_SIGNATURE];
};

void note_print(struct strbuf *b, const struct entry *head);
/* RC_INVALID if text is no anchor of a ledger. */
enum rc note_parse(struct scope *s, const char *text, struct note *ret);
/* Whether the note has a signature of this public key. */
bool note_is_by(const struct note *note, const unsigned char public[SIGN_PUBLIC]);

const char *note_key(struct scope *s, const unsigned char public[SIGN_PUBLIC]);
enum rc note_key_parse(struct scope *s, const char *text, unsigned char ret[SIGN_PUBLIC]);
