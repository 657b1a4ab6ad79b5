#ifndef MESSAGES_AUDIENCE_SQL_H
#define MESSAGES_AUDIENCE_SQL_H
/*
 * The audiences as fragments of SQL: fresh.c puts them into the statements that claim, audience.c
 * into those that read a range again. In all of them $1 is the broadcast, $2 the channel, $7 to $8
 * what the kind needs: of an update milestone and incidents, of a credit notice the run, of a
 * digest zone and day. s is the recipient's row.
 *
 * A range is (lo, hi]. The range of a claim has a fixed number of rows: where the audience is a
 * small part of them, a claim may find no recipient and still moves its cursor.
 */

#define AUDIENCE_SUBSCRIBER_COLUMNS \
    "s.address, encode(s.sealed, 'hex') AS sealed," \
    " encode(s.secret_sealed, 'hex') AS secret, s.locale, s.timezone, s.format,"

/* Sub-selects, not joins: the planner must walk the ids in order and stop at the limit. */
#define AUDIENCE_IS_SUPPRESSED \
    "(SELECT true FROM suppression u WHERE u.address_hash = s.address_hash)"

#define AUDIENCE_SUPPRESSED " CASE WHEN " AUDIENCE_IS_SUPPRESSED " THEN 'suppressed' END AS settled"

/* Subscribers are read from subscriber_fanout_idx. The row comparison rules out an index on id
 * alone, which would walk past the subscribers of all other channels. */
#define AUDIENCE_ROWS(lo, hi) \
    " FROM subscriber WHERE state = 'active'" \
    " AND (channel, id) > ($2::channel, " lo ") AND (channel, id) <= ($2::channel, " hi ")"

/* The recipient of a confirmation. */
#define AUDIENCE_ONE(lo, hi) \
    " FROM subscriber WHERE channel = $2::channel AND state IN ('pending', 'active', 'paused')" \
    " AND id > " lo " AND id <= " hi

/* Endpoints of billing systems get no notices to readers. */
#define AUDIENCE_NO_BILLING \
    " WHERE NOT EXISTS (SELECT FROM subscription x WHERE x.subscriber_id = s.id" \
    "   AND x.kind = 'credits')"

#define AUDIENCE_BY_CHANNEL "s.channel, s.id"

/* LIMIT keeps the walk apart from the conditions per row. */
#define AUDIENCE_SUBSCRIBERS(lo, hi) \
    " FROM (SELECT *" AUDIENCE_ROWS(lo, hi) " ORDER BY channel, id LIMIT ALL) s"

/* otherwise: a further reason not to send to a recipient now, as a WHEN of the CASE. */
#define AUDIENCE_UPDATE_SETTLED(newer_every, newer_milestone, otherwise) \
    " CASE WHEN " AUDIENCE_IS_SUPPRESSED " THEN 'suppressed'" \
    "   WHEN ((s.verbosity = 'every' AND " newer_every ")" \
    "     OR (s.verbosity = 'milestones' AND " newer_milestone ")) THEN 'superseded'" otherwise \
    " END AS settled"

/* Recipients to whom an older update of the incident is being sent, and who are slow to take it
 * (park.h). They receive this one once that one has an outcome. */
#define AUDIENCE_HELD(incident) \
    " WHEN s.id IN (SELECT h.recipient_id FROM broadcast o" \
    "   JOIN delivery_retry h ON h.broadcast_id = o.id WHERE o.incident_id = " incident \
    "   AND o.kind IN ('update', 'reminder') AND o.id < $1 AND h.batch_id IS NOT NULL) THEN " \
    "'held'"

/* Retry r of broadcast b, once no such older update holds it up. */
#define AUDIENCE_FREE \
    " AND NOT (b.kind IN ('update', 'reminder') AND r.attempts = 0 AND r.batch_id IS NULL AND " \
    "EXISTS (" \
    "   SELECT FROM broadcast o JOIN delivery_retry h ON h.broadcast_id = o.id" \
    "   WHERE o.incident_id = b.incident_id AND o.kind IN ('update', 'reminder') AND o.id < b.id" \
    "   AND h.recipient_id = r.recipient_id AND h.batch_id IS NOT NULL))"

/* Whether subscription x covers this incident, by the components of its plan and all revisions. */
#define AUDIENCE_HEARS(incident) \
    "CASE x.kind" \
    "   WHEN 'all' THEN true" \
    "   WHEN 'incident' THEN x.target_id = " incident \
    "   WHEN 'component' THEN x.target_id = ANY (ARRAY(SELECT m.component_id" \
    "     FROM amends.incident_component m WHERE m.incident_id = " incident "))" \
    "   WHEN 'group' THEN x.target_id = ANY (ARRAY(SELECT c.group_id FROM " \
    "amends.incident_component m" \
    "     JOIN component c ON c.id = m.component_id WHERE m.incident_id = " incident ")) END"

/* Whether mute z excludes it: the incident, or a component when no other one is unmuted. */
#define AUDIENCE_LEAVES_OUT(incident) \
    "CASE z.kind" \
    "   WHEN 'incident' THEN z.target_id = " incident \
    "   ELSE EXISTS (SELECT FROM amends.incident_component m WHERE m.incident_id = " incident \
    "     AND m.component_id = z.target_id) AND NOT EXISTS (SELECT FROM " \
    "amends.incident_component m" \
    "     WHERE m.incident_id = " incident " AND NOT EXISTS (SELECT FROM mute y" \
    "       WHERE y.subscriber_id = z.subscriber_id AND y.kind = 'component'" \
    "         AND y.target_id = m.component_id)) END"

/* Whether subscriber s receives it. */
#define AUDIENCE_SUBSCRIBED(incident) \
    "(SELECT true FROM subscription x WHERE x.subscriber_id = s.id" \
    "   AND " AUDIENCE_HEARS(incident) " LIMIT 1)"

#define AUDIENCE_MUTED(incident) \
    "(SELECT true FROM mute z WHERE z.subscriber_id = s.id" \
    "   AND " AUDIENCE_LEAVES_OUT(incident) " LIMIT 1)"

#define AUDIENCE_INCIDENTS "ANY ($8::bigint[])"

/* The subscribers of a range who receive the incidents, as two sets that are read once: a look-up
 * per subscriber costs three times as much. IS TRUE keeps the planner from joining them. */
#define AUDIENCE_UPDATE_WHERE(lo, hi) \
    " WHERE (s.verbosity = 'every' OR (s.verbosity = 'milestones' AND $7::boolean))" \
    " AND (s.id IN (SELECT x.subscriber_id FROM subscription x WHERE x.subscriber_id > " lo \
    "   AND x.subscriber_id <= " hi " AND " AUDIENCE_HEARS( \
        AUDIENCE_INCIDENTS) ")) IS TRUE" \
                            " AND (s.id IN (SELECT z.subscriber_id FROM mute z WHERE " \
                            "z.subscriber_id > " lo "   AND z.subscriber_id <= " hi \
                            " AND " AUDIENCE_LEAVES_OUT(AUDIENCE_INCIDENTS) ")) IS NOT TRUE"

/* $7: the zone, $8: the day. selection: "3,17", the incidents of the day that s receives. */
#define AUDIENCE_SELECTION(zone, day) \
    " CROSS JOIN LATERAL (SELECT string_agg(i::text, ',' ORDER BY i) AS selection" \
    "   FROM unnest(ARRAY(SELECT DISTINCT incident_id FROM amends.digest_news(" zone ", " day \
    "))) AS i" \
    "   WHERE " AUDIENCE_SUBSCRIBED("i") " AND " AUDIENCE_MUTED("i") " IS NULL) g"

#define AUDIENCE_DIGEST(lo, hi) \
    AUDIENCE_SUBSCRIBERS(lo, hi) \
    AUDIENCE_SELECTION("$7", "$8::date") \
    " WHERE s.verbosity = 'daily' AND s.timezone = $7" \
    " AND g.selection IS NOT NULL"

/* l: the result of credit_letter; a: the contact's account. */
#define AUDIENCE_LETTER \
    " a.timezone, s.name AS contact_name, l.account_name, l.account_ref, l.credit_id, l.currency," \
    " l.amounts, l.why, l.days, l.selection,"

#define AUDIENCE_CONTACT_COLUMNS "s.email AS address, s.locale," AUDIENCE_LETTER

#define AUDIENCE_CONTACT_ROWS(lo, hi) \
    " FROM account_contact WHERE $2::text = 'email' AND id > " lo " AND id <= " hi

/* A look-up per contact. */
#define AUDIENCE_CONTACTS(lo, hi) \
    " FROM (SELECT *" AUDIENCE_CONTACT_ROWS( \
        lo, hi) " ORDER BY id LIMIT ALL) s" \
                " JOIN account a ON a.id = s.account_id CROSS JOIN LATERAL " \
                "amends.credit_letter($7, s.id) l" \
                " WHERE l.credit_id IS NOT NULL AND amends.credit_letter_due($1, $7, s.id)"

#endif
