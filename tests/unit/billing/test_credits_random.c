/* Properties over random impacts: with prorata and tiered a longer, a heavier or one more
 * impact never lowers an amount, the order of incidents and impacts changes nothing, lines add
 * up to their credit, and weighted time is what a minute-by-minute count finds. */
#include "tests/unit/billing/credit_world.h"

enum { ROUNDS = 12 };

/* Whole minutes in one week around the change of New York's clocks, on all components. */
static const char scatter[] =
    "insert into incident (ref, title, kind, state, started_at)"
    " select v, v, 'incident', 'resolved', '2018-01-01' from (values ('x'), ('y'), ('m')) as t (v);"
    "insert into impact_revision (incident_id, reason)"
    " select id, 'post' from incident where ref in ('x', 'y', 'm');"
    "update incident i set impact_revision_id = r.id from impact_revision r"
    " where r.incident_id = i.id;"
    "insert into impact (revision_id, component_id, level, from_at, to_at)"
    " select r, c, (array['degraded_performance', 'partial_outage', 'major_outage'])"
    "   [1 + floor(random() * 3)]::impact_level, f, f + interval '1 minute' * ceil(random() * 700)"
    " from (select i.impact_revision_id as r, c.id as c,"
    "   timestamptz '2018-03-09 00:00Z' + interval '1 minute' * floor(random() * 10080) as f"
    "   from incident i, component c, generate_series(1, 3) where i.ref in ('x', 'y')) as s;"
    "insert into impact (revision_id, component_id, level, from_at, to_at)"
    " select impact_revision_id, c.id, 'under_maintenance', f, f + interval '300 minutes'"
    " from incident i, component c, (values (timestamptz '2018-03-12 06:00Z')) as v (f)"
    " where i.ref = 'm';";

/* W(t) of an account counted minute by minute, as billing/CREDITS.md words it (Weight). */
static const char by_minute[] =
    "select count(*) from outcome(currval('credit_run_id_seq')) as o"
    " join account a on a.external_id = o.account"
    " where o.weighted_seconds <> (select coalesce(sum(w), 0) * 60 / 10000 from ("
    "   select max((p.document->'weights_bp'->>i.level::text)::numeric) as w"
    "   from generate_series(timestamptz '2018-03-09 00:00Z', '2018-03-17 00:00Z', '1 minute') t"
    "     join amends.current_impact i on i.ref in ('x', 'y') and i.from_at <= t and i.to_at > t"
    "     join policy p on p.name = 'pro-rata-10x'"
    "   where (not exists (select from account_component u where u.account_id = a.id)"
    "       or exists (select from account_component u where u.account_id = a.id"
    "         and u.component_id = i.component_id))"
    "     and not exists (select from amends.current_impact m where m.level = 'under_maintenance'"
    "       and m.component_id = i.component_id and m.from_at <= t and m.to_at > t)"
    "   group by t) as m)";

static const char remember[] = "drop table if exists was; create temp table was on commit drop as"
                               " select * from outcome(currval('credit_run_id_seq'))";

static const char lowered[] =
    "select count(*) from was left join outcome(currval('credit_run_id_seq')) as o using (account)"
    " where coalesce(o.amount_minor, 0) < was.amount_minor";

static const char changed[] =
    "select count(*) from was full join outcome(currval('credit_run_id_seq')) as o using (account)"
    " where was.amount_minor is distinct from o.amount_minor"
    " or was.lines is distinct from o.lines";

static const struct {
    const char *name;
    const char *tell;
    const char *count; /* of accounts for which the property does not hold */
} changes[] = {
    {.name = "a longer impact",
        .tell = "update impact set to_at = to_at + interval '1 hour' where id ="
                " (select max(id) from impact where level <> 'under_maintenance')",
        .count = lowered},
    {.name = "a heavier impact",
        .tell = "update impact set level = 'major_outage' where id ="
                " (select min(id) from impact where level = 'degraded_performance')",
        .count = lowered},
    {.name = "one more impact",
        .tell = "insert into impact (revision_id, component_id, level, from_at, to_at)"
                " select revision_id, component_id, level, from_at + interval '1 day',"
                " to_at + interval '1 day' from impact where id = (select max(id) from impact"
                " where level <> 'under_maintenance')",
        .count = lowered},
    {.name = "shuffled incidents and impacts",
        .tell = "update impact m set revision_id = case i.ref when 'x' then y.impact_revision_id"
                " else x.impact_revision_id end from incident i, incident x, incident y"
                " where m.revision_id = i.impact_revision_id and i.ref in ('x', 'y')"
                " and x.ref = 'x' and y.ref = 'y'",
        .count = changed},
};

struct round {
    int seed;
    const char *policy;
};

static void check_round(const void *arg)
{
    const struct round *one = arg;
    const char *policy = one->policy;
    int seed = one->seed;
    SCOPE(s);
    char *draft = scope_printf(s, "select draft('%s', array['x', 'y'])", policy);
    tell(scope_printf(s, "select setseed(%d / 100.0)", seed));
    tell(scatter);
    tell(draft);
    if (!strcmp(policy, "pro-rata-10x"))
        is_text(ask(s, by_minute), "0", "weighted time, minute by minute");
    is_text(ask(s, "select count(*) from credit c where amount_minor <>"
                   " (select sum(amount_minor) from credit_line l where l.credit_id = c.id)"),
        "0", "lines add up");
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        tell(remember);
        tell(changes[i].tell);
        tell(draft);
        const char *name = scope_printf(s, "%s, seed %d: %s", policy, seed, changes[i].name);
        is_text(ask(s, changes[i].count), "0", name);
    }
}

int main(void)
{
    world_open();
    tell("update policy set document = document || '{\"maintenance_notice_hours\": 0}'");
    for (int seed = 1; seed <= ROUNDS; seed++) {
        world_play(check_round, &(struct round){.seed = seed, .policy = "pro-rata-10x"});
        world_play(check_round, &(struct round){.seed = seed, .policy = "sla-tiers"});
    }
    world_close();
    return tap_end();
}
