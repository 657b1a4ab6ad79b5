/* GET POST /v1/account/claims: the claims of the account of the key, without what is staff's. */
#include <string.h>

#include "api/account/own.h"
#include "api/claims/claims.h"
#include "api/claims/customer_claim.h"

struct own_claim {
    struct texts incidents;
    const char *text;
};
const struct shape own_claim_shape = SHAPE("OwnClaimCreate", struct own_claim,
    FIELD(TEXTS, incidents, .required = true, .min = 1, .max = 100, .doc = "refs."),
    FIELD(TEXT, text, .required = true, .multiline = true, .min = 1, .max = 4000,
        .doc = "What happened."));

static const char *const states[] = {
    "waiting", "open", "accepted", "drafted", "credited", "declined", "decided", NULL};
static const char *const formats[] = {"json", "csv", NULL};
const struct shape own_claim_filter_shape =
    SHAPE("OwnClaimFilter", struct claim_filter, PAGE_FIELDS("100", 1000),
        FIELD(TEXT, state, .one_of = states,
            .doc = "Filter by state; waiting: open or accepted, oldest first; decided: all "
                   "others."),
        FIELD(TEXT, format, .one_of = formats, .def = "json", .doc = "csv: all rows at once."));

SHAPE_STATIC(
    struct own_opened, own_opened_shape, "OwnClaimOpened", FIELD(INT, id), FIELD(TEXT, word));
STMT(own_claim_open,
    "SELECT out_claim AS id, out_word AS word FROM amends.claim_open($1, NULL, array("
    "   SELECT id FROM amends.claim_choices($1) WHERE ref = any ($2::text[])), $3, $4)",
    .row = &own_opened_shape);
/* The first ref that the account cannot claim for. */
STMT(own_claim_unknown,
    "SELECT r.n - 1 AS id FROM unnest($2::text[]) WITH ORDINALITY AS r (ref, n)"
    " WHERE r.ref NOT IN (SELECT ref FROM amends.claim_choices($1)) ORDER BY 1 LIMIT 1",
    .row = &row_int);

/* A run and who decided are no business of customers; the answer is theirs with the decision. */
static void hide(struct customer_claim *row)
{
    bool decided = !strcmp(row->state, "credited") || !strcmp(row->state, "declined");
    row->run = SHAPE_NONE;
    row->decided_by = NULL;
    if (!decided) {
        row->answer = NULL;
        row->decided_at = SHAPE_NONE;
    }
}

enum rc own_claim_list(struct call *c)
{
    struct claim_filter filter = *(const struct claim_filter *)c->query;
    struct own_account own;
    struct list rows;
    TRY(own_account(c, &own));
    filter.account = own.external_id;
    TRY(claims_read(c, &filter, &rows));
    for (size_t i = 0; i < rows.n; i++)
        hide((struct customer_claim *)rows.at + i);
    return claims_reply(c, &filter, rows);
}

struct claiming {
    struct call *c;
    struct own_account own;
    struct customer_claim row;
};

static enum rc check_incidents(struct scope *s, struct db *db, const struct claiming *claiming)
{
    const struct own_claim *in = claiming->c->body;
    int64_t n;
    enum rc rc = db_one(
        s, db, &own_claim_unknown, PARAMS(P_INT(claiming->own.id), P_TEXTS(s, &in->incidents)), &n);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    TRY(rc);
    return fail_field(s, RC_INVALID, scope_printf(s, "incidents[%lld]", (long long)n),
        "no incident \"%.100s\" for which the account can claim", in->incidents.at[n]);
}

static enum rc create(struct scope *s, struct db *db, void *arg)
{
    struct claiming *claiming = arg;
    const struct own_claim *in = claiming->c->body;
    struct own_opened opened;
    TRY(check_incidents(s, db, claiming));
    TRY(db_one(s, db, &own_claim_open,
        PARAMS(P_INT(claiming->own.id), P_TEXTS(s, &in->incidents), P_TEXT(in->text),
            P_TEXT(call_actor(claiming->c))),
        &opened));
    if (!strcmp(opened.word, "known"))
        return fail_field(
            s, RC_CONFLICT, "incidents", "a claim for one of these incidents is under way");
    if (!strcmp(opened.word, "many"))
        return refuse(claiming->c, 429, "the account has made five claims within a day");
    return claim_read(s, db, opened.id, &claiming->row);
}

enum rc own_claim_create(struct call *c)
{
    struct claiming claiming = {.c = c};
    TRY(own_account(c, &claiming.own));
    TRY(db_txn(c->s, c->db, create, &claiming));
    hide(&claiming.row);
    return reply_object(c, &claiming.row);
}
