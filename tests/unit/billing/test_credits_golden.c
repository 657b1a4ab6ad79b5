/* Every credit, line and warning of tests/cases/expected-credits.json and of the cases, each
 * run in a fresh world; then again with every impact cut in two, its second half repeated. */
#include "tests/unit/billing/credit_world.h"

static const char split[] =
    "insert into impact (revision_id, component_id, level, from_at, to_at, estimated)"
    " select revision_id, component_id, level, from_at + (to_at - from_at) * 0.37, to_at, estimated"
    " from impact cross join generate_series(1, 2) order by from_at desc;"
    "update impact m set to_at = from_at + (to_at - from_at) * 0.37 where exists ("
    "  select from impact t where t.revision_id = m.revision_id and t.to_at = m.to_at"
    "  and t.component_id = m.component_id"
    "  and t.from_at = m.from_at + (m.to_at - m.from_at) * 0.37)";

static void check_warnings(struct scope *s, const char *run, const char *name)
{
    char *got = ask(s, scope_printf(s,
                           "select coalesce(jsonb_agg(text order by id), '[]') from credit_warning "
                           "where run_id = %s",
                           run));
    char *want =
        ask(s, scope_printf(s,
                   "select document->'expected_warnings' from case_file where name = '%s'", name));
    is_text(got, want, "and its warnings");
}

struct golden {
    const char *name, *policy;
    bool cut;
    int *total;
};

static void check_run(const void *arg)
{
    const struct golden *one = arg;
    const char *name = one->name, *policy = one->policy;
    bool cut = one->cut;
    SCOPE(s);
    if (cut)
        tell(split);
    char *run = ask(s, scope_printf(s, "select draft('%s', case_refs('%s'))", policy, name));
    char *differs = ask(
        s, scope_printf(s, "select string_agg(d, E'\\n# ') from differences(%s, '%s', '%s') as d",
               run, name, policy));
    char *n = ask(s, scope_printf(s, "select count(*) from outcome(%s)", run));
    ok(!*differs, "%s x %s%s: %s credits", name, policy, cut ? ", impacts cut in two" : "", n);
    if (*differs)
        printf("# %s\n", differs);
    if (!cut)
        check_warnings(s, run, name);
    *one->total += atoi(n);
}

static void check_all(bool cut)
{
    SCOPE(s);
    int total = 0, want = atoi(ask(s, "select count(*) from expected"));
    PGresult *pairs = world_try(
        "select c.name, p.name from case_file c cross join policy p order by 1, 2", 0, NULL);
    for (int i = 0; i < PQntuples(pairs); i++)
        world_play(check_run, &(struct golden){.name = PQgetvalue(pairs, i, 0),
                                  .policy = PQgetvalue(pairs, i, 1),
                                  .cut = cut,
                                  .total = &total});
    PQclear(pairs);
    is_int(total, want, "no credit is missing, none too many");
}

int main(void)
{
    world_open();
    check_all(false);
    check_all(true);
    world_close();
    return tap_end();
}
