#include "cli/credit_words.h"

#include <inttypes.h>
#include <string.h>

#include "core/clock.h"
#include "core/money.h"

struct words {
    struct scope *s;
    struct strbuf *b;
    const json_t *explain;
    const char *currency;
    const char *zone;
};

/* Values that explain() omits read as "". */
static const char *text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? value : "";
}

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static const char *money(const struct words *w, int64_t minor)
{
    return money_text(w->s, minor, w->currency);
}

/* 5000 basis points: "50 %"; 1: "0.01 %". */
static const char *percent(struct scope *s, int64_t basis_points)
{
    if (basis_points % 100 == 0)
        return scope_printf(s, "%" PRId64 " %%", basis_points / 100);
    return scope_printf(s, "%" PRId64 ".%02d %%", basis_points / 100, (int)(basis_points % 100));
}

/* "2013-01-15T05:06:00Z (2013-01-14 21:06 -08:00)" */
static const char *instant(const struct words *w, const char *utc)
{
    int64_t us;
    if (!clock_parse(utc, &us))
        return utc;
    return scope_printf(w->s, "%s (%s)", utc, clock_local(w->s, us, w->zone));
}

static void add_period(const struct words *w)
{
    const json_t *period = json_object_get(w->explain, "period");
    strbuf_addf(w->b, "Period %s to %s in %s: %" PRId64 " dates, %s seconds\n",
        text(period, "from"), text(period, "to"), w->zone, number(period, "dates"),
        text(period, "seconds"));
    size_t i;
    json_t *price;
    json_array_foreach(json_object_get(w->explain, "prices"), i, price) strbuf_addf(w->b,
        "  price       %s from %s to %s\n", money(w, number(price, "price_minor")),
        instant(w, text(price, "from")), instant(w, text(price, "to")));
}

static void add_impacts(const struct words *w)
{
    size_t i;
    json_t *impact;
    json_array_foreach(json_object_get(w->explain, "impacts"), i, impact)
        strbuf_addf(w->b, "  impact      %s %s of %s, counts %s: %s to %s\n",
            text(impact, "component"), text(impact, "level"), text(impact, "incident"),
            percent(w->s, number(impact, "weight_bp")), text(impact, "from"), text(impact, "to"));
}

static void add_windows(const struct words *w)
{
    size_t i;
    json_t *window;
    json_array_foreach(json_object_get(w->explain, "windows"), i, window) strbuf_addf(w->b,
        "  time        %s to %s: %s seconds at %s, price %s\n", instant(w, text(window, "from")),
        instant(w, text(window, "to")), text(window, "seconds"),
        percent(w->s, number(window, "weight_bp")), money(w, number(window, "price_minor")));
    strbuf_addf(w->b, "  weighted    %s seconds of %s that had a price\n",
        text(w->explain, "weighted_seconds"), text(w->explain, "entitled_seconds"));
}

static void add_claims(const struct words *w)
{
    size_t i;
    json_t *claim;
    json_array_foreach(json_object_get(w->explain, "claims"), i, claim)
    {
        const char *incident = text(claim, "incident");
        strbuf_addf(w->b, "  paid for    %s, price %s%s%s%s\n", instant(w, text(claim, "at")),
            money(w, number(claim, "price_minor")), *incident ? ", " : "", incident,
            json_is_true(json_object_get(claim, "affected"))
                ? ""
                : ", not affected itself: start of the outage");
    }
}

static void add_amount(const struct words *w)
{
    const json_t *exact = json_object_get(w->explain, "exact");
    int64_t cap = number(w->explain, "cap_minor"), issued = number(w->explain, "issued_minor");
    int64_t earlier = number(w->explain, "earlier_minor");
    strbuf_addf(w->b, "  formula     %s\n", text(w->explain, "formula"));
    const char *over = text(exact, "numerator"), *under = text(exact, "denominator");
    int keep[2] = {(int)strlen(over), (int)strlen(under)};
    /* The fraction is exact but not reduced; cut the zeros at the end of both parts for legibility.
     */
    while (keep[0] > 1 && keep[1] > 1 && over[keep[0] - 1] == '0' && under[keep[1] - 1] == '0')
        keep[0]--, keep[1]--;
    strbuf_addf(w->b, "  exact       %.*s / %.*s = %s minor units\n", keep[0], over, keep[1], under,
        text(exact, "decimal"));
    strbuf_addf(w->b, "  rounded     %s (%s)\n", money(w, number(w->explain, "rounded_minor")),
        text(w->explain, "rounding"));
    strbuf_addf(w->b, "  earlier     %s already issued by this policy for the period, subtracted\n",
        money(w, earlier));
    strbuf_addf(w->b, "  cap         %s %% of the period's price = %s, less %s issued: %s\n",
        text(w->explain, "cap_percent"), money(w, cap), money(w, issued), money(w, cap - issued));
    strbuf_addf(w->b, "  line        %s\n", money(w, number(w->explain, "amount_minor")));
}

void credit_words(struct scope *s, struct strbuf *b, const json_t *explain, const char *currency)
{
    const struct words w = {.s = s,
        .b = b,
        .explain = explain,
        .currency = currency,
        .zone = text(explain, "timezone")};
    add_period(&w);
    add_impacts(&w);
    add_windows(&w);
    add_claims(&w);
    add_amount(&w);
}
