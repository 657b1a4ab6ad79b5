#include "notifier/audience.h"

#include <string.h>

#define SHAPE_STRUCT struct audience_row
static const struct field audience_fields[] = {
    FIELD(INT, id),
    FIELD(TEXT, address),
    FIELD(TEXT, sealed),
    FIELD(TEXT, secret),
    FIELD(TEXT, locale),
    FIELD(TEXT, timezone),
    FIELD(TEXT, settled),
    FIELD(TEXT, reason),
    FIELD(INT, attempts, .def = "0"),
    FIELD(TIME, first_at),
    FIELD(BOOL, possible_duplicate),
    FIELD(TEXT, contact_name),
    FIELD(TEXT, account_name),
    FIELD(TEXT, account_ref),
    FIELD(INT, credit_id),
    FIELD(TEXT, amount_text),
    FIELD(TEXT, currency),
    FIELD(TEXT, why_text),
};
static const struct shape audience_shape = SHAPE("AudienceRow", audience_fields);
#undef SHAPE_STRUCT

#define SUBSCRIBER_COLUMNS \
    "s.address, encode(s.sealed, 'hex') AS sealed," \
    " encode(s.secret_sealed, 'hex') AS secret, s.locale, s.timezone,"

/* Sub-selects, not joins: the planner must walk the ids in order and stop at the limit. */
#define IS_SUPPRESSED "(SELECT true FROM suppression u WHERE u.address_hash = s.address_hash)"

#define NOT_SETTLED \
    " AND (NOT $6::boolean OR NOT (" \
    "   EXISTS (SELECT FROM delivery d WHERE d.broadcast_id = $1 AND d.recipient_id = s.id)" \
    "   OR EXISTS (SELECT FROM delivery_retry r WHERE r.broadcast_id = $1" \
    "     AND r.recipient_id = s.id)))"

STMT(audience_of_update,
    "SELECT s.id, " SUBSCRIBER_COLUMNS " CASE WHEN " IS_SUPPRESSED " THEN 'suppressed'"
    "   WHEN ((s.verbosity = 'every' AND $7::boolean)"
    "     OR (s.verbosity = 'milestones' AND $8::boolean)) THEN 'superseded' END AS settled"
    " FROM subscriber s"
    " WHERE s.channel = $2::channel AND s.state = 'active' AND s.id > $3 AND s.id <= $4"
    " AND (s.verbosity = 'every' OR (s.verbosity = 'milestones' AND $9::boolean))"
    " AND (SELECT true FROM subscription x WHERE x.subscriber_id = s.id AND CASE x.kind"
    "   WHEN 'all' THEN true"
    "   WHEN 'incident' THEN x.target_id = $10"
    "   WHEN 'component' THEN x.target_id = ANY (ARRAY(SELECT m.component_id FROM impact m"
    "     JOIN impact_revision v ON v.id = m.revision_id WHERE v.incident_id = $10))"
    "   WHEN 'group' THEN x.target_id = ANY (ARRAY(SELECT c.group_id FROM impact m"
    "     JOIN impact_revision v ON v.id = m.revision_id JOIN component c ON c.id = m.component_id"
    "     WHERE v.incident_id = $10)) END LIMIT 1)" NOT_SETTLED " ORDER BY s.id LIMIT $5",
    .row = &audience_shape);

STMT(audience_of_notice,
    "SELECT s.id, " SUBSCRIBER_COLUMNS " CASE WHEN " IS_SUPPRESSED
    " THEN 'suppressed' END AS settled"
    " FROM subscriber s"
    " WHERE s.channel = $2::channel AND s.state = 'active' AND s.id > $3 AND s.id <= $4" NOT_SETTLED
    " ORDER BY s.id LIMIT $5",
    .row = &audience_shape);

STMT(audience_of_confirmation,
    "SELECT s.id, " SUBSCRIBER_COLUMNS " CASE WHEN " IS_SUPPRESSED
    " THEN 'suppressed' END AS settled"
    " FROM subscriber s"
    " WHERE s.channel = $2::channel AND s.state IN ('pending', 'active')"
    " AND s.id > $3 AND s.id <= $4" NOT_SETTLED " ORDER BY s.id LIMIT $5",
    .row = &audience_shape);

#define CONTACT_COLUMNS \
    "s.email AS address, s.locale, a.timezone, s.name AS contact_name," \
    " a.name AS account_name, a.external_id AS account_ref, c.id AS credit_id, c.currency," \
    " round(c.amount_minor / 10::numeric ^ c.exponent, c.exponent::integer)::text" \
    "   || ' ' || c.currency AS amount_text," \
    " (SELECT string_agg(l.period_from || ' to ' || l.period_to || ': '" \
    "     || round(l.amount_minor / 10::numeric ^ c.exponent, c.exponent::integer)" \
    "     || ' ' || c.currency, E'\\n' ORDER BY l.period_from)" \
    "   FROM credit_line l WHERE l.credit_id = c.id) AS why_text,"

STMT(audience_of_credits,
    "SELECT s.id, " CONTACT_COLUMNS " CASE WHEN " IS_SUPPRESSED " THEN 'suppressed' END AS settled"
    " FROM account_contact s JOIN account a ON a.id = s.account_id"
    " JOIN credit c ON c.account_id = s.account_id AND c.run_id = $7"
    "   AND c.state IN ('issued', 'acknowledged')"
    " WHERE $2::text = 'email' AND s.id > $3 AND s.id <= $4" NOT_SETTLED " ORDER BY s.id LIMIT $5",
    .row = &audience_shape);

#define DUE_WHERE \
    " WHERE r.broadcast_id = $1 AND r.channel = $2::channel" \
    " AND CASE WHEN $3::bigint = 0 THEN r.batch_id IS NULL AND r.due_at <= now()" \
    "   ELSE r.batch_id = $3 END" \
    " ORDER BY r.recipient_id LIMIT $4 FOR UPDATE OF r SKIP LOCKED"

STMT(audience_due_subscribers,
    "SELECT r.recipient_id AS id, " SUBSCRIBER_COLUMNS
    " r.attempts, r.first_at, r.possible_duplicate,"
    " CASE WHEN b.state = 'cancelled' THEN 'failed'"
    "   WHEN s.id IS NULL OR s.state NOT IN ('active', 'pending') OR " IS_SUPPRESSED
    "   THEN 'suppressed'"
    "   WHEN b.kind = 'update' AND ((s.verbosity = 'every' AND $5::boolean)"
    "     OR (s.verbosity = 'milestones' AND $6::boolean)) THEN 'superseded' END AS settled,"
    " CASE WHEN b.state = 'cancelled' THEN 'cancelled' END AS reason"
    " FROM delivery_retry r JOIN broadcast b ON b.id = r.broadcast_id"
    " LEFT JOIN subscriber s ON s.id = r.recipient_id" DUE_WHERE,
    .row = &audience_shape);

STMT(audience_due_contacts,
    "SELECT r.recipient_id AS id, " CONTACT_COLUMNS " r.attempts, r.first_at, r.possible_duplicate,"
    " CASE WHEN b.state = 'cancelled' THEN 'failed'"
    "   WHEN c.state IS NULL OR c.state NOT IN ('issued', 'acknowledged') OR " IS_SUPPRESSED
    "   THEN 'suppressed' END AS settled,"
    " CASE WHEN b.state = 'cancelled' THEN 'cancelled' END AS reason"
    " FROM delivery_retry r JOIN broadcast b ON b.id = r.broadcast_id"
    " LEFT JOIN account_contact s ON s.id = r.recipient_id"
    " LEFT JOIN account a ON a.id = s.account_id"
    " LEFT JOIN credit c ON c.account_id = s.account_id AND c.run_id = b.credit_run_id" DUE_WHERE,
    .row = &audience_shape);

static bool is_kind(const struct broadcast *b, const char *kind)
{
    return !strcmp(b->kind, kind);
}

enum rc audience_read(struct scope *s, struct db *db, const struct broadcast *b,
    const struct audience_range *range, struct list *ret)
{
    const char *channel = channel_name[range->channel];
#define RANGE \
    P_INT(b->id), P_TEXT(channel), P_INT(range->lo), P_INT(range->hi), P_INT(range->limit), \
        P_BOOL(range->orphan)
    if (is_kind(b, "update"))
        return db_all(s, db, &audience_of_update,
            PARAMS(RANGE, P_BOOL(range->newer_every), P_BOOL(range->newer_milestone),
                P_BOOL(b->milestone), P_INT(b->incident_id)),
            ret);
    if (is_kind(b, "credit_notice"))
        return db_all(s, db, &audience_of_credits, PARAMS(RANGE, P_INT(b->credit_run_id)), ret);
    const struct stmt *stmt =
        is_kind(b, "confirmation") ? &audience_of_confirmation : &audience_of_notice;
    return db_all(s, db, stmt, PARAMS(RANGE), ret);
#undef RANGE
}

enum rc audience_due(struct scope *s, struct db *db, const struct broadcast *b,
    const struct audience_range *range, int64_t batch_id, struct list *ret)
{
    const char *channel = channel_name[range->channel];
    if (is_kind(b, "credit_notice"))
        return db_all(s, db, &audience_due_contacts,
            PARAMS(P_INT(b->id), P_TEXT(channel), P_INT(batch_id), P_INT(range->limit)), ret);
    return db_all(s, db, &audience_due_subscribers,
        PARAMS(P_INT(b->id), P_TEXT(channel), P_INT(batch_id), P_INT(range->limit),
            P_BOOL(range->newer_every), P_BOOL(range->newer_milestone)),
        ret);
}
