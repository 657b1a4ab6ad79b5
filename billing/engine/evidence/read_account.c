#include <stdlib.h>
#include <string.h>

#include "billing/engine/evidence/read.h"
#include "billing/engine/evidence/read_member.h"
#include "core/json.h"

static enum rc read_term(struct scope *s, const json_t *json, const char *where, struct term *ret)
{
    const char *interval;
    TRY(member_day(s, json, where, "from", &ret->from));
    TRY(member_text(s, json, where, "interval", &interval));
    ret->anchor = ret->from;
    if (member_is_given(json, "anchor"))
        TRY(member_day(s, json, where, "anchor", &ret->anchor));
    ret->months = strcmp(interval, "year") ? 1 : 12;
    if (ret->months == 1 && strcmp(interval, "month") != 0)
        return fail_field(s, RC_INVALID, where, "interval must be month or year");
    if (ret->anchor > ret->from)
        return fail_field(s, RC_INVALID, where, "anchor must not be after from");
    return RC_OK;
}

/* interval and anchor at top level are one term. */
static enum rc read_terms(struct scope *s, const json_t *json, struct account *ret)
{
    const json_t *list;
    size_t n;
    TRY(member_list(s, json, "account", "terms", &list, &n));
    struct term *at = SCOPE_ARRAY(s, struct term, n + 1);
    for (size_t i = 0; i < n; i++) {
        TRY(read_term(s, json_array_get(list, i), "account.terms", &at[i]));
        if (i && at[i].from <= at[i - 1].from)
            return fail_field(s, RC_INVALID, "account.terms", "must rise by date");
    }
    if (!n) {
        json_t *one = json_own(s, json_object());
        json_object_set(one, "from", json_object_get(json, "anchor"));
        json_object_set(one, "interval", json_object_get(json, "interval"));
        TRY(read_term(s, one, "account", &at[0]));
    }
    ret->terms = at;
    ret->n_terms = n ? n : 1;
    return RC_OK;
}

static int by_day(const void *a, const void *b)
{
    const struct price *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

static enum rc read_prices(
    struct scope *s, const json_t *json, const char *where, struct price_line *ret)
{
    const json_t *list;
    size_t n;
    TRY(member_list(s, json, where, "prices", &list, &n));
    struct price *at = SCOPE_ARRAY(s, struct price, n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(list, i);
        TRY(member_day(s, one, where, "from", &at[i].from));
        TRY(member_int(s, one, where, "amount_minor", 0, INT64_MAX, 0, &at[i].minor));
        if (member_is_given(one, "plan"))
            TRY(member_text(s, one, where, "plan", &at[i].plan));
    }
    if (n)
        qsort(at, n, sizeof *at, by_day);
    ret->prices = at;
    ret->n_prices = n;
    return RC_OK;
}

/* Price lines stand in place of the account's prices. */
static enum rc read_lines(struct scope *s, const json_t *json, struct account *ret)
{
    const json_t *list;
    size_t n;
    TRY(member_list(s, json, "account", "lines", &list, &n));
    struct price_line *at = SCOPE_ARRAY(s, struct price_line, n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(list, i);
        TRY(member_text(s, one, "account.lines", "product", &at[i].product));
        TRY(member_texts(s, one, "account.lines", "components", &at[i].components));
        TRY(read_prices(s, one, "account.lines", &at[i]));
    }
    if (!n)
        TRY(read_prices(s, json, "account", &at[0]));
    ret->lines = at;
    ret->n_lines = n ? n : 1;
    return RC_OK;
}

static enum rc read_own_labels(struct scope *s, const json_t *json, struct account *ret)
{
    json_t *labels = json_object_get(json, "labels"), *value;
    const char *key;
    struct label *at = SCOPE_ARRAY(s, struct label, json_object_size(labels) + 1);
    json_object_foreach(labels, key, value)
    {
        if (!json_is_string(value))
            return fail_field(s, RC_INVALID, "account.labels", "must be texts");
        at[ret->n_labels++] = (struct label){.key = key, .value = json_string_value(value)};
    }
    ret->labels = at;
    return RC_OK;
}

static enum rc read_lists(struct scope *s, const json_t *json, struct account *ret)
{
    json_t *lists = json_object_get(json, "lists"), *share;
    const char *name;
    struct share *at = SCOPE_ARRAY(s, struct share, json_object_size(lists) + 1);
    json_object_foreach(lists, name, share)
    {
        struct share *one = &at[ret->n_lists++];
        one->name = name;
        TRY(member_int(s, lists, "account.lists", name, 0, 10000, -1, &one->bp));
    }
    ret->lists = at;
    return RC_OK;
}

enum rc read_account(
    struct scope *s, const json_t *json, zone_find *zones, void *ctx, struct account *ret)
{
    struct account account = {0};
    const char *zone;
    TRY(member_text(s, json, "account", "external_id", &account.id));
    TRY(member_text(s, json, "account", "currency", &account.currency));
    TRY(member_text(s, json, "account", "timezone", &zone));
    if (member_is_given(json, "plan"))
        TRY(member_text(s, json, "account", "plan", &account.plan));
    account.zone = zones(ctx, zone);
    if (!account.zone)
        return fail_field(s, RC_INVALID, "account.timezone", "is no IANA time zone");
    TRY(member_texts(s, json, "account", "components", &account.components));
    TRY(read_terms(s, json, &account));
    TRY(read_lines(s, json, &account));
    TRY(read_own_labels(s, json, &account));
    TRY(read_lists(s, json, &account));
    *ret = account;
    return RC_OK;
}
