#include "cli/ledger/proof.h"

#include <jansson.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"

enum { NOTES_MAX = 20 };

STMT(proof_end, "SELECT coalesce(max(seq), 0) AS seq FROM ledger_chain", .row = &row_int);
STMT(proof_count, "SELECT count(*) AS n FROM ledger_chain", .row = &row_int);

struct proving {
    const struct proof_keys *keys;
    struct scope *s; /* of faults and notes */
    struct proof *proof;
    unsigned char last[ENTRY_HASH];   /* the hash of the entry before */
    bool known;                       /* last is that of the entry just before */
    int64_t foreign_from, foreign_to; /* entries in a row that no trusted key signed; 0: none */
    unsigned char foreign[SIGN_PUBLIC];
    const char *notes[NOTES_MAX];
};

void proof_trust(struct proof_keys *keys, const unsigned char public[SIGN_PUBLIC])
{
    if (keys->n < PROOF_KEYS_MAX)
        memcpy(keys->public[keys->n++], public, SIGN_PUBLIC);
}

static bool is_trusted(const struct proof_keys *keys, const unsigned char public[SIGN_PUBLIC])
{
    for (size_t i = 0; i < keys->n; i++)
        if (!memcmp(keys->public[i], public, SIGN_PUBLIC))
            return true;
    return false;
}

static void note(struct proving *p, const char *text)
{
    if (p->proof->notes.n == NOTES_MAX)
        return;
    p->notes[p->proof->notes.n++] = text;
}

/* Entries by other keys have ended before entry next, 0 at the head. */
static void end_foreign(struct proving *p, const struct entry *next)
{
    if (!p->foreign_from)
        return;
    const char *then =
        !next ? "nothing proves them"
        : !strcmp(next->kind, "adopt")
            ? scope_printf(p->s, "entry %lld took them over as they were", (long long)next->seq)
            : scope_printf(p->s, "entry %lld, which is ours, has their hash", (long long)next->seq);
    note(p, scope_printf(p->s, "entries %lld to %lld: signed by %s, which is not given; %s",
                (long long)p->foreign_from, (long long)p->foreign_to, note_key(p->s, p->foreign),
                then));
    p->foreign_from = 0;
}

static void see_signer(struct proving *p, const struct entry *entry)
{
    bool trusted = is_trusted(p->keys, entry->signer);
    if (p->foreign_from && (trusted || memcmp(p->foreign, entry->signer, SIGN_PUBLIC) != 0))
        end_foreign(p, entry);
    if (!trusted && !p->foreign_from)
        p->foreign_from = entry->seq;
    if (!trusted) {
        p->foreign_to = entry->seq;
        memcpy(p->foreign, entry->signer, SIGN_PUBLIC);
    }
    p->proof->proven = trusted;
}

/* What was pinned late, honestly. */
static void see_begin(struct scope *s, struct proving *p, const struct entry *entry)
{
    json_t *body;
    if (strcmp(entry->kind, "begin") != 0 ||
        json_parse(s, entry->body, strlen(entry->body), &body) != RC_OK)
        return;
    long long found = json_get_int(body, "found");
    if (found)
        note(p, scope_printf(p->s,
                    "the chain began on %s with %lld events of before, pinned as they were then",
                    clock_rfc3339(p->s, entry->at), found));
}

static enum rc see_entry(
    struct scope *s, struct db *db, struct proving *p, const struct entry *entry)
{
    const char *place = scope_printf(s, "ledger_chain %lld", (long long)entry->seq);
    struct ledger_faults *faults = &p->proof->faults;
    if (p->known && memcmp(p->last, entry->prev, ENTRY_HASH) != 0)
        ledger_fault(faults, place, "prev is not the hash of the entry before it");
    if (!entry_is_signed(entry))
        ledger_fault(faults, place, "its signature is not by its signer");
    see_signer(p, entry);
    see_begin(s, p, entry);
    memcpy(p->last, entry->hash, ENTRY_HASH);
    p->known = true;
    return ledger_compare(s, db, entry, faults);
}

static void see_anchor(
    struct scope *s, struct proving *p, const struct note *anchor, const struct entry *entry)
{
    if (anchor && anchor->seq == entry->seq && memcmp(anchor->hash, entry->hash, ENTRY_HASH) != 0)
        ledger_fault(&p->proof->faults, scope_printf(s, "ledger_chain %lld", (long long)entry->seq),
            "is another entry than the anchor has");
}

static enum rc see_all(struct db *db, struct proving *p, const struct note *anchor, int64_t end)
{
    for (int64_t seq = 1; seq <= end; seq++) {
        SCOPE(inner);
        struct entry entry;
        enum rc rc = entry_get(inner, db, seq, &entry);
        if (rc == RC_NOT_FOUND) {
            ledger_fault(&p->proof->faults,
                scope_printf(inner, "ledger_chain %lld", (long long)seq), "is missing");
            p->known = false;
            continue;
        }
        if (rc == RC_OK)
            rc = see_entry(inner, db, p, &entry);
        if (rc != RC_OK)
            return fail_from(p->s, inner);
        see_anchor(inner, p, anchor, &entry);
        p->proof->entries++;
    }
    return RC_OK;
}

static void check_anchor(struct proving *p, const struct note *anchor, int64_t end)
{
    bool signed_by_us = false;
    if (!anchor)
        return;
    for (size_t i = 0; i < p->keys->n && !signed_by_us; i++)
        signed_by_us = note_is_by(anchor, p->keys->public[i]);
    if (!signed_by_us) {
        note(p, "the anchor is signed by none of the given keys");
        p->proof->proven = false;
    }
    if (anchor->seq > end)
        ledger_fault(&p->proof->faults, "ledger_chain",
            "its tail was cut: it ends with entry %lld, and the anchor has entry %lld",
            (long long)end, (long long)anchor->seq);
}

enum rc proof_make(struct scope *s, struct db *db, const struct proof_keys *keys,
    const struct note *anchor, struct proof *ret)
{
    int64_t end, count;
    struct proving *p = SCOPE_NEW(s, struct proving);
    *ret = (struct proof){.faults = {.s = s}, .proven = true, .notes = {.at = p->notes}};
    *p = (struct proving){.keys = keys, .s = s, .proof = ret, .known = true};
    TRY(db_one(s, db, &proof_end, NO_PARAMS, &end));
    TRY(db_one(s, db, &proof_count, NO_PARAMS, &count));
    TRY(see_all(db, p, anchor, end));
    end_foreign(p, NULL);
    if (count != ret->entries)
        ledger_fault(&ret->faults, "ledger_chain", "has entries with numbers below 1");
    check_anchor(p, anchor, end);
    return RC_OK;
}
