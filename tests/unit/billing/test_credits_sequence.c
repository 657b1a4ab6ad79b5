/* Invariants between runs: nothing is paid twice, nothing above its cap, the ledger sums to
 * zero, corrections are reported. Each test rolls back. */
#include "billing/compute.h"
#include "tests/unit/billing/credit_world.h"

/* Ask a question of a fresh world after telling it something: name, steps, question, answer. */
struct facts {
    const char *name;
    const char *tell;
    const char *ask;
    const char *want;
};

#define CASE_2013 "case_refs('2013-01-14-two-day-credit')"
#define CASE_2018 "case_refs('2018-05-04-three-days')"
#define CASE_2019 "case_refs('2019-01-15-availability')"
#define CASE_2025 "case_refs('2025-05-12-classic-disconnects')"
#define DUMP \
    "md5((select string_agg(o::text, '/' order by account) from outcome(currval(" \
    "'credit_run_id_seq')) as o)" \
    " || (select string_agg(amends.explain(l)::text, '/' order by account_id, period_from)" \
    "     from credit_line l where run_id = currval('credit_run_id_seq')))"

/* Two days, at most this percentage of the period's price; accounts and impacts are old. */
#define CAPPED(percent) \
    "update account set changed_at = '2000-01-01';" \
    "update impact_revision set created_at = '2000-01-01';" \
    "insert into policy (name, version, document) select 'capped', 1, document ||" \
    " '{\"name\": \"capped\", \"cap_percent\": \"" percent \
    "\"}' from policy where name = 'two-days';"
#define REVERSE(account) \
    "select amends.credit_reverse(c.id, 'test', 'mistake') from credit c join account a on a.id =" \
    " account_id where external_id = '" account "' and c.state = 'issued';"

static const struct facts stories[] = {
    {.name = "the same policy over the same incident again gives nothing (days)",
        .tell = "select issue(draft('two-days', " CASE_2013 "))",
        .ask = "select count(*) from outcome(draft('two-days', " CASE_2013 "))",
        .want = "0"},
    {.name = "the same (prorata)",
        .tell = "select issue(draft('pro-rata-10x', " CASE_2018 "))",
        .ask = "select count(*) from outcome(draft('pro-rata-10x', " CASE_2018 "))",
        .want = "0"},
    {.name = "the same (tiered)",
        .tell = "select issue(draft('sla-tiers', " CASE_2019 "))",
        .ask = "select count(*) from outcome(draft('sla-tiers', " CASE_2019 "))",
        .want = "0"},
    {.name = "a draft takes nothing away from another draft",
        .tell = "select draft('two-days', " CASE_2013 ")",
        .ask = "select count(*) from differences(draft('two-days', " CASE_2013 "),"
               " '2013-01-14-two-day-credit', 'two-days')",
        .want = "0"},
    {.name = "prorata over one incident, then over all three, gives all three",
        .tell = "select issue(draft('pro-rata-10x', array['2018-05-02-network']));"
                "select issue(draft('pro-rata-10x', " CASE_2018 "))",
        .ask = "select string_agg(a.external_id || ' ' || sum, ',') from (select account_id,"
               "  sum(amount_minor) from credit where state = 'issued' group by 1) as c"
               " join account a on a.id = account_id join expected e on e.account = external_id"
               " where e.policy = 'pro-rata-10x' and e.\"case\" like '2018-05%'"
               " and sum <> e.amount_minor",
        .want = ""},
    {.name = "prorata over each incident in turn gives all three",
        .tell = "select plan('pro-rata-10x', array[ref]) from case_incident"
                " where name like '2018-05%' order by ref desc",
        .ask = "select count(*) from (select account_id, sum(amount_minor) from credit"
               "  where state = 'issued' group by 1) as c"
               " join account a on a.id = account_id join expected e on e.account = external_id"
               " where e.policy = 'pro-rata-10x' and e.\"case\" like '2018-05%'"
               " and sum = e.amount_minor",
        .want = "6"},
    {.name = "days over an incident and a new one pays only the new one",
        .tell = "select issue(draft('two-days', array['2018-05-02-network']))",
        .ask = "select (select sum(amount_minor) from outcome(draft('two-days', " CASE_2018 ")))"
               " - (select sum(amount_minor) from outcome(draft('two-days',"
               "   array['2018-05-03-health-check', '2018-05-04-subscription-data'])))",
        .want = "0"},
    {.name = "a second run pays what a reversal took back",
        .tell = "select issue(draft('two-days', " CASE_2013 "));"
                "select amends.credit_reverse(c.id, 'test', 'mistake') from credit c"
                " join account a on a.id = account_id where external_id = 'acct-001'",
        .ask = "select string_agg(account || ' ' || amount_minor, ',')"
               " from outcome(draft('two-days', " CASE_2013 "))",
        .want = "acct-001 187"},
    {.name = "the ledger sums to zero per currency, reversals included",
        .tell = "select issue(draft('sla-tiers', " CASE_2025 "));"
                "select amends.credit_reverse(max(id), 'test', 'mistake') from credit",
        .ask = "select count(*) from (select currency from ledger_entry group by currency"
               " having sum(amount_minor) <> 0) as x",
        .want = "0"},
    {.name = "two entries a credit, two more for its reversal",
        .tell = "select issue(draft('sla-tiers', " CASE_2025 "));"
                "select amends.credit_reverse(max(id), 'test', 'mistake') from credit",
        .ask = "select count(*) || ' ' || (select count(*) from credit) from ledger_entry",
        .want = "12 5"},
    {.name = "a credit is reversed once",
        .tell = "select issue(draft('sla-tiers', " CASE_2025 "));"
                "select amends.credit_reverse(max(id), 'test', 'mistake') from credit",
        .ask = "select amends.credit_reverse(max(id), 'test', 'again') from credit",
        .want = "already reversed"},
    {.name = "the feed has no placeholders",
        .tell = "select issue(draft('sla-tiers', " CASE_2025 "));"
                "select issue(draft('two-days', " CASE_2013 "));"
                "select amends.credit_reverse(max(id), 'test', 'mistake') from credit",
        .ask = "select max(no) || ' ' || count(*) from credit_feed",
        .want = "12 12"},
    {.name = "nobody gets more than the price of a period",
        .tell = "select plan(p.name, case_refs(f.name))"
                " from case_file f cross join policy p order by f.name, p.name",
        .ask = "select count(*) from (select account_id, period_from from credit_line l"
               " join credit_working w on w.id = l.working_id"
               " group by 1, 2"
               " having sum(amount_minor) > max((explain::jsonb->>'cap_minor')::numeric)) as x",
        .want = "0"},
    {.name = "computing a draft again gives the same bytes",
        .tell = "select draft('pro-rata-10x', " CASE_2025 ");"
                "create temp table was on commit drop as select " DUMP " as dump;"
                "update credit_run set state = 'computing'",
        .ask = "select dump = " DUMP " from was",
        .want = "t"},
    {.name = "a draft that another run overtook is not issued",
        .tell = "select draft('two-days', " CASE_2013 "); select draft('two-days', " CASE_2013 ");"
                "select approve(id) from credit_run order by id",
        .ask = "select string_agg(state, ',' order by id) from credit_run",
        .want = "issued,failed"},
    {.name = "a reversal that frees a cap, so that a draft would give more, makes it stale",
        .tell = CAPPED("8") "select issue(draft('two-days', " CASE_2013 "));"
                            "select draft('capped', " CASE_2013 ");" REVERSE(
                                "acct-001") "select issue((select max(id) from credit_run))",
        .ask = "select state || ': ' || replace(failure, (select min(id) from credit_run)::text,"
               " 'ID') from credit_run order by id desc limit 1",
        .want = "failed: credits of run ID were issued or reversed after this draft was computed,"
                " which would change its amounts; make a new run"},
    {.name = "also for an account that the draft gives nothing",
        .tell = CAPPED("6") "select issue(draft('two-days', " CASE_2013 "));" REVERSE(
            "acct-001") "select draft('capped', " CASE_2013 ");" REVERSE("acct-002"),
        .ask = "select issue((select max(id) from credit_run))",
        .want = "failed"},
    {.name = "one that changes no amount of it does not",
        .tell = CAPPED("6") "select issue(draft('two-days', " CASE_2013 "));" REVERSE(
            "acct-001") "select draft('capped', " CASE_2013 ");"
                        "select issue(draft('sla-tiers', " CASE_2025 "))",
        .ask = "select issue((select max(id) - 1 from credit_run))",
        .want = "issued"},
    {.name = "a correction reports what is owed and too little for a line",
        .tell = "select issue(draft('pro-rata-10x', " CASE_2013 "));"
                "update policy set document = document || '{\"min_credit_minor\": 100000}';"
                "insert into account_price select id, '2013-01-01', 9000 from account"
                " where external_id = 'acct-001';"
                "select amends.credit_run_reconcile(min(id), 1, 'test') from credit_run",
        .ask = "select count(*) || ' ' || max(payable_minor) || ' ' || bool_and(owed_minor >"
               " issued_minor) from credit_difference",
        .want = "1 0 true"},
    {.name = "a fixed amount that the policy lacks in a currency is warned of",
        .tell =
            "insert into policy (name, version, document) select 'fixed', 1, document ||"
            " '{\"name\": \"fixed\", \"model\": \"fixed\", \"amounts\": {\"AUD\": 5}}' from policy"
            " where name = 'two-days'; select draft('fixed', " CASE_2013 ")",
        .ask = "select text from credit_warning where code = 'no_amount' and text like '%KWD%'",
        .want = "the policy has no amount in KWD: 1 account(s) get nothing"},
    {.name = "an anchor moved by a day draws nothing out of a correction",
        .tell = "select issue(draft('pro-rata-10x', " CASE_2013 "));"
                "update account set anchor = anchor + 1;"
                "select amends.credit_run_reconcile(min(id), 1, 'test')"
                " from credit_run",
        .ask = "select (select count(*) from credit where state = 'draft') || ' ' ||"
               " (select count(*) from credit where state = 'issued') - (select count(*) from"
               " credit_left_out)",
        .want = "0 0"},
    {.name = "a month that became a year draws nothing out of another run",
        .tell = "select issue(draft('pro-rata-10x', array['2018-05-02-network']));"
                "update account set billing_interval = 'year' where billing_interval = 'month'",
        .ask = "select count(*) from outcome(draft('pro-rata-10x', " CASE_2018 ")) as o"
               " join account a on a.external_id = o.account where exists (select from credit c"
               "  where c.account_id = a.id and c.state = 'issued') and a.external_id not in"
               " (select document->>'external_id' from account_file where document->>'interval' ="
               "  'year')",
        .want = "0"},
    {.name = "amounts beyond bigint are text in the explanation",
        .tell = "update account_price set amount_minor = 1000000000000000 where account_id ="
                " (select id from account where external_id = 'acct-001') and amount_minor > 0;"
                "update policy set document = document || '{\"multiplier\": \"1000000\"}';"
                "select draft('pro-rata-10x', " CASE_2013 ")",
        .ask = "select jsonb_typeof(amends.explain(l)->'rounded_beyond') || ' ' || l.amount_minor"
               " from credit_line l join account a on a.id ="
               " account_id where external_id = 'acct-001'",
        .want = "string 1000000000000000"},
    {.name = "a run whose total is beyond bigint fails and says so",
        .tell =
            "update account_price set amount_minor = 9000000000000000000 where amount_minor > 0;"
            "update account set currency = 'USD', exponent = 2;"
            "update policy set document = document || '{\"days\": \"31\", \"audience\":"
            " \"all\"}' where name = 'two-days';"
            "select new_run('two-days', " CASE_2013 ")",
        .ask = "select state || ': ' || left(failure, 38) from credit_run",
        .want = "failed: the credits in USD sum to more than 92"},
    {.name = "runs that do not touch each other are both issued",
        .tell = "select draft('two-days', " CASE_2013 "); select draft('affected-days', " CASE_2013
                "); select approve(id) from credit_run order by id",
        .ask = "select string_agg(state, ',') from credit_run",
        .want = "issued,issued"},
    {.name = "a void draft holds nothing",
        .tell = "select amends.credit_run_void(draft('two-days', " CASE_2013 "), 1, 'test')",
        .ask = "select string_agg(distinct state, ',') from credit",
        .want = "void"},
    {.name = "an issued run is not voided",
        .tell = "select issue(draft('two-days', " CASE_2013 "))",
        .ask = "select amends.credit_run_void(max(id), 1, 'test') from credit_run",
        .want = "issued"},
    {.name = "an impact that turns out shorter is reported, not taken back",
        .tell = "select issue(draft('pro-rata-10x', " CASE_2013 "));"
                "insert into impact_revision (incident_id, reason)"
                " select id, 'correction' from incident where ref like '2013%';"
                "insert into impact (revision_id, component_id, level, from_at, to_at)"
                " select r.id, m.component_id, m.level, m.from_at, m.from_at + interval '1 hour'"
                " from impact_revision r join incident i on i.id = r.incident_id"
                " join impact m on m.revision_id = i.impact_revision_id"
                " where r.reason = 'correction';"
                "update incident i set impact_revision_id = r.id from impact_revision r"
                " where r.incident_id = i.id and r.reason = 'correction';"
                "select draft('pro-rata-10x', " CASE_2013 ")",
        .ask = "select string_agg(text, '; ' order by id) || '; credits ' || (select count(*)"
               " from credit where run_id = currval('credit_run_id_seq')) from credit_warning"
               " where run_id = currval('credit_run_id_seq') and text like '%KWD%'",
        .want = "over-credited: 1 account(s) hold 2.341 KWD more than is owed;"
                " nothing is taken back; credits 0"},
    {.name = "a run that also covers the incident is named",
        .tell = "select issue(draft('two-days', " CASE_2013 "));"
                "select draft('pro-rata-10x', " CASE_2013 ")",
        .ask = "select regexp_replace(text, '[0-9]+', 'N') from credit_warning",
        .want = "run N (two-days, issued) also covers 2013-01-14-two-day-credit"},
    {.name = "an open impact counts until the draft and is warned about",
        .tell = "update impact set from_at = now() - interval '2 hours', to_at = null"
                " where from_at = '2013-01-15T05:06:00Z';"
                "update incident_update set posted_at = now() - interval '2 hours'"
                " where incident_id = (select id from incident where ref like '2013%');"
                "select draft('pro-rata-10x', " CASE_2013 ")",
        .ask = "select left(text, 23) || (select ' ' || min(div(weighted_seconds, 60)) from credit)"
               " from credit_warning",
        .want = "an impact is still open 120"},
    {.name = "maintenance announced too late does not excuse",
        .tell = "update policy set document = document || '{\"maintenance_notice_hours\": 48}'",
        .ask = "select weighted_seconds from outcome(draft('pro-rata-10x', " CASE_2025 "))"
               " where account = 'acct-007'",
        .want = "306900"},
    {.name = "cutting maintenance in two does not make the second half announced earlier",
        .tell = "update policy set document = document || '{\"maintenance_notice_hours\": 30}';"
                "update incident set announced_at = '2025-05-19T17:30:00Z'"
                " where kind = 'maintenance';"
                "insert into impact (revision_id, component_id, level, from_at, to_at)"
                " select revision_id, component_id, level, '2025-05-21T00:00:00Z', to_at"
                " from impact where level = 'under_maintenance';"
                "update impact set to_at = '2025-05-21T00:00:00Z'"
                " where level = 'under_maintenance' and from_at < '2025-05-21T00:00:00Z'",
        .ask = "select weighted_seconds from outcome(draft('pro-rata-10x', " CASE_2025 "))"
               " where account = 'acct-007'",
        .want = "306900"},
    {.name = "a run over no incident at all is an empty draft",
        .tell = "select draft('two-days', '{}'), draft('sla-tiers', '{}')",
        .ask = "select string_agg(state, ',') || (select count(*) from credit) from credit_run",
        .want = "draft,draft0"},
    {.name = "a new version of a policy pays the difference, not the whole again",
        .tell = "select issue(draft('pro-rata-10x', " CASE_2013 "));"
                "insert into policy (name, version, document) select name, 2, document ||"
                " '{\"multiplier\": \"20\"}' from policy where name = 'pro-rata-10x'",
        .ask = "select amount_minor from outcome(draft('pro-rata-10x', " CASE_2013 "))"
               " where account = 'acct-001'",
        .want = "542"},
    {.name = "a yearly period is rounded as a whole over its runs",
        .tell = "select issue(draft('pro-rata-10x', " CASE_2018 "))",
        .ask = "select amount_minor from outcome(draft('pro-rata-10x', " CASE_2019 "))"
               " where account = 'acct-007'",
        .want = "134"},
    {.name = "a run that cannot be computed fails with its reason",
        .tell = "update policy set document = document - 'rounding' || '{\"days\": \"many\"}';"
                "select new_run('two-days', " CASE_2013 ")",
        .ask = "select state || ': ' || failure from credit_run",
        .want = "failed: days must be a number such as \"99.9\" or \"10/3\""},
};

static void check_facts(const void *arg)
{
    const struct facts *facts = arg;
    SCOPE(s);
    tell(facts->tell);
    is_text(ask(s, facts->ask), facts->want, facts->name);
}

static void check_again(const void *arg)
{
    bool holds = false;
    SCOPE(s);
    (void)arg;
    tell("select draft('two-days', " CASE_2013 ")");
    int64_t run = atoll(ask(s, "select max(id) from credit_run"));
    char *last = ask(s, "select last_value from credit_id_seq");
    ok(compute_again(s, world_db, run, &holds) == RC_OK && holds, "a draft holds");
    is_text(ask(s, "select last_value from credit_id_seq"), last,
        "the check before issue writes nothing");
}

int main(void)
{
    world_open();
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++)
        world_play(check_facts, &stories[i]);
    world_play(check_again, NULL);
    world_close();
    return tap_end();
}
