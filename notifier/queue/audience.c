#include "notifier/queue/audience.h"

#include <string.h>

#include "messages/audience_sql.h"
#include "notifier/queue/staff.h"

const struct shape audience_shape = SHAPE("AudienceRow", struct audience_row, FIELD(INT, id),
    FIELD(INT, batch_id, .def = "0"), FIELD(INT, lease, .def = "0"), FIELD(TEXT, address),
    FIELD(TEXT, sealed), FIELD(TEXT, secret), FIELD(TEXT, locale), FIELD(TEXT, timezone),
    FIELD(TEXT, format), FIELD(TEXT, settled), FIELD(TEXT, reason),
    FIELD(INT, attempts, .def = "0"), FIELD(TIME, first_at), FIELD(BOOL, possible_duplicate),
    FIELD(TEXT, selection), FIELD(TEXT, contact_name), FIELD(TEXT, account_name),
    FIELD(TEXT, account_ref), FIELD(INT, credit_id), FIELD(TEXT, amounts), FIELD(TEXT, currency),
    FIELD(TEXT, why), FIELD(TEXT, days));

#define NOT_SETTLED \
    " AND NOT (EXISTS (SELECT FROM delivery d WHERE d.broadcast_id = $1" \
    "     AND d.recipient_id = s.id)" \
    "   OR EXISTS (SELECT FROM delivery_retry r WHERE r.broadcast_id = $1" \
    "     AND r.recipient_id = s.id)) ORDER BY s.id"

STMT(audience_of_update,
    "SELECT s.id, " AUDIENCE_SUBSCRIBER_COLUMNS AUDIENCE_UPDATE_SETTLED(
        "$5::boolean", "$6::boolean", "") AUDIENCE_SUBSCRIBERS("$3", "$4")
        AUDIENCE_UPDATE_WHERE("$3", "$4") NOT_SETTLED,
    .row = &audience_shape);

STMT(audience_of_notice,
    "SELECT s.id, " AUDIENCE_SUBSCRIBER_COLUMNS AUDIENCE_SUPPRESSED AUDIENCE_SUBSCRIBERS("$3", "$4")
        AUDIENCE_NO_BILLING NOT_SETTLED,
    .row = &audience_shape);

STMT(audience_of_confirmation,
    "SELECT s.id, " AUDIENCE_SUBSCRIBER_COLUMNS AUDIENCE_SUPPRESSED
    " FROM (SELECT *" AUDIENCE_ONE("$3", "$4") ") s WHERE true" NOT_SETTLED,
    .row = &audience_shape);

STMT(audience_of_credits,
    "SELECT s.id, " AUDIENCE_CONTACT_COLUMNS AUDIENCE_SUPPRESSED AUDIENCE_CONTACTS(
        "$3", "$4") " AND $5::boolean IS NOT NULL AND $6::boolean IS NOT NULL" NOT_SETTLED,
    .row = &audience_shape);

STMT(audience_of_digest,
    "SELECT s.id, " AUDIENCE_SUBSCRIBER_COLUMNS " g.selection," AUDIENCE_SUPPRESSED AUDIENCE_DIGEST(
        "$3", "$4") " AND $5::boolean IS NOT NULL AND $6::boolean IS NOT NULL" NOT_SETTLED,
    .row = &audience_shape);

#define DUE_WHERE \
    " WHERE r.broadcast_id = $1 AND r.channel = $2::channel" \
    " AND CASE WHEN $3::bigint = 0 THEN r.batch_id IS NULL AND r.due_at <= now()" \
    "   ELSE r.batch_id = $3 END" \
    " ORDER BY r.recipient_id LIMIT $4 FOR UPDATE OF r SKIP LOCKED"

STMT(audience_due_subscribers,
    "SELECT r.recipient_id AS id, " AUDIENCE_SUBSCRIBER_COLUMNS
    " r.attempts, r.first_at, r.possible_duplicate,"
    " CASE WHEN b.state = 'cancelled' THEN 'failed'"
    "   WHEN s.id IS NULL OR s.state NOT IN ('active', 'pending', 'paused') "
    "OR " AUDIENCE_IS_SUPPRESSED "   THEN 'suppressed'"
    "   WHEN b.kind IN ('update', 'reminder') AND NOT r.replay AND ((s.verbosity = 'every' AND "
    "$5::boolean)"
    "     OR (s.verbosity = 'milestones' AND $6::boolean)) THEN 'superseded' END AS settled,"
    " CASE WHEN b.state = 'cancelled' THEN 'cancelled' END AS reason"
    " FROM delivery_retry r JOIN broadcast b ON b.id = r.broadcast_id" AUDIENCE_FREE
    " LEFT JOIN subscriber s ON s.id = r.recipient_id" DUE_WHERE,
    .row = &audience_shape);

STMT(audience_due_digest,
    "SELECT r.recipient_id AS id, " AUDIENCE_SUBSCRIBER_COLUMNS
    " r.attempts, r.first_at, r.possible_duplicate, g.selection,"
    " CASE WHEN b.state = 'cancelled' THEN 'failed'"
    "   WHEN s.id IS NULL OR s.state <> 'active' OR g.selection IS NULL"
    "   OR " AUDIENCE_IS_SUPPRESSED " THEN 'suppressed' END AS settled,"
    " CASE WHEN b.state = 'cancelled' THEN 'cancelled' END AS reason"
    " FROM delivery_retry r JOIN broadcast b ON b.id = r.broadcast_id"
    " LEFT JOIN subscriber s ON s.id = r.recipient_id" AUDIENCE_SELECTION(
        "b.digest_zone", "b.digest_day") DUE_WHERE,
    .row = &audience_shape);

/* The owners of an endpoint that ended. */
STMT(audience_due_owners,
    "SELECT r.recipient_id AS id, s.owner AS address, s.locale, s.timezone, r.attempts, r.first_at,"
    " r.possible_duplicate, CASE WHEN s.owner IS NULL THEN 'suppressed' END AS settled"
    " FROM delivery_retry r LEFT JOIN subscriber s ON s.id = r.recipient_id" DUE_WHERE,
    .row = &audience_shape);

/* $5: the places where staff are reached now. A place that is the e-mail of one of them has their
 * language. */
STMT(audience_due_staff,
    "SELECT r.recipient_id AS id, p.address, p.locale, p.timezone, r.attempts, r.first_at,"
    " r.possible_duplicate,"
    " CASE WHEN b.state = 'cancelled' THEN 'failed' WHEN p.address IS NULL THEN 'suppressed' END"
    "   AS settled, CASE WHEN b.state = 'cancelled' THEN 'cancelled' END AS reason"
    " FROM delivery_retry r JOIN broadcast b ON b.id = r.broadcast_id"
    " LEFT JOIN LATERAL ("
    "   SELECT t.address, m.locale, m.timezone FROM unnest($5::text[]) WITH ORDINALITY AS"
    "       t(address, n) LEFT JOIN staff m ON m.id = (SELECT min(id) FROM staff"
    "         WHERE email = t.address AND disabled_at IS NULL) WHERE t.n = -r.recipient_id"
    "   UNION ALL SELECT CASE r.channel WHEN 'sms' THEN m.phone ELSE m.email END, m.locale,"
    "       m.timezone FROM staff m WHERE m.disabled_at IS NULL"
    "     AND m.id = (" STAFF_PERSON " - r.recipient_id) / 2 AND NOT (r.channel = 'sms'"
    "       AND EXISTS (SELECT FROM suppression x WHERE x.address_hash = m.phone_hash"
    "         AND x.reason <> 'erased'))) p ON true" DUE_WHERE,
    .row = &audience_shape);

/* The old address of a subscriber that moved to another. */
STMT(audience_due_moved,
    "SELECT r.recipient_id AS id, m.old_address AS address, encode(m.old_sealed, 'hex') AS sealed,"
    " encode(s.secret_sealed, 'hex') AS secret, s.locale, s.timezone, s.format, r.attempts,"
    " r.first_at, r.possible_duplicate,"
    " CASE WHEN m.old_address IS NULL THEN 'suppressed' END AS settled"
    " FROM delivery_retry r LEFT JOIN move m ON m.broadcast_id = r.broadcast_id"
    " LEFT JOIN subscriber s ON s.id = r.recipient_id" DUE_WHERE,
    .row = &audience_shape);

/* The sender of HELP, or the member of staff who asked for the test of a post. */
STMT(audience_due_help,
    "SELECT r.recipient_id AS id, b.extra->>'to' AS address, b.extra->>'locale' AS locale,"
    " r.attempts, r.first_at, r.possible_duplicate,"
    " CASE WHEN b.extra->>'to' IS NULL THEN 'suppressed' END AS settled"
    " FROM delivery_retry r JOIN broadcast b ON b.id = r.broadcast_id" DUE_WHERE,
    .row = &audience_shape);

STMT(audience_due_contacts,
    "SELECT r.recipient_id AS id, " AUDIENCE_CONTACT_COLUMNS
    " r.attempts, r.first_at, r.possible_duplicate,"
    " CASE WHEN b.state = 'cancelled' THEN 'failed'"
    "   WHEN l.credit_id IS NULL OR " AUDIENCE_IS_SUPPRESSED "   THEN 'suppressed' END AS settled,"
    " CASE WHEN b.state = 'cancelled' THEN 'cancelled' END AS reason"
    " FROM delivery_retry r JOIN broadcast b ON b.id = r.broadcast_id"
    " LEFT JOIN account_contact s ON s.id = r.recipient_id"
    " LEFT JOIN account a ON a.id = s.account_id"
    " LEFT JOIN LATERAL amends.credit_letter(b.credit_run_id, s.id) l ON true" DUE_WHERE,
    .row = &audience_shape);

/* The contact that asked for a review. */
STMT(audience_due_answer,
    "SELECT r.recipient_id AS id, s.email AS address, s.locale,"
    " (b.extra->>'credit')::bigint AS credit_id, r.attempts, r.first_at, r.possible_duplicate,"
    " CASE WHEN b.state = 'cancelled' THEN 'failed'"
    "   WHEN s.id IS NULL OR " AUDIENCE_IS_SUPPRESSED " THEN 'suppressed' END AS settled,"
    " CASE WHEN b.state = 'cancelled' THEN 'cancelled' END AS reason"
    " FROM delivery_retry r JOIN broadcast b ON b.id = r.broadcast_id"
    " LEFT JOIN account_contact s ON s.id = r.recipient_id" DUE_WHERE,
    .row = &audience_shape);

/* The notice to a contact, sent as a test to another address, even if that is suppressed. */
STMT(audience_due_test,
    "SELECT r.recipient_id AS id, b.extra->>'to' AS address,"
    " coalesce(b.extra->>'locale', s.locale) AS locale," AUDIENCE_LETTER
    " r.attempts, r.first_at, r.possible_duplicate,"
    " CASE WHEN b.state = 'cancelled' THEN 'failed' WHEN l.credit_id IS NULL THEN 'suppressed' END"
    "   AS settled, CASE WHEN b.state = 'cancelled' THEN 'cancelled' END AS reason"
    " FROM delivery_retry r JOIN broadcast b ON b.id = r.broadcast_id"
    " LEFT JOIN account_contact s ON s.id = (b.extra->>'contact')::bigint"
    " LEFT JOIN account a ON a.id = s.account_id"
    " LEFT JOIN LATERAL amends.credit_letter(b.credit_run_id, s.id) l ON true" DUE_WHERE,
    .row = &audience_shape);

enum rc audience_left(struct scope *s, struct db *db, const struct broadcast *b,
    const struct audience_range *range, struct list *ret)
{
#define RANGE P_INT(b->id), P_TEXT(channel_name[range->channel]), P_INT(range->lo), P_INT(range->hi)
#define NEWER P_BOOL(range->newer_every), P_BOOL(range->newer_milestone)
    if (broadcast_is_of_incident(b))
        return db_all(s, db, &audience_of_update,
            PARAMS(RANGE, NEWER, P_BOOL(b->milestone), P_TEXT(b->incidents)), ret);
    if (b->kind == KIND_CREDIT_NOTICE)
        return db_all(
            s, db, &audience_of_credits, PARAMS(RANGE, NEWER, P_INT(b->credit_run_id)), ret);
    if (b->kind == KIND_DIGEST)
        return db_all(s, db, &audience_of_digest,
            PARAMS(RANGE, NEWER, P_TEXT(b->digest_zone), P_TEXT(b->digest_day)), ret);
    const struct stmt *stmt = b->kind == KIND_CONFIRMATION || b->kind == KIND_MANAGE
                                  ? &audience_of_confirmation
                                  : &audience_of_notice;
    return db_all(s, db, stmt, PARAMS(RANGE), ret);
#undef NEWER
#undef RANGE
}

/* Kinds whose recipients are not subscribers as they are now. */
static const struct {
    enum kind kind;
    const struct stmt *stmt;
} due[] = {
    {.kind = KIND_CREDIT_NOTICE, .stmt = &audience_due_contacts},
    {.kind = KIND_CREDIT_ANSWER, .stmt = &audience_due_answer},
    {.kind = KIND_CREDIT_TEST, .stmt = &audience_due_test},
    {.kind = KIND_ENDPOINT, .stmt = &audience_due_owners},
    {.kind = KIND_MOVED, .stmt = &audience_due_moved},
    {.kind = KIND_HELP, .stmt = &audience_due_help},
    {.kind = KIND_POST_TEST, .stmt = &audience_due_help},
    {.kind = KIND_DIGEST, .stmt = &audience_due_digest},
};

enum rc audience_due(struct scope *s, struct db *db, const struct broadcast *b,
    const struct audience_range *range, int64_t batch_id, struct list *ret)
{
#define DUE P_INT(b->id), P_TEXT(channel_name[range->channel]), P_INT(batch_id), P_INT(range->limit)
    for (size_t i = 0; i < sizeof due / sizeof due[0]; i++)
        if (b->kind == due[i].kind)
            return db_all(s, db, due[i].stmt, PARAMS(DUE), ret);
    if (b->kind == KIND_STAFF) {
        struct staff staff = staff_places(s, range->config);
        return db_all(s, db, &audience_due_staff, PARAMS(DUE, P_TEXTS(s, &staff.addresses)), ret);
    }
    return db_all(s, db, &audience_due_subscribers,
        PARAMS(DUE, P_BOOL(range->newer_every), P_BOOL(range->newer_milestone)), ret);
#undef DUE
}
