/* Every worked case of tests/cases/contracts.json, made by an independent program, through the
 * engine: each line, its exact fraction and each account left out. An argument names another file
 * of such cases, as tests/lib/naive_contracts/print_worlds.js prints them. */
#include "tests/unit/billing/engine_cases.h"

#include <string.h>

#include "billing/zones.h"
#include "core/json.h"
#include "tests/unit/tap.h"

static int64_t rated, us;

static const char *word(const json_t *row, const char *name)
{
    return json_get_word(row, name);
}

static bool matches(const json_t *got, const json_t *want)
{
    const char *exact = word(want, "exact");
    return !strcmp(word(got, "account"), word(want, "account")) &&
           !strcmp(word(got, "from"), word(want, "from")) &&
           !strcmp(word(got, "to"), word(want, "to")) &&
           !strcmp(word(got, "reason"), word(want, "reason")) &&
           !strcmp(word(got, "currency"), word(want, "currency")) &&
           (!*exact || !strcmp(word(got, "exact"), exact)) &&
           json_get_int(got, "amount_minor") == json_get_int(want, "amount_minor");
}

static bool agrees(const json_t *rows, const json_t *wanted)
{
    size_t i, j;
    json_t *want, *got;
    json_array_foreach((json_t *)wanted, i, want)
    {
        bool found = false;
        json_array_foreach((json_t *)rows, j, got) found = found || matches(got, want);
        if (!found)
            return false;
    }
    return json_array_size(rows) == json_array_size(wanted);
}

static bool check_run(struct played *p, int number, const json_t *run, const json_t *wanted)
{
    json_t *rows = NULL;
    if (play_run(p, number, run, &rows) != RC_OK) {
        printf("# %s: %s\n", p->s->fault.field ? p->s->fault.field : "-", p->s->fault.message);
        return false;
    }
    if (agrees(rows, wanted))
        return true;
    printf("# run %d got %s\n#  expected %s\n", number + 1, json_text(p->s, rows),
        json_text(p->s, wanted));
    return false;
}

static void check_case(const json_t *one, void *zones)
{
    SCOPE(s);
    struct played p;
    const json_t *runs = json_object_get(one, "runs"), *wanted = json_object_get(one, "expected");
    bool good = play_open(s, one, zones, &p) == RC_OK;
    if (!runs)
        good = good && check_run(&p, 0, json_own(s, json_object()), wanted);
    for (size_t i = 0; good && i < json_array_size(runs); i++)
        good = check_run(&p, (int)i, json_array_get(runs, i), json_array_get(wanted, i));
    ok(good, "%s: %s", word(one, "name"), word(one, "note"));
    rated += p.rated;
    us += p.us;
}

int main(int argc, char **argv)
{
    json_t *cases = json_load_file(argc > 1 ? argv[1] : "tests/cases/contracts.json", 0, NULL);
    struct zones *zones = zones_new();
    size_t i;
    json_t *one;
    ok(json_array_size(cases) >= (argc > 1 ? 1 : 88), "the cases are there");
    json_array_foreach(cases, i, one) check_case(one, zones);
    printf("# %lld accounts, %.1f us each\n", (long long)rated, (double)us / (double)rated);
    zones_free(zones);
    json_decref(cases);
    return tap_end();
}
