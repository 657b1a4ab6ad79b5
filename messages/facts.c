#include "messages/facts.h"

#include <string.h>

#include "messages/credit_letter.h"

static const struct shape incident_row = SHAPE("StoryIncident", struct facts_incident,
    FIELD(TEXT, ref), FIELD(TEXT, title), FIELD(TEXT, title_in), FIELD(TEXT, kind),
    FIELD(TEXT, state), FIELD(TEXT, body), FIELD(TEXT, affected), FIELD(TEXT, body_in),
    FIELD(TEXT, auto_text), FIELD(TIME, scheduled_from), FIELD(TIME, scheduled_until),
    FIELD(INT, update_id), FIELD(TIME, posted_at), FIELD(TEXT, worst), FIELD(TEXT, covers),
    FIELD(TIME, started_at), FIELD(TIME, next_update_at), FIELD(BOOL, listed));

static const struct shape component_row = SHAPE("StoryComponent", struct facts_component,
    FIELD(TEXT, slug), FIELD(TEXT, name), FIELD(TEXT, name_in), FIELD(TEXT, level));

static const struct shape update_row = SHAPE("StoryUpdate", struct facts_update, FIELD(INT, id),
    FIELD(TEXT, state), FIELD(TEXT, body), FIELD(TEXT, affected), FIELD(TEXT, body_in),
    FIELD(TEXT, auto_text), FIELD(TIME, posted_at));

static const struct shape cause_row = SHAPE("StoryCause", struct credit_cause, FIELD(INT, id),
    FIELD(TEXT, ref), FIELD(TEXT, title), FIELD(TEXT, title_in), FIELD(TIME, from_at),
    FIELD(TIME, to_at), FIELD(BOOL, postmortem), FIELD(BOOL, listed));

static const struct shape news_row = SHAPE("StoryNews", struct facts_news, FIELD(INT, incident_id),
    FIELD(TEXT, ref), FIELD(TEXT, title), FIELD(TEXT, title_in), FIELD(TEXT, kind),
    FIELD(TEXT, state), FIELD(TEXT, now), FIELD(TEXT, body), FIELD(TEXT, affected),
    FIELD(TEXT, body_in), FIELD(TEXT, auto_text), FIELD(TIME, posted_at), FIELD(BOOL, listed));

STMT(facts_incident_read,
    "SELECT i.ref, i.title, i.translations AS title_in, i.kind, u.state, u.body,"
    " u.affected_body AS affected, u.translations AS body_in, u.auto AS auto_text, u.id AS "
    "update_id, "
    "u.posted_at,"
    " i.scheduled_from, i.scheduled_until,"
    " i.started_at, (SELECT max(m.level)::text FROM amends.current_impact m WHERE m.incident_id = "
    "i.id)"
    "   AS worst, amends.postmortem_covers(u.id)::text AS covers,"
    " (SELECT min(p.due_at) FROM promise p WHERE p.update_id = u.id) AS next_update_at,"
    " i.state <> 'retracted' AND i.audience <> 'affected' AS listed"
    " FROM incident_update u JOIN incident i ON i.id = u.incident_id WHERE u.id = $1",
    .row = &incident_row);

/* Levels as of the update. */
STMT(facts_components_read,
    "SELECT c.slug, c.name, c.translations AS name_in, (SELECT max(m.level)::text FROM "
    "amends.current_impact m"
    "   WHERE m.incident_id = u.incident_id AND m.component_id = c.id AND m.from_at <= u.posted_at"
    "   AND (m.to_at IS NULL OR m.to_at > u.posted_at)) AS level"
    " FROM incident_update u JOIN LATERAL (SELECT component_id FROM amends.current_impact"
    "     WHERE incident_id = u.incident_id UNION SELECT component_id FROM maintenance_component"
    "     WHERE incident_id = u.incident_id) t ON true JOIN component c ON c.id = t.component_id"
    " WHERE u.id = $1 ORDER BY c.name, c.id LIMIT 50",
    .row = &component_row);

STMT(facts_timeline_read,
    "SELECT id, state, body, affected_body AS affected, translations AS body_in, auto AS "
    "auto_text, posted_at FROM "
    "incident_update"
    " WHERE incident_id = $1 AND id < $2 ORDER BY id DESC LIMIT 5",
    .row = &update_row);

STMT(facts_causes_read, "SELECT * FROM amends.credit_causes($1)", .row = &cause_row);

/* now: the state in the day's last update, not a later one. */
STMT(facts_news_read,
    "SELECT u.incident_id, i.ref, i.title, i.translations AS title_in, i.kind, u.state, u.body,"
    " u.affected_body AS affected, u.translations AS body_in, u.auto AS auto_text,"
    " u.posted_at, last_value(u.state) OVER w AS now, i.audience <> 'affected' AS listed"
    " FROM amends.digest_news($1, $2::date) n JOIN incident_update u ON u.id = n.update_id"
    " JOIN incident i ON i.id = u.incident_id"
    " WINDOW w AS (PARTITION BY u.incident_id ORDER BY u.posted_at, u.id"
    "   ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
    " ORDER BY u.incident_id, u.posted_at, u.id LIMIT 200",
    .row = &news_row);

STMT(facts_brand_published, "SELECT published::text FROM brand", .row = &row_text);

enum rc facts_brand(struct scope *s, struct db *db, const char **ret)
{
    return db_one(s, db, &facts_brand_published, NO_PARAMS, ret);
}

static enum rc read_facts(
    struct scope *s, struct db *db, const struct broadcast *b, struct facts *facts)
{
    if (broadcast_is_of_credits(b))
        return db_all(s, db, &facts_causes_read, PARAMS(P_INT(b->credit_run_id)), &facts->causes);
    if (b->kind == KIND_DIGEST)
        return db_all(s, db, &facts_news_read,
            PARAMS(P_TEXT(b->digest_zone), P_TEXT(b->digest_day)), &facts->news);
    if (!broadcast_is_of_incident(b))
        return RC_OK;
    TRY(db_one(s, db, &facts_incident_read, PARAMS(P_INT(b->update_id)), &facts->incident));
    TRY(db_all(s, db, &facts_components_read, PARAMS(P_INT(b->update_id)), &facts->components));
    return db_all(s, db, &facts_timeline_read, PARAMS(P_INT(b->incident_id), P_INT(b->update_id)),
        &facts->timeline);
}

enum rc facts_read(struct scope *s, struct db *db, struct broadcast *b)
{
    if (b->facts)
        return RC_OK;
    struct facts *facts = SCOPE_NEW(b->scope, struct facts);
    enum rc rc = facts_brand(b->scope, db, &facts->brand);
    if (rc == RC_OK)
        rc = read_facts(b->scope, db, b, facts);
    if (rc != RC_OK)
        return fail_from(s, b->scope);
    b->facts = facts;
    return RC_OK;
}
