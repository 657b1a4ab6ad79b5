/* GET POST /v1/claims: what customers claim for incidents, for policies that pay only claims. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/list_page.h"
#include "api/call/lookup.h"
#include "api/credits/credits.h"
#include "core/clock.h"

struct new_claim {
    const char *account;
    int64_t at;
    struct texts incidents;
};
const struct shape new_claim_shape = SHAPE("ClaimCreate", struct new_claim,
    FIELD(TEXT, account, .required = true, .min = 1, .max = 200, .doc = "external_id."),
    FIELD(TIME, at, .doc = "When the customer claimed; default: now."),
    FIELD(TEXTS, incidents, .required = true, .min = 1, .max = 100, .doc = "refs."));

SHAPE_EXTERN(struct claim, customer_claim_shape, "Claim",
    FIELD(INT, id, .required = true, .doc = "Id of the claim."),
    FIELD(TEXT, account, .required = true, .doc = "external_id."),
    FIELD(TIME, at, .required = true, .doc = "When the customer claimed."),
    FIELD(RAW, incidents, .required = true, .form = FORM_TEXTS, .doc = "refs."),
    FIELD(TIME, created_at, .required = true, .doc = "When it was recorded."));

struct claim_filter {
    struct list_page page;
    const char *account;
};
const struct shape claim_filter_shape =
    SHAPE("ClaimFilter", struct claim_filter, PAGE_FIELDS("100", 1000),
        FIELD(TEXT, account, .min = 1, .max = 200, .doc = "Filter by external_id."));

#define CLAIM_COLUMNS \
    "k.id, a.external_id AS account, k.at, k.created_at," \
    " (SELECT json_agg(i.ref ORDER BY i.ref) FROM claim_incident x" \
    "   JOIN incident i ON i.id = x.incident_id WHERE x.claim_id = k.id) AS incidents"

STMT(claim_page,
    "SELECT " CLAIM_COLUMNS " FROM claim k JOIN account a ON a.id = k.account_id"
    " WHERE ($1 = 0 OR k.id < $1) AND ($3::text IS NULL OR a.external_id = $3)"
    " ORDER BY k.id DESC LIMIT $2",
    .row = &customer_claim_shape);
STMT(claim_one,
    "SELECT " CLAIM_COLUMNS " FROM claim k JOIN account a ON a.id = k.account_id WHERE k.id = $1",
    .row = &customer_claim_shape);
STMT(claim_insert,
    "INSERT INTO claim (account_id, at, created_by)"
    " SELECT id, $2, $3 FROM account WHERE external_id = $1 RETURNING id",
    .row = &row_int);
STMT(claim_incidents,
    "INSERT INTO claim_incident (claim_id, incident_id) SELECT $1, unnest($2::bigint[])");

enum rc claim_list(struct call *c)
{
    const struct claim_filter *filter = c->query;
    int64_t before;
    struct list rows;
    TRY(page_open(c, "claims", &before));
    TRY(db_all(c->s, c->db, &claim_page,
        PARAMS(P_INT(before), P_INT(filter->page.limit), P_TEXT(filter->account)), &rows));
    return reply_page(c, "claims", rows, offsetof(struct claim, id));
}

/* Without what is said twice. */
static struct texts once(struct scope *s, const struct texts *refs)
{
    const char **at = SCOPE_ARRAY(s, const char *, refs->n);
    size_t n = 0;
    for (size_t i = 0; i < refs->n; i++) {
        bool seen = false;
        for (size_t k = 0; k < n; k++)
            seen = seen || !strcmp(at[k], refs->at[i]);
        if (!seen)
            at[n++] = refs->at[i];
    }
    return (struct texts){.at = at, .n = n};
}

struct claiming {
    struct call *c;
    struct claim row;
};

static enum rc insert(struct scope *s, struct db *db, void *arg)
{
    struct claiming *claiming = arg;
    struct call *c = claiming->c;
    const struct new_claim *in = c->body;
    int64_t id, *incidents, at = in->at == SHAPE_NONE ? clock_now() : in->at;
    struct texts refs = once(s, &in->incidents);
    TRY(lookup_incidents(s, db, &refs, &incidents));
    TRY(IF_NONE(db_one(s, db, &claim_insert,
                    PARAMS(P_TEXT(in->account), P_TIME(at), P_INT(c->key->id)), &id),
        fail_field(s, RC_INVALID, "account", "no account \"%.100s\"", in->account)));
    TRY(db_do(s, db, &claim_incidents, PARAMS(P_INT(id), P_INTS(s, incidents, refs.n)), NULL));
    TRY(db_one(s, db, &claim_one, PARAMS(P_INT(id)), &claiming->row));
    return audit_add(
        s, db, call_actor(c), "claim.create", scope_printf(s, "claim:%lld", (long long)id), NULL);
}

enum rc claim_create(struct call *c)
{
    struct claiming claiming = {.c = c};
    TRY(db_txn(c->s, c->db, insert, &claiming));
    return reply_object(c, &claiming.row);
}
