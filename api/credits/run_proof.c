/* GET /v1/credit-runs/{id}/notices/proof: the outcome of the letter per credited account. */
#include "core/csv.h"
#include "api/credits/credits.h"
#include "api/credits/run.h"
#include "core/clock.h"
#include "core/mail/mailaddr.h"

#include <string.h>

enum { PROOF_PAGE = 1000 };

SHAPE_STATIC(struct proof, proof_shape, "NoticeProof", FIELD(INT, credit), FIELD(TEXT, account),
    FIELD(TEXT, contact), FIELD(TEXT, outcome), FIELD(TEXT, reason), FIELD(TIME, at),
    FIELD(INT, code), FIELD(INT, broadcast), FIELD(INT, recipient));

/* The letter to a contact may be recorded for another contact with the same address. */
STMT(run_proof_page,
    "SELECT c.id AS credit, a.external_id AS account, k.email AS contact, d.code, d.reason,"
    "   d.broadcast_id AS broadcast, d.recipient_id AS recipient, d.settled_at AS at,"
    "   coalesce(d.state, CASE WHEN k.id IS NULL THEN 'no_contact' ELSE 'not_sent' END) AS outcome"
    " FROM (SELECT * FROM credit WHERE run_id = $1 AND id > $2 AND state NOT IN ('draft', 'void')"
    "     ORDER BY id LIMIT $3) c"
    "   JOIN account a ON a.id = c.account_id LEFT JOIN account_contact k ON k.account_id = a.id"
    "   LEFT JOIN LATERAL (SELECT x.* FROM account_contact f"
    "     JOIN broadcast b ON b.credit_run_id = $1 AND b.kind = 'credit_notice'"
    "     JOIN LATERAL (SELECT broadcast_id, recipient_id, state::text, code, reason, settled_at"
    "         FROM delivery WHERE broadcast_id = b.id AND recipient_id = f.id"
    "       UNION ALL SELECT broadcast_id, recipient_id, 'retry', code, reason, NULL"
    "         FROM delivery_retry WHERE broadcast_id = b.id AND recipient_id = f.id) x ON true"
    "     WHERE f.address_hash = k.address_hash"
    "     ORDER BY x.state = 'accepted' DESC, x.broadcast_id DESC LIMIT 1) d ON true"
    " ORDER BY c.id, k.id",
    .row = &proof_shape);

static const char *number(struct scope *s, int64_t value)
{
    return value == SHAPE_NONE ? NULL : scope_printf(s, "%lld", (long long)value);
}

static void add(struct scope *s, struct call *c, const char *domain, const struct proof *row)
{
    struct strbuf *b = &c->reply.body;
    STRBUF(id, 256);
    if (row->broadcast != SHAPE_NONE) {
        strbuf_addch(&id, '<');
        sign_message_id(c->api->keys, row->broadcast, row->recipient, &id);
        strbuf_addf(&id, "@%s>", domain);
    }
    csv_add(b, number(s, row->credit), false);
    csv_add(b, row->account, false);
    csv_add(b, row->contact, false);
    csv_add(b, "email", false);
    csv_add(b, row->outcome, false);
    csv_add(b, row->at == SHAPE_NONE ? NULL : clock_rfc3339(s, row->at), false);
    csv_add(b, number(s, row->code), false);
    csv_add(b, row->reason, false);
    csv_add(b, id.buf, true);
}

enum rc run_notices_proof(struct call *c)
{
    int64_t id;
    struct run run;
    char *name, *address = NULL;
    TRY(call_id(c, 0, &id));
    TRY(run_read(c->s, c->db, id, &run));
    TRY(mailaddr_split_mailbox(c->s, c->api->config->mail_from, &name, &address));
    strbuf_addstr(
        &c->reply.body, "credit,account,contact,channel,outcome,time,reply,reason,message_id\r\n");
    for (int64_t after = 0, more = 1; more;) {
        SCOPE(s);
        struct list rows;
        enum rc rc = db_all(
            s, c->db, &run_proof_page, PARAMS(P_INT(id), P_INT(after), P_INT(PROOF_PAGE)), &rows);
        if (rc != RC_OK)
            return fail_from(c->s, s);
        const struct proof *at = rows.at;
        for (size_t i = 0; i < rows.n; i++)
            add(s, c, strrchr(address, '@') + 1, &at[i]);
        more = rows.n;
        after = rows.n ? at[rows.n - 1].credit : 0;
    }
    c->reply.status = 200;
    c->reply.type = "text/csv; charset=utf-8";
    return RC_OK;
}
