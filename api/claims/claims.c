/* GET POST /v1/claims, GET /v1/claims/{id}: what customers claim for incidents. */
#include "api/claims/claims.h"

#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/list_page.h"
#include "api/call/lookup.h"
#include "api/claims/claim_csv.h"
#include "core/clock.h"

struct new_claim {
    const char *account;
    int64_t at;
    struct texts incidents;
    const char *text;
};
const struct shape new_claim_shape = SHAPE("ClaimCreate", struct new_claim,
    FIELD(TEXT, account, .required = true, .min = 1, .max = 200, .doc = "external_id."),
    FIELD(TIME, at, .doc = "When the customer claimed; default: now."),
    FIELD(TEXTS, incidents, .required = true, .min = 1, .max = 100, .doc = "refs."),
    FIELD(TEXT, text, .multiline = true, .min = 1, .max = 4000, .doc = "What the customer wrote."));

SHAPE_STATIC(struct claim_deadline, deadline_shape, "ClaimDeadline",
    FIELD(TEXT, incident, .required = true, .doc = "ref."),
    FIELD(TEXT, policy, .required = true, .doc = "Name of a policy that asks for claims."),
    FIELD(DATE, until, .required = true, .nullable = true,
        .doc = "Last date to claim; null while the outage goes on, or without a limit."),
    FIELD(TEXT, timezone, .required = true, .doc = "IANA name: where the date is."));
SHAPE_STATIC(struct claim_window, window_shape, "ClaimWindow",
    FIELD(TEXT, incident, .required = true, .doc = "ref."),
    FIELD(TEXT, component, .required = true, .doc = "Slug."),
    FIELD(TEXT, name, .required = true, .doc = "Name of the component."),
    FIELD(TEXT, level, .required = true, .doc = "Level."),
    FIELD(TIME, from, .required = true, .doc = "Start."),
    FIELD(TIME, to, .required = true, .nullable = true, .doc = "End; null: not over."));
SHAPE_STATIC(struct claim_file, file_shape, "ClaimEvidence",
    FIELD(TEXT, name, .required = true, .doc = "As the customer called it."),
    FIELD(TEXT, type, .required = true, .doc = "pdf, png, jpeg or txt, by its content."),
    FIELD(INT, size, .required = true, .doc = "Octets."),
    FIELD(BOOL, deleted, .required = true, .doc = "Its retention is over."));

static const char *const states[] = {"open", "accepted", "drafted", "credited", "declined", NULL};
const struct shape customer_claim_shape = SHAPE("Claim", struct customer_claim,
    FIELD(INT, id, .required = true, .doc = "Id of the claim."),
    FIELD(TEXT, account, .required = true, .doc = "external_id."),
    FIELD(TEXT, name, .required = true, .doc = "Name of the account."),
    FIELD(TEXT, contact, .doc = "Who claimed, by the link in a mail."),
    FIELD(TIME, at, .required = true, .doc = "When the customer claimed."),
    FIELD(RAW, incidents, .required = true, .form = FORM_TEXTS, .doc = "refs."),
    FIELD(TEXT, text, .multiline = true, .max = 4000, .doc = "What the customer wrote."),
    FIELD(TEXT, state, .required = true, .one_of = states,
        .doc = "open; accepted: waits for a run; drafted: its run awaits approval; credited; "
               "declined."),
    FIELD(TEXT, answer, .multiline = true, .max = 4000, .doc = "The answer to the customer."),
    FIELD(INT, run, .doc = "Id of the run that decides it."),
    FIELD(RAW, deadlines, .required = true, .form = FORM_LIST, .of = &deadline_shape,
        .doc = "By incident and policy that asks for claims."),
    FIELD(DATE, deadline, .doc = "The first of them."),
    FIELD(BOOL, late, .required = true,
        .doc = "It came after all deadlines: those policies pay nothing for it."),
    FIELD(INT, open_days, .doc = "Whole days since it was made; until it is decided."),
    FIELD(INT, due_days,
        .doc = "Whole days until the last instant of deadline, negative after it; until it is "
               "decided."),
    FIELD(RAW, evidence, .form = FORM_OBJECT, .of = &file_shape, .doc = "The file with it."),
    FIELD(RAW, windows, .form = FORM_LIST, .of = &window_shape,
        .doc = "When the incidents affected the account. Not in lists."),
    FIELD(TIME, created_at, .required = true, .doc = "When it was recorded."),
    FIELD(TIME, decided_at, .doc = "When it was decided."),
    FIELD(RAW, decided_by, .form = FORM_OBJECT, .of = &actor_shape, .doc = "Who decided it."));

static const char *const dues[] = {"passed", "soon", NULL};
static const char *const chosen[] = {
    "waiting", "open", "accepted", "drafted", "credited", "declined", "decided", NULL};
static const char *const formats[] = {"json", "csv", NULL};
const struct shape claim_filter_shape =
    SHAPE("ClaimFilter", struct claim_filter, PAGE_FIELDS("100", 1000),
        FIELD(TEXT, account, .min = 1, .max = 200, .doc = "Filter by external_id."),
        FIELD(TEXT, state, .one_of = chosen,
            .doc = "Filter by state; waiting: open or accepted, those that are due next first; "
                   "decided: all others."),
        FIELD(TEXT, due, .one_of = dues,
            .doc = "passed: the deadline has passed; soon: within seven days."),
        FIELD(TEXT, format, .one_of = formats, .def = "json", .doc = "csv: all rows at once."));

#define CLAIM_SELECT(windows) \
    "SELECT k.id, a.external_id AS account, a.name, c.email AS contact, k.at, k.text, k.state," \
    "   k.answer, k.run_id AS run, d.out_list AS deadlines, d.out_first AS deadline," \
    "   d.out_late AS late, k.created_at, k.decided_at, amends.key_who(k.decided_by) AS " \
    "decided_by," \
    "   CASE WHEN k.state IN ('open', 'accepted')" \
    "     THEN greatest(floor(extract(epoch FROM now() - k.at) / 86400), 0)::bigint END AS " \
    "open_days," \
    "   CASE WHEN k.state IN ('open', 'accepted')" \
    "     THEN floor(extract(epoch FROM d.out_due - now()) / 86400)::bigint END AS due_days," \
    "   (SELECT json_build_object('name', e.name, 'type', e.type, 'size', e.size," \
    "     'deleted', e.sealed IS NULL) FROM claim_evidence e WHERE e.claim_id = k.id) AS " \
    "evidence," \
    "   (SELECT coalesce(json_agg(i.ref ORDER BY i.ref), '[]') FROM claim_incident x" \
    "     JOIN incident i ON i.id = x.incident_id WHERE x.claim_id = k.id) AS incidents," windows \
    " FROM claim k JOIN account a ON a.id = k.account_id" \
    "   LEFT JOIN account_contact c ON c.id = k.contact_id" \
    "   CROSS JOIN LATERAL amends.claim_dates(k) d "
#define CLAIM_FILTERED \
    "WHERE ($3::text IS NULL OR a.external_id = $3) AND CASE $4" \
    "   WHEN 'waiting' THEN k.state IN ('open', 'accepted')" \
    "   WHEN 'decided' THEN k.state NOT IN ('open', 'accepted')" \
    "   ELSE $4 IS NULL OR k.state = $4 END" \
    "   AND CASE $5 WHEN 'passed' THEN d.out_due < now()" \
    "     WHEN 'soon' THEN d.out_due BETWEEN now() AND now() + interval '7 days' ELSE true END "

STMT(claim_page,
    CLAIM_SELECT("NULL::text AS windows") CLAIM_FILTERED
    "AND ($1 = 0 OR k.id < $1) ORDER BY k.id DESC LIMIT $2",
    .row = &customer_claim_shape);
/* After the claim $1 in this order. */
STMT(claim_page_due,
    CLAIM_SELECT("NULL::text AS windows") CLAIM_FILTERED
    "AND ($1 = 0 OR (coalesce(d.out_due, 'infinity'), k.id) >"
    "   (SELECT coalesce(l.out_due, 'infinity'), last.id FROM claim last"
    "     CROSS JOIN LATERAL amends.claim_dates(last) l WHERE last.id = $1))"
    " ORDER BY coalesce(d.out_due, 'infinity'), k.id LIMIT $2",
    .row = &customer_claim_shape);
STMT(claim_one,
    CLAIM_SELECT("amends.claim_windows(k.account_id, array(SELECT x.incident_id"
                 " FROM claim_incident x WHERE x.claim_id = k.id)) AS windows") "WHERE k.id = $1",
    .row = &customer_claim_shape);
STMT(claim_insert,
    "INSERT INTO claim (account_id, at, text, created_by)"
    " SELECT id, $2, $3, $4 FROM account WHERE external_id = $1 RETURNING id",
    .row = &row_int);
STMT(claim_incidents,
    "INSERT INTO claim_incident (claim_id, incident_id) SELECT $1, unnest($2::bigint[])");

static bool is_by_deadline(const struct claim_filter *filter)
{
    return filter->state && !strcmp(filter->state, "waiting");
}

enum rc claims_read(struct call *c, const struct claim_filter *filter, struct list *ret)
{
    int64_t at;
    bool csv = !strcmp(filter->format, "csv");
    TRY(page_open(c, "claims", &at));
    return db_all(c->s, c->db, is_by_deadline(filter) ? &claim_page_due : &claim_page,
        PARAMS(P_INT(at), P_INT(csv ? INT64_MAX : filter->page.limit), P_TEXT(filter->account),
            P_TEXT(filter->state), P_TEXT(filter->due)),
        ret);
}

enum rc claims_reply(struct call *c, const struct claim_filter *filter, struct list rows)
{
    return strcmp(filter->format, "csv") == 0
               ? claim_csv_reply(c, &rows)
               : reply_page(c, "claims", rows, offsetof(struct customer_claim, id));
}

enum rc claim_list(struct call *c)
{
    struct list rows;
    TRY(claims_read(c, c->query, &rows));
    return claims_reply(c, c->query, rows);
}

enum rc claim_read(struct scope *s, struct db *db, int64_t id, struct customer_claim *ret)
{
    return IF_NONE(db_one(s, db, &claim_one, PARAMS(P_INT(id)), ret),
        fail(s, RC_NOT_FOUND, "no claim %lld", (long long)id));
}

enum rc claim_get(struct call *c)
{
    int64_t id;
    struct customer_claim row;
    TRY(call_id(c, 0, &id));
    TRY(claim_read(c->s, c->db, id, &row));
    return reply_object(c, &row);
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
    struct customer_claim row;
};

static enum rc insert(struct scope *s, struct db *db, void *arg)
{
    struct claiming *claiming = arg;
    struct call *c = claiming->c;
    const struct new_claim *in = c->body;
    int64_t id, *incidents, at = in->at == SHAPE_NONE ? clock_now() : in->at;
    struct texts refs = once(s, &in->incidents);
    TRY(lookup_incidents(s, db, &refs, &incidents));
    TRY(IF_NONE(
        db_one(s, db, &claim_insert,
            PARAMS(P_TEXT(in->account), P_TIME(at), P_TEXT(in->text), P_INT(c->key->id)), &id),
        fail_field(s, RC_INVALID, "account", "no account \"%.100s\"", in->account)));
    TRY(db_do(s, db, &claim_incidents, PARAMS(P_INT(id), P_INTS(s, incidents, refs.n)), NULL));
    TRY(claim_read(s, db, id, &claiming->row));
    return audit_add(
        s, db, call_actor(c), "claim.create", scope_printf(s, "claim:%lld", (long long)id), NULL);
}

enum rc claim_create(struct call *c)
{
    struct claiming claiming = {.c = c};
    TRY(db_txn(c->s, c->db, insert, &claiming));
    return reply_object(c, &claiming.row);
}
