/* Every value of an explanation counts: in each line of the worked cases, each number, date and
 * word of the explanation is changed alone, and the recount finds it. */
#include "tests/unit/billing/engine_cases.h"

#include <stdlib.h>

#include "billing/engine/recount/recount.h"
#include "core/strbuf.h"
#include "tests/unit/tap.h"

/* What a recount cannot know: evidence. */
static const char *const free_keys[] = {"impacts", NULL};
/* What describes and enters no amount unless the policy asks for it. */
static const char *const describing[] = {"period_dates", "period_seconds", "months", "affected",
    "incident", "day", "anchor", "cap_percent", "used", NULL};
/* Of this an outage that grace, a heavier one or the window's end hides enters no amount. */
static const char counting[] = ".counting[";

struct tampering {
    struct played *p;
    const struct rule *rule;
    struct recount line;
    json_t *explain;
    long changed, missed;
};

static const char *verdict(struct scope *s, struct tampering *t)
{
    const char *fault = NULL;
    if (recount_line(s, t->rule, &t->line, zones_find, t->p->zones, &fault) != RC_OK)
        return s->fault.message;
    return fault;
}

static json_t *another(const json_t *value)
{
    if (json_is_integer(value))
        return json_integer(json_integer_value(value) + 1);
    if (json_is_boolean(value))
        return json_boolean(!json_is_true(value));
    STRBUF(b, 10000);
    strbuf_addstr(&b, json_string_value(value));
    if (b.len)
        b.buf[0] = b.buf[0] == '1' ? '2' : b.buf[0] == '2' ? '1' : (char)(b.buf[0] ^ 1);
    return json_string(b.buf);
}

static bool is_one_of(const char *const *names, const char *key)
{
    while (*names && strcmp(*names, key) != 0)
        names++;
    return *names;
}

static void count(struct tampering *t, const char *path, bool found)
{
    t->changed++;
    t->missed += !found;
    if (!found)
        printf("# not found: %s\n", path);
}

static void tamper(struct tampering *t, const char *path, json_t *parent);

static json_t *changed_or_within(struct tampering *t, const char *path, json_t *value)
{
    if (!json_is_object(value) && !json_is_array(value))
        return another(value);
    tamper(t, path, value);
    return NULL;
}

static void tamper_member(struct tampering *t, const char *path, json_t *parent, const char *key)
{
    SCOPE(s);
    if (is_one_of(free_keys, key))
        return;
    json_t *was = json_own(s, json_incref(json_object_get(parent, key)));
    const char *here = scope_printf(s, "%s.%s", path, key);
    json_t *other = changed_or_within(t, here, was);
    if (!other)
        return;
    json_object_set_new(parent, key, other);
    bool found = verdict(s, t) != NULL;
    if (found || (!is_one_of(describing, key) && strncmp(path, counting, strlen(counting)) != 0))
        count(t, here, found);
    json_object_set(parent, key, was);
}

static void tamper(struct tampering *t, const char *path, json_t *parent)
{
    SCOPE(s);
    size_t i;
    json_t *value;
    const char *key;
    json_array_foreach(parent, i, value) tamper(t, scope_printf(s, "%s[%zu]", path, i), value);
    json_t *names = json_own(s, json_array());
    json_object_foreach(parent, key, value) json_array_append_new(names, json_string(key));
    json_array_foreach(names, i, value) tamper_member(t, path, parent, json_string_value(value));
}

/* Kinds of rules whose lines need more than the windows of the account. */
enum { KIND_REQUESTS, KIND_PER_INCIDENT, KIND_INCIDENT_CAPS, KIND_GATE, KINDS };
static const char *const kinds[KINDS] = {
    "requests", "steps per incident", "caps per incident", "a grid for below alone"};

static void count_kinds(const struct rule *rule, long *ret)
{
    ret[KIND_REQUESTS] += rule->requests_us > 0;
    ret[KIND_PER_INCIDENT] += rule->model == MODEL_STEPS && rule->per == PER_INCIDENT;
    ret[KIND_GATE] += rule->below && rule->for_amount != rule->for_below;
    for (size_t i = 0; i < rule->n_caps; i++)
        ret[KIND_INCIDENT_CAPS] += rule->caps[i].per == PER_INCIDENT;
}

struct sums {
    long lines, wrong, changed, missed, kinds[KINDS];
};

static void see(struct played *p, const struct rule *rule, const struct credit *credit,
    const struct credit_line *line)
{
    SCOPE(s);
    struct sums *sums = p->arg;
    struct tampering t = {.p = p, .rule = rule};
    if (json_parse(s, line->explain, strlen(line->explain), &t.explain) != RC_OK)
        return;
    t.line = (struct recount){.explain = t.explain,
        .currency = credit->currency,
        .earlier = line->earlier,
        .taken = line->taken,
        .amount = line->amount};
    const char *fault = verdict(s, &t);
    if (fault)
        printf("# %s\n", fault);
    sums->lines++;
    sums->wrong += fault != NULL;
    if (fault)
        return;
    tamper(&t, "", t.explain);
    count_kinds(rule, sums->kinds);
    sums->changed += t.changed;
    sums->missed += t.missed;
}

static void play(const json_t *one, void *zones, struct sums *sums)
{
    SCOPE(s);
    struct played p;
    json_t *rows;
    const json_t *runs = json_object_get(one, "runs");
    bool good = play_open(s, one, zones, &p) == RC_OK;
    p.seen = see;
    p.arg = sums;
    if (good && !runs)
        good = play_run(&p, 0, json_own(s, json_object()), &rows) == RC_OK;
    for (size_t i = 0; good && i < json_array_size(runs); i++)
        good = play_run(&p, (int)i, json_array_get(runs, i), &rows) == RC_OK;
    if (!good)
        printf("# %s is not played\n", json_get_word(one, "name"));
}

static void play_file(const char *path, void *zones, struct sums *sums)
{
    json_t *cases = json_load_file(path, 0, NULL), *one;
    size_t i;
    json_array_foreach(cases, i, one) play(one, zones, sums);
    json_decref(cases);
}

int main(void)
{
    struct zones *zones = zones_new();
    struct sums sums = {0};
    play_file("tests/cases/contracts.json", zones, &sums);
    play_file("tests/cases/contract-edges.json", zones, &sums);
    ok(sums.lines >= 100 && !sums.wrong, "%ld lines follow from their explanations", sums.lines);
    for (size_t i = 0; i < KINDS; i++)
        ok(sums.kinds[i] > 0, "%ld of them with %s", sums.kinds[i], kinds[i]);
    ok(sums.changed > 1000 && !sums.missed, "of %ld values, each changed alone, %ld are not found",
        sums.changed, sums.missed);
    zones_free(zones);
    return tap_end();
}
