/* GET PUT /v1/incidents/{ref}/impacts: the impact windows that determine credits; a correction is a
 * complete new revision. */
#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/call/lookup.h"
#include "api/incidents/incidents.h"

static const char *const levels[] = {
    "degraded_performance", "partial_outage", "major_outage", "under_maintenance", NULL};

SHAPE_EXTERN(struct impact, impact_shape, "Impact",
    FIELD(TEXT, component, .required = true, .min = 1, .max = 64, .doc = "Slug."),
    FIELD(TEXT, level, .required = true, .one_of = levels, .doc = "Impact level."),
    FIELD(TIME, from, .required = true, .doc = "Start."),
    FIELD(TIME, to, .doc = "End, exclusive; absent or null: still open."),
    FIELD(BOOL, estimated, .doc = "Whether the window is an estimate."));

struct impacts {
    struct list impacts;
    int64_t revision;
    const char *reason;
};
const struct shape new_impacts_shape = SHAPE("NewImpacts", struct impacts,
    FIELD(LIST, impacts, .required = true, .of = &impact_shape, .max = 1000,
        .doc = "The complete set, which replaces the current one."));
const struct shape impacts_shape = SHAPE("Impacts", struct impacts,
    FIELD(LIST, impacts, .required = true, .of = &impact_shape, .doc = "The complete set."),
    FIELD(INT, revision, .doc = "Number of this revision."),
    FIELD(TEXT, reason, .doc = "post or correction."));

SHAPE_STATIC(struct incident_revision, incident_revision_shape, "IncidentRevision", FIELD(INT, id),
    FIELD(INT, revision), FIELD(TEXT, reason));

STMT(impact_incident,
    "SELECT i.id, r.id AS revision, r.reason FROM incident i"
    "  LEFT JOIN impact_revision r ON r.id = i.impact_revision_id WHERE i.ref = $1",
    .row = &incident_revision_shape);
STMT(impact_incident_lock, "SELECT id FROM incident WHERE ref = $1 FOR NO KEY UPDATE",
    .row = &row_int);
STMT(impact_all,
    "SELECT c.slug AS component, m.level::text AS level, m.from_at AS from, m.to_at AS to,"
    "       m.estimated"
    "  FROM amends.current_impact m JOIN component c ON c.id = m.component_id"
    " WHERE m.incident_id = $1 ORDER BY m.from_at, m.id",
    .row = &impact_shape);
STMT(impact_correction,
    "INSERT INTO impact_revision (incident_id, reason, created_by) VALUES ($1, 'correction', $2)"
    " RETURNING id",
    .row = &row_int);
STMT(impact_insert,
    "INSERT INTO impact (revision_id, component_id, level, from_at, to_at, estimated)"
    " VALUES ($1, $2, $3::impact_level, $4, $5, $6)");
STMT(impact_make_current, "UPDATE incident SET impact_revision_id = $2 WHERE id = $1");

static enum rc reply_impacts(struct call *c)
{
    struct incident_revision head;
    TRY(IF_NONE(db_one(c->s, c->db, &impact_incident, PARAMS(P_TEXT(c->param[0])), &head),
        fail(c->s, RC_NOT_FOUND, "no incident \"%.100s\"", c->param[0])));
    struct impacts reply = {.revision = head.revision, .reason = head.reason};
    TRY(db_all(c->s, c->db, &impact_all, PARAMS(P_INT(head.id)), &reply.impacts));
    return reply_object(c, &reply);
}

enum rc impact_get(struct call *c)
{
    return reply_impacts(c);
}

static enum rc check_times(struct scope *s, const struct list *impacts)
{
    const struct impact *at = impacts->at;
    for (size_t i = 0; i < impacts->n; i++)
        if (at[i].to != SHAPE_NONE && at[i].to <= at[i].from)
            return fail_field(
                s, RC_INVALID, scope_printf(s, "impacts[%zu].to", i), "must be later than from");
    return RC_OK;
}

/* A component may have several windows, so look up each one. */
static enum rc insert_one(
    struct scope *s, struct db *db, int64_t revision, const struct impact *impact, size_t i)
{
    int64_t *id;
    TRY(lookup_components(s, db, &(struct texts){.at = &impact->component, .n = 1},
        scope_printf(s, "impacts[%zu].component", i), &id));
    return db_do(s, db, &impact_insert,
        PARAMS(P_INT(revision), P_INT(*id), P_TEXT(impact->level), P_TIME(impact->from),
            P_TIME(impact->to), P_BOOL(impact->estimated)),
        NULL);
}

static enum rc replace(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    const struct impacts *in = c->body;
    int64_t incident, revision;
    TRY(IF_NONE(db_one(s, db, &impact_incident_lock, PARAMS(P_TEXT(c->param[0])), &incident),
        fail(s, RC_NOT_FOUND, "no incident \"%.100s\"", c->param[0])));
    TRY(db_one(s, db, &impact_correction, PARAMS(P_INT(incident), P_INT(c->key->id)), &revision));
    for (size_t i = 0; i < in->impacts.n; i++)
        TRY(insert_one(s, db, revision, (const struct impact *)in->impacts.at + i, i));
    TRY(db_do(s, db, &impact_make_current, PARAMS(P_INT(incident), P_INT(revision)), NULL));
    return audit_add(s, db, call_actor(c), "impacts.correct", c->param[0],
        scope_printf(s, "{\"revision\":%lld}", (long long)revision));
}

enum rc impact_replace(struct call *c)
{
    const struct impacts *in = c->body;
    TRY(check_times(c->s, &in->impacts));
    TRY(db_txn(c->s, c->db, replace, c));
    return reply_impacts(c);
}

SHAPE_EXTERN(struct evidence_warning, credit_evidence_warning_shape, "EvidenceWarning",
    FIELD(TEXT, code, .required = true, .doc = "impact_before_post, open_impact, ..."),
    FIELD(TEXT, text, .required = true, .doc = "Text in English."),
    FIELD(RAW, detail, .required = true,
        .doc = "{incident, seconds, until}: the values in the text."));

STMT(impact_warnings,
    "SELECT w.code, w.text, w.detail FROM incident i, amends.credit_evidence_warnings(array[i.id],"
    "   array[i.impact_revision_id], now()) w WHERE i.id = $1",
    .row = &credit_evidence_warning_shape);

enum rc incident_warning_list(struct call *c)
{
    struct incident_revision head;
    struct list rows;
    TRY(IF_NONE(db_one(c->s, c->db, &impact_incident, PARAMS(P_TEXT(c->param[0])), &head),
        fail(c->s, RC_NOT_FOUND, "no incident \"%.100s\"", c->param[0])));
    TRY(db_all(c->s, c->db, &impact_warnings, PARAMS(P_INT(head.id)), &rows));
    return reply_list(c, rows, NULL);
}
