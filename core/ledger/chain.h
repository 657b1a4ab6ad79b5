#pragma once
/*
 * The ledger's chain: an entry for each event after which rows of the books are final. It is
 * written in the transaction of the event by the process that has the keys, so a change by anybody
 * else, the owner of the database included, is found (compare.h).
 *
 *     draft, fail, issue      billing          begin, audit      billing
 *     acknowledge, approve, void, ack, applied, reverse          api
 *
 * The first line of the key file signs. The chain names a key by its public key, so that two files
 * that call different keys k1 are told apart. Nothing is appended to a head that none of our keys
 * signed: who lost the key file says so (ledger_adopt).
 */
#include "core/ledger/entry.h"

struct ledger_event {
    const char *kind;
    int64_t object;     /* SHAPE_NONE if it has ids */
    const int64_t *ids; /* n of them */
    size_t n;
    const char *actor; /* NULL: role:billing */
    bool sealed;       /* pinned when the chain began, not when it happened */
};

/* An event whose rows were read. */
struct ledger_draft {
    struct ledger_event event;
    const char *ids;
    struct json_t *body;
    struct strbuf marks; /* release it */
};

/* Read the rows of an event. Takes as long as they are many, and no lock. */
enum rc ledger_read(
    struct scope *s, struct db *db, const struct ledger_event *event, struct ledger_draft *ret);
/* Append what was read, with the audit log so far: the last statement of the transaction, since it
 * takes LOCK_CHAIN. RC_RETRY if the chain is not begun; RC_CONFLICT if its head is not ours. */
enum rc ledger_append(
    struct scope *s, struct db *db, const struct sign *keys, struct ledger_draft *draft);

/* Both, for an event of few rows. */
enum rc ledger_add(
    struct scope *s, struct db *db, const struct sign *keys, const struct ledger_event *event);

/* In a transaction: begin the chain unless it is begun, pinning what is there. *ret_n (may be
 * NULL): how many events of before were pinned. */
enum rc ledger_begin(struct scope *s, struct db *db, const struct sign *keys, int64_t *ret_n);

/* In a transaction: go on from a head that another key signed, which is lost. RC_CONFLICT if ours
 * did. */
enum rc ledger_adopt(struct scope *s, struct db *db, const struct sign *keys, const char *actor);

/* In a transaction: pin the audit log if it has grown. */
enum rc ledger_pin_audit(struct scope *s, struct db *db, const struct sign *keys);

/* Whether one of our keys is this public key; *ret_kid (may be NULL): which. */
bool ledger_is_ours(
    const struct sign *keys, const unsigned char public[SIGN_PUBLIC], const char **ret_kid);
