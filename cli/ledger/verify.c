/* amends ledger verify: the books recomputed, and the chain beside what it pins. */
#include "cli/ledger/verify.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/ledger/lines.h"
#include "cli/ledger/proof.h"
#include "cli/ledger/timestamp.h"
#include "cli/shell/progress.h"
#include "core/clock.h"
#include "core/json.h"

/* Beside RC_OK: 1 something is wrong, 3 nothing is, but no given key proves it. */
enum { EXIT_WRONG = 1, EXIT_UNPROVEN = 3, ANCHOR_MAX = 10000 };

SHAPE_STATIC(struct books_fault, books_fault_shape, "LedgerFault",
    FIELD(TEXT, place, .required = true), FIELD(TEXT, fault, .required = true));

/* Use one snapshot without a time limit, since a run may be issued meanwhile. */
STMT(ledger_snapshot, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
STMT(ledger_audit, "SELECT * FROM amends.ledger_faults_audit() LIMIT 1", .row = &books_fault_shape);
STMT(ledger_entries, "SELECT * FROM amends.ledger_faults_entries() AS f (place, fault) LIMIT 1",
    .row = &books_fault_shape);
STMT(ledger_credits, "SELECT * FROM amends.ledger_faults_credits() LIMIT 1",
    .row = &books_fault_shape);
STMT(ledger_states, "SELECT * FROM amends.ledger_faults_states() LIMIT 10",
    .row = &books_fault_shape);
STMT(ledger_absent, "SELECT * FROM amends.ledger_faults_absent() LIMIT 10",
    .row = &books_fault_shape);
STMT(ledger_count, "SELECT amends.ledger_counts() AS counts", .row = &row_text);

static const struct stmt *const checks[] = {
    &ledger_audit, &ledger_entries, &ledger_credits, &ledger_states, &ledger_absent};

struct verifying {
    struct proof_keys keys;
    const struct note *anchor;
    struct proof proof;
    const char *counts;
};

static enum rc check_books(struct scope *s, struct db *db, struct ledger_faults *ret)
{
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        struct list rows;
        TRY(db_all(s, db, checks[i], NO_PARAMS, &rows));
        for (size_t k = 0; k < rows.n; k++) {
            const struct books_fault *row = (const struct books_fault *)rows.at + k;
            ledger_fault(ret, row->place, "%s", row->fault);
        }
    }
    return RC_OK;
}

static enum rc check_all(struct scope *s, struct db *db, void *arg)
{
    struct verifying *verifying = arg;
    struct ledger_faults *books = SCOPE_NEW(s, struct ledger_faults);
    books->s = s;
    TRY(db_do(s, db, &ledger_snapshot, NO_PARAMS, NULL));
    TRY(db_unhurried(s, db));
    TRY(check_books(s, db, books));
    TRY(lines_check(s, db, books));
    TRY(proof_make(s, db, &verifying->keys, verifying->anchor, &verifying->proof));
    /* Those of the books first: they say what the chain only sees as changed. */
    for (size_t i = 0; i < verifying->proof.faults.n; i++)
        ledger_fault(
            books, verifying->proof.faults.at[i].place, "%s", verifying->proof.faults.at[i].fault);
    books->more += verifying->proof.faults.more;
    verifying->proof.faults = *books;
    return db_one(s, db, &ledger_count, NO_PARAMS, &verifying->counts);
}

static enum rc trust(
    struct scope *s, const struct invocation *in, const struct texts *given, struct proof_keys *ret)
{
    unsigned char public[SIGN_PUBLIC];
    for (size_t i = 0; i < given->n; i++) {
        TRY(note_key_parse(s, given->at[i], public));
        proof_trust(ret, public);
    }
    if (!*in->config.key_file)
        return RC_OK;
    struct sign *keys;
    TRY(sign_load(s, in->config.key_file, false, &keys));
    for (size_t i = 0; sign_public(keys, i, public); i++)
        proof_trust(ret, public);
    sign_free(keys);
    return RC_OK;
}

static enum rc read_anchor(
    struct scope *s, const struct invocation *in, const char *path, struct note **ret)
{
    STRBUF(text, ANCHOR_MAX);
    TRY(strbuf_read(s, path, &text));
    *ret = SCOPE_NEW(s, struct note);
    TRY(note_parse(s, text.buf, *ret));
    const char *stamp = scope_printf(s, "%s.tsr", path), *when;
    if (access(stamp, F_OK) != 0)
        return RC_OK;
    TRY(timestamp_check(s, &in->config, stamp, text.buf, text.len, &when));
    progress_end();
    printf("anchor: entry %lld, timestamp %s\n", (long long)(*ret)->seq, when);
    return RC_OK;
}

static json_t *faults_json(const struct ledger_faults *faults)
{
    json_t *all = json_array();
    for (size_t i = 0; i < faults->n; i++)
        json_array_append_new(all,
            json_pack("{s:s, s:s}", "place", faults->at[i].place, "fault", faults->at[i].fault));
    return all;
}

static void print_json(struct scope *s, const struct verifying *verifying, double seconds)
{
    const struct proof *proof = &verifying->proof;
    bool wrong = proof->faults.n > 0;
    json_t *notes = json_array(), *counts;
    for (size_t i = 0; i < proof->notes.n; i++)
        json_array_append_new(notes, json_string(proof->notes.at[i]));
    json_t *result = json_own(s, json_pack("{s:b, s:b, s:f, s:o}", "verified", !wrong, "proven",
                                     !wrong && proof->proven, "seconds", seconds, "notes", notes));
    if (json_parse(s, verifying->counts, strlen(verifying->counts), &counts) == RC_OK)
        json_object_set(result, "counts", counts);
    if (wrong) {
        json_object_set_new(result, "place", json_string(proof->faults.at[0].place));
        json_object_set_new(result, "fault", json_string(proof->faults.at[0].fault));
        json_object_set_new(result, "faults", faults_json(&proof->faults));
    }
    puts(json_text(s, result));
}

static void print(const struct verifying *verifying, double seconds)
{
    const struct proof *proof = &verifying->proof;
    for (size_t i = 0; i < proof->faults.n; i++)
        printf("wrong: %s: %s\n", proof->faults.at[i].place, proof->faults.at[i].fault);
    if (proof->faults.more)
        printf("wrong: and %lld more\n", (long long)proof->faults.more);
    for (size_t i = 0; i < proof->notes.n; i++)
        printf("note: %s\n", proof->notes.at[i]);
    if (!proof->faults.n)
        printf("%s: %s in %.1f s\n", proof->proven ? "verified" : "not proven", verifying->counts,
            seconds);
}

enum rc ledger_verify(struct scope *s, struct invocation *in, const struct verify_given *given)
{
    int64_t since = clock_monotonic();
    struct verifying *verifying = SCOPE_NEW(s, struct verifying);
    struct note *anchor = NULL;
    TRY(trust(s, in, &given->keys, &verifying->keys));
    if (given->anchor)
        TRY(read_anchor(s, in, given->anchor, &anchor));
    verifying->anchor = anchor;
    TRY(db_txn(s, in->db, check_all, verifying));
    progress_end();
    double seconds = (double)(clock_monotonic() - since) / (double)CLOCK_SECOND;
    if (in->json)
        print_json(s, verifying, seconds);
    else
        print(verifying, seconds);
    in->exit = verifying->proof.faults.n ? EXIT_WRONG : verifying->proof.proven ? 0 : EXIT_UNPROVEN;
    return RC_OK;
}
