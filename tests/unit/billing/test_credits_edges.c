/* The edges of the arithmetic, each worked out by hand: rounding, calendars, models. */
#include "tests/unit/billing/credit_world.h"

struct answer {
    const char *ask;
    const char *want;
};

/* Local midnights and the arithmetic's small parts. */
static const struct answer answers[] = {
    /* São Paulo's midnight of 4 Nov 2018 does not exist: the clocks jump from it to 01:00. */
    {"select amends.credit_midnight('2018-11-04', 'America/Sao_Paulo')", "2018-11-04 03:00:00+00"},
    /* Havana's midnight of 4 Nov 2018 occurs twice: the later one, in winter time. */
    {"select amends.credit_midnight('2018-11-04', 'America/Havana')", "2018-11-04 05:00:00+00"},
    {"select amends.credit_midnight('2018-03-01', 'Australia/Lord_Howe')",
        "2018-02-28 13:00:00+00"},
    {"select amends.credit_span('2 days 23:54:00')", "2 d 23 h 54 m"},
    {"select amends.credit_span('04:40:00')", "4 h 40 m"},
    {"select amends.credit_span('49:00:59')", "2 d 1 h 59 s"},
    {"select amends.credit_span('00:00:00.5')", "0 s"},
    {"select amends.instant('2018-01-01 01:02:03.5+01')", "2018-01-01T00:02:03.500000Z"},
    {"select amends.instant('2018-01-01 01:02:03+01')", "2018-01-01T00:02:03Z"},
};

/* One account of its own (USD, UTC, 31.00 a month from 31 Jan 2018) on one component. */
static const char account[] =
    "delete from account_contact; delete from account_component; delete from account_price; delete "
    "from account;"
    "insert into account (external_id, name, currency, exponent, timezone, billing_interval,"
    " anchor) values ('a', 'A', 'USD', 2, 'UTC', 'month', '2018-01-31');"
    "insert into account_price select id, '2018-01-31', 3100 from account;"
    "insert into component (slug, name) values ('c', 'c'), ('d', 'd');"
    "insert into account_component select a.id, c.id from account a, component c where slug = 'c';"
    "insert into incident (ref, title, kind, state, started_at)"
    " select v, v, 'incident', 'resolved', '2018-01-01' from (values ('x'), ('y')) as t (v);"
    "insert into impact_revision (incident_id, reason)"
    " select id, 'post' from incident where ref in ('x', 'y');"
    "update incident i set impact_revision_id = r.id from impact_revision r"
    " where r.incident_id = i.id;"
    "create function hit(ref text, slug text, level text, from_at timestamptz,"
    " to_at timestamptz) returns void language sql as $$"
    " insert into impact (revision_id, component_id, level, from_at, to_at)"
    " select i.impact_revision_id, c.id, $3::impact_level, $4, $5 from incident i, component c"
    " where i.ref = $1 and c.slug = $2 $$;";

struct facts {
    const char *name;
    const char *policy;
    const char *tell;
    const char *want; /* amount, seconds and lines of the run over x and y; "" for no credit */
};

#define HIT(ref, slug, level, from, to) \
    "select hit('" ref "','" slug "','" level "','" from "','" to "');"

static const struct facts stories[] = {
    {.name = "overlapping impacts: the greatest weight, never the sum",
        .policy = "{\"name\":\"p\",\"model\":\"prorata\"}",
        .tell = HIT("x", "c", "major_outage", "2018-03-31 00:00", "2018-03-31 12:00")
            HIT("y", "c", "partial_outage", "2018-03-31 06:00", "2018-03-31 18:00"),
        /* 54000 weighted seconds of the 30 days from 31 Mar: 3100 x 0.625 / 30 = 64.58 */
        .want = "65 54000 2018-03-31..2018-04-30 65"},
    {.name = "another component's impact does not count",
        .policy = "{\"name\":\"p\",\"model\":\"prorata\"}",
        .tell = HIT("x", "d", "major_outage", "2018-03-31 00:00", "2018-03-31 12:00"),
        .want = ""},
    {.name = "a policy's component filter",
        .policy = "{\"name\":\"p\",\"model\":\"prorata\",\"components\":[\"d\"]}",
        .tell = "delete from account_component;" HIT(
            "x", "c", "major_outage", "2018-03-31 00:00", "2018-03-31 12:00")
            HIT("x", "d", "major_outage", "2018-03-31 06:00", "2018-03-31 09:00"),
        .want = "13 10800 2018-03-31..2018-04-30 13"},
    {.name = "clamped anchors: 31 Jan, 28 Feb, 31 Mar; an impact across the bound makes two lines",
        .policy = "{\"name\":\"p\",\"model\":\"prorata\"}",
        .tell = HIT("x", "c", "major_outage", "2018-02-27 00:00", "2018-03-01 00:00"),
        /* 3100 / 28 = 110.71, 3100 / 31 = 100 */
        .want = "211 172800 2018-01-31..2018-02-28 111, 2018-02-28..2018-03-31 100"},
    {.name = "before the anchor nothing is owed",
        .policy = "{\"name\":\"p\",\"model\":\"prorata\"}",
        .tell = HIT("x", "c", "major_outage", "2018-01-30 00:00", "2018-02-01 00:00"),
        .want = "111 86400 2018-01-31..2018-02-28 111"},
    {.name = "a price that changes inside an outage",
        .policy = "{\"name\":\"p\",\"model\":\"prorata\"}",
        .tell = "insert into account_price select id, '2018-03-02', 6200 from account;" HIT(
            "x", "c", "major_outage", "2018-03-01 00:00", "2018-03-03 00:00"),
        .want = "300 172800 2018-02-28..2018-03-31 300"},
    {.name = "a price of 0 owes nothing and cuts the block",
        .policy = "{\"name\":\"p\",\"model\":\"prorata\",\"min_block_seconds\":86401}",
        .tell = "insert into account_price select id, d, p from account, (values"
                " ('2018-03-02'::date, 0), ('2018-03-03', 3100)) as v (d, p);" HIT(
                    "x", "c", "major_outage", "2018-03-01 00:00", "2018-03-04 00:00"),
        .want = ""},
    {.name = "a block as long as the minimum stays, across levels and periods",
        .policy = "{\"name\":\"p\",\"model\":\"prorata\",\"min_block_seconds\":172800}",
        .tell = HIT("x", "c", "major_outage", "2018-02-27 00:00", "2018-02-28 00:00")
            HIT("y", "c", "partial_outage", "2018-02-28 00:00", "2018-03-01 00:00"),
        .want = "161 129600 2018-01-31..2018-02-28 111, 2018-02-28..2018-03-31 50"},
    {.name = "uptime exactly at a tier's bound is not below it",
        .policy = "{\"name\":\"p\",\"model\":\"tiered\",\"tiers\":[{\"uptime_below\":\"99\","
                  "\"percent\":\"50\"},{\"uptime_below\":\"99.5\",\"percent\":\"10\"}]}",
        .tell = HIT("x", "c", "major_outage", "2018-04-01 00:00", "2018-04-01 07:12"),
        .want = "310 25920 2018-03-31..2018-04-30 310"},
    {.name = "one microsecond more is below it",
        .policy = "{\"name\":\"p\",\"model\":\"tiered\",\"tiers\":[{\"uptime_below\":\"99\","
                  "\"percent\":\"50\"},{\"uptime_below\":\"99.5\",\"percent\":\"10\"}]}",
        .tell = HIT("x", "c", "major_outage", "2018-04-01 00:00", "2018-04-01 07:12:00.000001"),
        .want = "1550 25920.000001 2018-03-31..2018-04-30 1550"},
    {.name = "days for each incident",
        .policy = "{\"name\":\"p\",\"model\":\"days\",\"days\":\"1.5\",\"per\":\"incident\"}",
        .tell = HIT("x", "c", "major_outage", "2018-03-01 00:00", "2018-03-01 01:00")
            HIT("y", "c", "major_outage", "2018-03-01 00:30", "2018-03-01 01:00"),
        .want = "300 3600 2018-02-28..2018-03-31 300"},
    {.name = "days for each affected date, the last one open at midnight",
        .policy = "{\"name\":\"p\",\"model\":\"days\",\"days\":\"1\",\"per\":\"affected_day\"}",
        .tell = HIT("x", "c", "major_outage", "2018-03-01 23:59", "2018-03-03 00:00"),
        .want = "200 86460 2018-02-28..2018-03-31 200"},
    {.name = "all accounts: who was not hit takes the earliest start",
        .policy = "{\"name\":\"p\",\"model\":\"days\",\"days\":\"1\",\"audience\":\"all\"}",
        .tell = HIT("x", "d", "degraded_performance", "2018-02-10 00:00", "2018-02-10 01:00")
            HIT("y", "d", "major_outage", "2018-03-01 00:00", "2018-03-01 01:00"),
        .want = "111 0 2018-01-31..2018-02-28 111"},
    {.name = "a fixed amount, once a run, at most the cap",
        .policy = "{\"name\":\"p\",\"model\":\"fixed\",\"amounts\":{\"USD\":5000},"
                  "\"cap_percent\":\"50.05\"}",
        .tell = HIT("x", "c", "major_outage", "2018-03-01 00:00", "2018-03-01 01:00")
            HIT("y", "c", "major_outage", "2018-03-05 00:00", "2018-03-05 01:00"),
        .want = "1551 7200 2018-02-28..2018-03-31 1551"},
    {.name = "a line below the least credit is not made",
        .policy = "{\"name\":\"p\",\"model\":\"prorata\",\"min_credit_minor\":101}",
        .tell = HIT("x", "c", "major_outage", "2018-02-27 00:00", "2018-03-01 00:00"),
        .want = "111 172800 2018-01-31..2018-02-28 111"},
};

static void check_facts(const void *arg)
{
    const struct facts *facts = arg;
    SCOPE(s);
    tell(account);
    add_policy_text(facts->policy);
    tell(facts->tell);
    tell("select draft('p', array['x', 'y'])");
    char *got = ask(s,
        "select concat_ws(' ', amount_minor, weighted_seconds, (select string_agg(period_from ||"
        " '..' || period_to || ' ' || l.amount_minor, ', ' order by period_from)"
        " from credit_line l where l.credit_id = c.id))"
        " from credit c");
    is_text(got, facts->want, facts->name);
}

int main(void)
{
    world_open();
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        SCOPE(s);
        is_text(ask(s, answers[i].ask), answers[i].want, answers[i].ask);
    }
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++)
        world_play(check_facts, &stories[i]);
    world_close();
    return tap_end();
}
