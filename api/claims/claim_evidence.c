/* PUT and GET /v1/claims/{id}/evidence: the file of a claim. */
#include "api/call/audit_log.h"
#include "api/claims/claims.h"
#include "api/claims/evidence.h"

SHAPE_EXTERN(struct claim_evidence_query, claim_evidence_query_shape, "ClaimEvidenceQuery",
    FIELD(TEXT, name, .min = 1, .max = 300, .doc = "What the customer called the file."));

SHAPE_STATIC(struct sealed_file, sealed_file_shape, "SealedFile", FIELD(TEXT, type),
    FIELD(INT, size), FIELD(TEXT, sealed));
STMT(evidence_read,
    "SELECT type, size, encode(sealed, 'hex') AS sealed FROM claim_evidence WHERE claim_id = $1",
    .row = &sealed_file_shape);

struct keeping {
    struct call *c;
    int64_t id;
};

static const char *object(struct scope *s, int64_t id)
{
    return scope_printf(s, "claim:%lld", (long long)id);
}

static enum rc keep(struct scope *s, struct db *db, void *arg)
{
    const struct keeping *keeping = arg;
    struct call *c = keeping->c;
    const struct claim_evidence_query *in = c->query;
    const struct evidence file = {
        .name = in->name, .bytes = c->request->body, .len = c->request->len};
    struct customer_claim claim;
    TRY(claim_read(s, db, keeping->id, &claim));
    TRY(evidence_keep(s, db, c->api->keys, claim.id, &file));
    return audit_add(s, db, call_actor(c), "claim.evidence", object(s, claim.id), NULL);
}

enum rc claim_evidence_put(struct call *c)
{
    struct keeping keeping = {.c = c};
    TRY(call_id(c, 0, &keeping.id));
    TRY(db_txn(c->s, c->db, keep, &keeping));
    return claim_get(c);
}

/* The audit log tells who read a customer's file. */
static enum rc open_file(struct scope *s, struct db *db, const struct keeping *keeping,
    struct sealed_file *ret_file, char **ret_bytes)
{
    const char *aad = scope_printf(s, "claim_evidence:%lld", (long long)keeping->id);
    TRY(IF_NONE(db_one(s, db, &evidence_read, PARAMS(P_INT(keeping->id)), ret_file),
        fail(s, RC_NOT_FOUND, "claim %lld has no file", (long long)keeping->id)));
    if (!ret_file->sealed)
        return fail(s, RC_NOT_FOUND, "the file of claim %lld was deleted", (long long)keeping->id);
    TRY(sign_open_hex(s, keeping->c->api->keys, aad, ret_file->sealed, ret_bytes));
    return audit_add(
        s, db, call_actor(keeping->c), "claim.evidence_read", object(s, keeping->id), NULL);
}

/* Under a name and type of ours: no browser shows it, or takes it for a page. */
enum rc claim_evidence_get(struct call *c)
{
    struct keeping keeping = {.c = c};
    struct sealed_file file;
    char *bytes;
    TRY(call_id(c, 0, &keeping.id));
    TRY(open_file(c->s, c->db, &keeping, &file, &bytes));
    c->reply.status = 200;
    c->reply.type = "application/octet-stream";
    c->reply.fixed = bytes;
    c->reply.fixed_len = (size_t)file.size;
    reply_header(c, "Content-Disposition",
        scope_printf(
            c->s, "attachment; filename=\"claim-%lld.%s\"", (long long)keeping.id, file.type));
    reply_header(c, "Content-Security-Policy", "default-src 'none'; sandbox");
    reply_header(c, "Cache-Control", "no-store");
    return RC_OK;
}
