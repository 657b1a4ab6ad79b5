#include "cli/policy/policy_cost.h"

#include <stdio.h>
#include <string.h>

#include "core/csv.h"
#include "core/json.h"
#include "core/money.h"
#include "core/strbuf.h"
#include "core/utf8.h"

enum { ROW_OCTETS = 8192, MONTH_WIDTH = 7, CREDITS_WIDTH = 9, AMOUNT_WIDTH = 12 };

static const char *text(const json_t *row, const char *name)
{
    const char *value = json_get_text(row, name);
    return value ? value : "-";
}

static const char *amount(struct scope *s, const json_t *row, const char *name)
{
    return money_amount(s, json_get_int(row, name), (int)json_get_int(row, "exponent"));
}

static const char *difference(struct scope *s, const json_t *row)
{
    const char *plain = amount(s, row, "difference_minor");
    return json_get_int(row, "difference_minor") > 0 ? scope_printf(s, "+%s", plain) : plain;
}

static int wider(int width, const char *value)
{
    int own = (int)utf8_count(value);
    return own > width ? own : width;
}

/* printf counts octets, a terminal characters. */
static void put(const char *value, int width, bool right)
{
    int room = width - (int)utf8_count(value);
    room = room > 0 ? room : 0;
    printf("%*s%s%*s", right ? room : 0, "", value, right ? 0 : room, "");
}

static void put_right(const char *value, int width)
{
    printf("  ");
    put(value, width, true);
}

struct widths {
    int plan, policy, against, difference;
};

/* Months and sums have the same columns; a sum is no narrower than what it adds. */
static struct widths widths_of(
    struct scope *s, const struct policy_cost *cost, const json_t *comparison)
{
    struct widths w = {.plan = 8,
        .policy = wider(AMOUNT_WIDTH, cost->policy),
        .against = wider(AMOUNT_WIDTH, cost->against),
        .difference = AMOUNT_WIDTH};
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(comparison, "totals"), i, row) w.plan =
        wider(w.plan, text(row, "plan"));
    json_array_foreach(json_object_get(comparison, "sums"), i, row)
    {
        w.policy = wider(w.policy, amount(s, row, "amount_minor"));
        w.against = wider(w.against, amount(s, row, "against_minor"));
    }
    json_array_foreach(json_object_get(comparison, "totals"), i, row) w.difference =
        wider(w.difference, difference(s, row));
    json_array_foreach(json_object_get(comparison, "sums"), i, row) w.difference =
        wider(w.difference, difference(s, row));
    return w;
}

static void put_row(struct scope *s, const struct widths *w, const char *month, const char *plan,
    const json_t *row, const char *n, const char *against_n)
{
    put(month, MONTH_WIDTH, false);
    printf("  ");
    put(plan, w->plan, false);
    put_right(n, CREDITS_WIDTH);
    put_right(amount(s, row, "amount_minor"), w->policy);
    put_right(against_n, CREDITS_WIDTH);
    put_right(amount(s, row, "against_minor"), w->against);
    put_right(difference(s, row), w->difference);
    putchar('\n');
}

static void put_head(const struct policy_cost *cost, const struct widths *w)
{
    put("MONTH", MONTH_WIDTH, false);
    printf("  ");
    put("PLAN", w->plan, false);
    put_right("CREDITS", CREDITS_WIDTH);
    put_right(cost->policy, w->policy);
    put_right("CREDITS", CREDITS_WIDTH);
    put_right(cost->against, w->against);
    put_right("DIFFERENCE", w->difference);
    putchar('\n');
}

static const char *number(struct scope *s, const json_t *row, const char *name)
{
    return scope_printf(s, "%lld", json_get_int(row, name));
}

/* The months of a currency, and their sum. */
static void put_currency(struct scope *s, const struct policy_cost *cost, const struct widths *w,
    const json_t *totals, const json_t *sum)
{
    size_t i;
    json_t *row;
    long long n = 0, against_n = 0;
    printf("\n%s, %lld and %lld accounts\n", text(sum, "currency"), json_get_int(sum, "accounts"),
        json_get_int(sum, "against_accounts"));
    put_head(cost, w);
    json_array_foreach(totals, i, row)
    {
        if (strcmp(text(row, "currency"), text(sum, "currency")) != 0)
            continue;
        n += json_get_int(row, "credits");
        against_n += json_get_int(row, "against_credits");
        put_row(s, w, text(row, "month"), text(row, "plan"), row, number(s, row, "credits"),
            number(s, row, "against_credits"));
    }
    put_row(s, w, "total", "", sum, scope_printf(s, "%lld", n), scope_printf(s, "%lld", against_n));
}

static void put_comparison(const struct policy_cost *cost, const json_t *reply)
{
    SCOPE(s);
    const json_t *comparison = json_object_get(reply, "comparison");
    struct widths w = widths_of(s, cost, comparison);
    size_t i;
    json_t *sum;
    printf("%s against %s: %lld incidents, %lld and %lld accounts would receive a credit\n",
        cost->policy, cost->against, json_get_int(reply, "incidents"),
        json_get_int(reply, "accounts"), json_get_int(comparison, "accounts"));
    json_array_foreach(json_object_get(comparison, "sums"), i, sum)
        put_currency(s, cost, &w, json_object_get(comparison, "totals"), sum);
}

void policy_cost_table(const struct policy_cost *cost, const json_t *reply)
{
    SCOPE(s);
    size_t i;
    json_t *row;
    if (cost->against) {
        put_comparison(cost, reply);
        return;
    }
    printf("%s: %lld incidents, %lld accounts would receive a credit\n", cost->policy,
        json_get_int(reply, "incidents"), json_get_int(reply, "accounts"));
    json_array_foreach(json_object_get(reply, "totals"), i, row)
        printf("%s  %s  %-20s %8lld credits  %16s\n", text(row, "month"), text(row, "currency"),
            text(row, "plan"), json_get_int(row, "credits"), amount(s, row, "amount_minor"));
    json_array_foreach(json_object_get(reply, "sums"), i, row)
        printf("total    %s  %-20s %8lld accounts %16s\n", text(row, "currency"), "",
            json_get_int(row, "accounts"), amount(s, row, "amount_minor"));
}

void policy_cost_csv_head(const char *against)
{
    printf("policy,%smonth,currency,plan,credits,amount%s\r\n", against ? "against," : "",
        against ? ",against_credits,against_amount,difference" : "");
}

void policy_cost_csv(const struct policy_cost *cost, const json_t *reply)
{
    const json_t *of = cost->against ? json_object_get(reply, "comparison") : reply;
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(of, "totals"), i, row)
    {
        SCOPE(s);
        STRBUF(b, ROW_OCTETS);
        csv_add(&b, cost->policy, false);
        if (cost->against)
            csv_add(&b, cost->against, false);
        csv_add(&b, text(row, "month"), false);
        csv_add(&b, text(row, "currency"), false);
        csv_add(&b, json_get_text(row, "plan"), false);
        strbuf_addf(&b, "%lld,%s", json_get_int(row, "credits"), amount(s, row, "amount_minor"));
        if (cost->against) /* a negative number is none of the formulas that csv_add guards */
            strbuf_addf(&b, ",%lld,%s,%s", json_get_int(row, "against_credits"),
                amount(s, row, "against_minor"), amount(s, row, "difference_minor"));
        printf("%s\r\n", b.buf);
    }
}
