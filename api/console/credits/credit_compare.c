/* /staff/credits/compare: what two policies would have cost over the incidents of a period. */
#include <stdlib.h>
#include <string.h>

#include "api/console/credits/cost_bars.h"
#include "api/console/credits/credits.h"
#include "billing/library.h"
#include "billing/policy.h"
#include "core/clock.h"
#include "core/json.h"
#include "templates/label.h"

enum { DATE_LEN = 10, DAY = 24 * 3600, PATIENCE = 50, LIBRARY_LEN = 8 };

static const char *asked(struct call *c, const char *name, const char *otherwise)
{
    for (size_t i = 0; i < c->request->n_query; i++)
        if (!strcmp(c->request->query[i].name, name) && *c->request->query[i].value)
            return c->request->query[i].value;
    return otherwise;
}

static const char *day(struct call *c, int64_t days_ago)
{
    int64_t at = clock_now() - days_ago * DAY * CLOCK_SECOND;
    return scope_strndup(c->s, console_wall(c, clock_rfc3339(c->s, at)), DATE_LEN);
}

static json_t *instant(struct call *c, const char *date)
{
    return json_string(console_moment(c, scope_printf(c->s, "%sT00:00", date), ""));
}

/* "library:okta", or "two-days@3": neither a name of a policy nor of the library has a ':' or '@'.
 */
static json_t *choice_of(struct call *c, const char *value)
{
    if (!strncmp(value, "library:", LIBRARY_LEN))
        return json_pack("{s:s}", "library", value + LIBRARY_LEN);
    const char *at = strchr(value, '@');
    json_t *choice =
        json_pack("{s:s}", "name", at ? scope_strndup(c->s, value, (size_t)(at - value)) : value);
    if (at)
        json_object_set_new(choice, "version", json_integer(strtoll(at + 1, NULL, 10)));
    return choice;
}

static void add_choice(json_t *list, const char *value, const char *label, const char *selected)
{
    json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "value", value, "label", label,
                                    "selected", !strcmp(value, selected)));
}

/* All versions of stored policies, and those of the library that a run can compute. */
static enum rc choices(struct call *c, json_t *context, const char *name, const char *selected)
{
    json_t *stored, *one, *own = json_array(), *library = json_array();
    size_t i;
    json_object_set_new(context, name, json_pack("{s:o, s:o}", "own", own, "library", library));
    TRY(console_rows(c, "/v1/policies?limit=1000", &stored));
    json_array_foreach(stored, i, one)
    {
        const char *policy = json_get_word(one, "name");
        long long version = json_get_int(one, "version");
        add_choice(own, scope_printf(c->s, "%s@%lld", policy, version),
            scope_printf(c->s, "%s (%lld)", policy, version), selected);
    }
    json_array_foreach(library_list(), i, one)
    {
        SCOPE(inner);
        struct policy policy;
        const char *entry = json_get_word(one, "name");
        if (policy_read(inner, json_object_get(one, "policy"), &policy) == RC_OK)
            add_choice(library, scope_printf(c->s, "library:%s", entry), entry, selected);
    }
    return RC_OK;
}

static const char *shown(struct call *c, const char *value)
{
    json_t *choice = json_own(c->s, choice_of(c, value));
    const char *library = json_get_text(choice, "library");
    if (library)
        return library;
    long long version = json_get_int(choice, "version");
    return version ? scope_printf(c->s, "%s (%lld)", json_get_word(choice, "name"), version)
                   : value;
}

/* The months of a currency, all plans together. */
static json_t *months_of(struct call *c, json_t *totals, const char *currency)
{
    static const char *const members[] = {"amount_minor", "against_minor", "difference_minor"};
    json_t *list = json_own(c->s, json_array()), *row, *last = NULL;
    size_t i;
    json_array_foreach(totals, i, row)
    {
        if (strcmp(json_get_word(row, "currency"), currency) != 0)
            continue;
        if (!last || strcmp(json_get_word(last, "month"), json_get_word(row, "month")) != 0) {
            last = json_copy(row);
            json_array_append_new(list, last);
            continue;
        }
        for (size_t m = 0; m < 3; m++)
            json_object_set_new(last, members[m],
                json_integer(json_get_int(last, members[m]) + json_get_int(row, members[m])));
    }
    return list;
}

static void put_money(struct call *c, json_t *row)
{
    console_money(c, row, "amount_minor", "amount");
    console_money(c, row, "against_minor", "against");
    console_money(c, row, "difference_minor", "difference");
}

/* The difference of a currency as a sentence. */
static const char *in_words(struct call *c, const json_t *sum, const char *first, const char *other)
{
    json_int_t minor = json_get_int(sum, "difference_minor");
    const char *label = minor > 0 ? "compare_more" : minor < 0 ? "compare_less" : "compare_same";
    const char *by = label_money(
        c->s, minor < 0 ? -minor : minor, json_get_word(sum, "currency"), console_locale(c));
    json_t *values =
        json_own(c->s, json_pack("{s:s, s:s, s:s, s:I, s:I}", "policy", first, "against", other,
                           "amount", by, "accounts", json_get_int(sum, "accounts"),
                           "against_accounts", json_get_int(sum, "against_accounts")));
    return label_fill(c->s, label_text(c->s, console_locale(c), "staff_credits", label), values);
}

static void put_comparison(
    struct call *c, json_t *context, json_t *reply, const char *first, const char *other)
{
    json_t *comparison = json_object_get(reply, "comparison"), *sum, *row;
    json_t *totals = json_object_get(comparison, "totals");
    size_t i, m;
    json_array_foreach(json_object_get(comparison, "sums"), i, sum)
    {
        const char *words = in_words(c, sum, first, other);
        json_t *months = months_of(c, totals, json_get_word(sum, "currency"));
        json_object_set_new(sum, "words", json_string(words));
        json_object_set_new(sum, "chart", cost_bars(c->s, months, words));
        json_array_foreach(months, m, row) put_money(c, row);
        json_object_set(sum, "months", months);
        put_money(c, sum);
    }
    json_array_foreach(totals, m, row) put_money(c, row);
    json_object_set(context, "cost", reply);
}

static void compare(struct call *c, json_t *context, const char *first, const char *other)
{
    json_t *reply, *body = json_own(c->s, choice_of(c, first));
    json_object_set_new(body, "against", choice_of(c, other));
    json_object_set_new(body, "timeout_seconds", json_integer(PATIENCE));
    json_object_set_new(body, "period",
        json_pack("{s:o, s:o}", "from", instant(c, json_get_word(context, "from")), "to",
            instant(c, json_get_word(context, "to"))));
    int status = c->reply.status;
    bool done = console_call(c, POST, "/v1/policies/dry-run", body, &reply);
    c->reply.status = status;
    if (done)
        put_comparison(c, context, reply, shown(c, first), shown(c, other));
    else
        console_put_problem(c, context, reply);
}

enum rc console_compare(struct call *c)
{
    json_t *context = json_own(c->s, json_object());
    const char *first = asked(c, "first", ""), *other = asked(c, "other", "");
    TRY(choices(c, context, "first", first));
    TRY(choices(c, context, "other", other));
    json_object_set_new(context, "from", json_string(asked(c, "from", day(c, 365))));
    json_object_set_new(context, "to", json_string(asked(c, "to", day(c, -1))));
    json_object_set_new(context, "cost", json_null());
    json_object_set_new(context, "first_name", json_string(shown(c, first)));
    json_object_set_new(context, "other_name", json_string(shown(c, other)));
    console_put_problem(c, context, NULL);
    if (*first && *other)
        compare(c, context, first, other);
    return console_reply(c, "credits/compare", context);
}
