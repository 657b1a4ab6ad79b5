#include "core/ledger/chain.h"

#include <jansson.h>
#include <string.h>

#include "core/clock.h"
#include "core/db/locks.h"
#include "core/json.h"
#include "core/ledger/digest.h"

enum { BODY_MAX = 64 * 1024 };

STMT(chain_lock, "SELECT pg_advisory_xact_lock($1)");
/* The log's numbers are given under a lock held to commit: what is visible has no gap. */
STMT(chain_audit_end, "SELECT coalesce(max(seq), 0) AS seq FROM audit", .row = &row_int);

SHAPE_STATIC(struct absent, absent_shape, "AbsentEntry", FIELD(TEXT, kind, .required = true),
    FIELD(INT, object), FIELD(TEXT, ids));
STMT(chain_absent,
    "SELECT kind, object, array_to_string(ids, ',') AS ids FROM amends.ledger_chain_absent()",
    .row = &absent_shape);

static const char *ids_text(struct scope *s, const struct ledger_event *event)
{
    if (!event->n)
        return "";
    char *text = scope_strdup(s, P_INTS(s, event->ids, event->n).text + 1);
    text[strlen(text) - 1] = '\0';
    return text;
}

static struct param event_param(struct scope *s, const char *ids, int64_t object)
{
    return *ids ? P_TEXT(scope_printf(s, "{%s}", ids)) : P_INT(object);
}

static enum rc read_rows(struct scope *s, struct db *db, const char *ids,
    const struct ledger_event *event, struct ledger_draft *draft)
{
    const struct ledger_parts *parts = ledger_parts_of(event->kind);
    json_t *tables = json_array();
    json_object_set_new(draft->body, "tables", tables);
    for (size_t i = 0; i < parts->n; i++) {
        struct digest digest;
        TRY(digest_part(s, db, &parts->at[i], PARAMS(event_param(s, ids, event->object)), NULL,
            &draft->marks, NULL, NULL, &digest));
        json_array_append(tables, digest.json);
    }
    if (!parts->totals)
        return RC_OK;
    const char *totals;
    TRY(ledger_totals(s, db, event->object, &totals));
    json_object_set_new(draft->body, "totals", json_string(totals));
    return RC_OK;
}

enum rc ledger_read(
    struct scope *s, struct db *db, const struct ledger_event *event, struct ledger_draft *ret)
{
    *ret = (struct ledger_draft){.event = *event, .ids = ids_text(s, event)};
    ret->body =
        json_own(s, json_pack("{s:s}", "actor", event->actor ? event->actor : "role:billing"));
    if (event->sealed)
        json_object_set_new(ret->body, "sealed", json_true());
    strbuf_init(&ret->marks, DIGEST_MARKS_MAX);
    enum rc rc = read_rows(s, db, ret->ids, event, ret);
    if (rc != RC_OK)
        strbuf_release(&ret->marks);
    return rc;
}

static enum rc read_audit(
    struct scope *s, struct db *db, int64_t after, struct ledger_draft *draft, int64_t *ret_end)
{
    struct digest digest;
    TRY(db_one(s, db, &chain_audit_end, NO_PARAMS, ret_end));
    if (*ret_end <= after)
        *ret_end = after;
    if (*ret_end == after)
        return RC_OK;
    TRY(digest_part(s, db, &ledger_part_audit, PARAMS(P_INT(after), P_INT(*ret_end)), NULL,
        &draft->marks, NULL, NULL, &digest));
    json_object_set(draft->body, "audit", digest.json);
    return RC_OK;
}

bool ledger_is_ours(
    const struct sign *keys, const unsigned char public[SIGN_PUBLIC], const char **ret_kid)
{
    unsigned char own[SIGN_PUBLIC];
    const char *kid;
    for (size_t i = 0; (kid = sign_public(keys, i, own)); i++) {
        if (memcmp(own, public, SIGN_PUBLIC) != 0)
            continue;
        if (ret_kid)
            *ret_kid = kid;
        return true;
    }
    return false;
}

static enum rc check_head(struct scope *s, const struct sign *keys, const struct entry *head)
{
    if (!ledger_is_ours(keys, head->signer, NULL))
        return fail(s, RC_CONFLICT,
            "ledger_chain: entry %lld is signed by a key that the key file lacks. Put that key "
            "back; if it is lost, run amends ledger verify and then amends ledger adopt",
            (long long)head->seq);
    if (!entry_is_signed(head))
        return fail(s, RC_CONFLICT,
            "ledger_chain: entry %lld has a wrong signature: run amends ledger verify",
            (long long)head->seq);
    return RC_OK;
}

/* Under the lock. head->seq 0: the first entry. */
static enum rc append_to(struct scope *s, struct db *db, const struct sign *keys,
    const struct entry *head, struct ledger_draft *draft)
{
    struct entry entry = {.seq = head->seq + 1,
        .at = clock_now(),
        .kind = draft->event.kind,
        .object = draft->event.object,
        .ids = draft->ids};
    TRY(read_audit(s, db, head->audit_seq, draft, &entry.audit_seq));
    entry.body = json_text(s, draft->body);
    entry.marks = (const unsigned char *)draft->marks.buf;
    entry.marks_len = draft->marks.len;
    memcpy(entry.prev, head->hash, ENTRY_HASH);
    entry_hash(&entry, entry.hash);
    entry_sign(&entry, keys);
    return entry_insert(s, db, &entry);
}

static enum rc lock_head(struct scope *s, struct db *db, struct entry *ret)
{
    *ret = (struct entry){0};
    TRY(db_do(s, db, &chain_lock, PARAMS(P_INT(LOCK_CHAIN)), NULL));
    return entry_head(s, db, ret);
}

static enum rc append(
    struct scope *s, struct db *db, const struct sign *keys, struct ledger_draft *draft)
{
    struct entry head;
    enum rc rc = lock_head(s, db, &head);
    if (rc == RC_NOT_FOUND)
        return fail(s, RC_RETRY, "the ledger's chain is not begun: billing begins it");
    if (rc != RC_OK)
        return rc;
    TRY(check_head(s, keys, &head));
    return append_to(s, db, keys, &head, draft);
}

enum rc ledger_append(
    struct scope *s, struct db *db, const struct sign *keys, struct ledger_draft *draft)
{
    enum rc rc = append(s, db, keys, draft);
    strbuf_release(&draft->marks);
    return rc;
}

enum rc ledger_add(
    struct scope *s, struct db *db, const struct sign *keys, const struct ledger_event *event)
{
    struct ledger_draft draft;
    TRY(ledger_read(s, db, event, &draft));
    return ledger_append(s, db, keys, &draft);
}

static struct ledger_event absent_event(struct scope *s, const struct absent *absent)
{
    struct ledger_event event = {.kind = absent->kind, .object = absent->object, .sealed = true};
    if (!absent->ids || !*absent->ids)
        return event;
    size_t most = 1;
    for (const char *at = absent->ids; *at; at++)
        most += *at == ',';
    int64_t *ids = SCOPE_ARRAY(s, int64_t, most);
    char *rest = scope_strdup(s, absent->ids);
    for (char *word; (word = strsep(&rest, ","));)
        ids[event.n++] = strtoll(word, NULL, 10);
    event.ids = ids;
    return event;
}

static enum rc begin(struct scope *s, struct db *db, const struct sign *keys, int64_t found)
{
    struct entry none = {0};
    struct ledger_draft draft;
    TRY(ledger_read(s, db, &(struct ledger_event){.kind = "begin", .object = SHAPE_NONE}, &draft));
    json_object_set_new(draft.body, "found", json_integer(found));
    enum rc rc = append_to(s, db, keys, &none, &draft);
    strbuf_release(&draft.marks);
    return rc;
}

enum rc ledger_begin(struct scope *s, struct db *db, const struct sign *keys, int64_t *ret_n)
{
    struct entry head;
    struct list rows;
    if (ret_n)
        *ret_n = 0;
    enum rc rc = lock_head(s, db, &head);
    if (rc != RC_NOT_FOUND)
        return rc;
    TRY(db_all(s, db, &chain_absent, NO_PARAMS, &rows));
    TRY(begin(s, db, keys, (int64_t)rows.n));
    for (size_t i = 0; i < rows.n; i++) {
        SCOPE(inner);
        struct ledger_event event = absent_event(inner, (const struct absent *)rows.at + i);
        rc = ledger_add(inner, db, keys, &event);
        if (rc != RC_OK)
            return fail_from(s, inner);
    }
    if (ret_n)
        *ret_n = (int64_t)rows.n;
    return RC_OK;
}

enum rc ledger_adopt(struct scope *s, struct db *db, const struct sign *keys, const char *actor)
{
    struct entry head;
    struct ledger_draft draft;
    enum rc rc = lock_head(s, db, &head);
    if (rc == RC_NOT_FOUND)
        return fail(s, RC_CONFLICT, "the ledger's chain is not begun: billing begins it");
    if (rc != RC_OK)
        return rc;
    if (ledger_is_ours(keys, head.signer, NULL))
        return fail(s, RC_CONFLICT,
            "entry %lld is signed by a key of the key file: there is "
            "nothing to adopt",
            (long long)head.seq);
    TRY(ledger_read(s, db,
        &(struct ledger_event){.kind = "adopt", .object = SHAPE_NONE, .actor = actor}, &draft));
    rc = append_to(s, db, keys, &head, &draft);
    strbuf_release(&draft.marks);
    return rc;
}

enum rc ledger_pin_audit(struct scope *s, struct db *db, const struct sign *keys)
{
    struct entry head;
    int64_t end;
    TRY(entry_head(s, db, &head));
    TRY(db_one(s, db, &chain_audit_end, NO_PARAMS, &end));
    if (end <= head.audit_seq)
        return RC_OK;
    return ledger_add(s, db, keys, &(struct ledger_event){.kind = "audit", .object = SHAPE_NONE});
}
