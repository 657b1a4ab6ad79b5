#include "cli/credit_words.h"

#include <inttypes.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"

struct words {
    struct scope *s;
    struct strbuf *b;
    const json_t *explain;
    const char *currency;
    const char *zone;
};

static const char *money(const struct words *w, int64_t minor)
{
    return money_text(w->s, minor, w->currency);
}

static const char *rounded(const struct words *w)
{
    const char *beyond = json_get_text(w->explain, "rounded_beyond");
    return beyond ? money_text_exact(w->s, beyond, w->currency)
                  : money(w, json_get_int(w->explain, "rounded_minor"));
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
    strbuf_addf(w->b, "Period %s to %s in %s: %lld dates, %s seconds\n",
        json_get_word(period, "from"), json_get_word(period, "to"), w->zone,
        json_get_int(period, "dates"), json_get_word(period, "seconds"));
    const json_t *whole = json_object_get(period, "whole");
    if (whole)
        strbuf_addf(w->b, "  cut from    %s to %s, whose dates and seconds these are\n",
            json_get_word(whole, "from"), json_get_word(whole, "to"));
    size_t i;
    json_t *price;
    json_array_foreach(json_object_get(w->explain, "prices"), i, price) strbuf_addf(w->b,
        "  price       %s from %s to %s\n", money(w, json_get_int(price, "price_minor")),
        instant(w, json_get_word(price, "from")), instant(w, json_get_word(price, "to")));
}

static void add_impacts(const struct words *w)
{
    size_t i;
    json_t *impact;
    json_array_foreach(json_object_get(w->explain, "impacts"), i, impact)
        strbuf_addf(w->b, "  impact      %s %s of %s, counts %s: %s to %s\n",
            json_get_word(impact, "component"), json_get_word(impact, "level"),
            json_get_word(impact, "incident"), percent(w->s, json_get_int(impact, "weight_bp")),
            json_get_word(impact, "from"), json_get_word(impact, "to"));
}

static void add_windows(const struct words *w)
{
    size_t i;
    json_t *window;
    json_array_foreach(json_object_get(w->explain, "windows"), i, window)
        strbuf_addf(w->b, "  time        %s to %s: %s seconds at %s, price %s\n",
            instant(w, json_get_word(window, "from")), instant(w, json_get_word(window, "to")),
            json_get_word(window, "seconds"), percent(w->s, json_get_int(window, "weight_bp")),
            money(w, json_get_int(window, "price_minor")));
    strbuf_addf(w->b, "  weighted    %s seconds of %s that had a price\n",
        json_get_word(w->explain, "weighted_seconds"),
        json_get_word(w->explain, "entitled_seconds"));
}

static void add_claims(const struct words *w)
{
    size_t i;
    json_t *claim;
    json_array_foreach(json_object_get(w->explain, "claims"), i, claim)
    {
        const char *incident = json_get_word(claim, "incident");
        strbuf_addf(w->b, "  paid for    %s, price %s%s%s%s\n",
            instant(w, json_get_word(claim, "at")), money(w, json_get_int(claim, "price_minor")),
            *incident ? ", " : "", incident,
            json_is_true(json_object_get(claim, "affected"))
                ? ""
                : ", not affected itself: start of the outage");
    }
}

static void add_amount(const struct words *w)
{
    const json_t *exact = json_object_get(w->explain, "exact");
    /* A price is at most 10^15 and a cap ten times that (imports, policies). */
    int64_t cap = json_get_int(w->explain, "cap_minor"),
            issued = json_get_int(w->explain, "issued_minor");
    int64_t earlier = json_get_int(w->explain, "earlier_minor");
    strbuf_addf(w->b, "  formula     %s\n", json_get_word(w->explain, "formula"));
    const char *over = json_get_word(exact, "numerator"),
               *under = json_get_word(exact, "denominator");
    int keep[2] = {(int)strlen(over), (int)strlen(under)};
    /* The fraction is exact but not reduced; cut the zeros at the end of both parts for legibility.
     */
    while (keep[0] > 1 && keep[1] > 1 && over[keep[0] - 1] == '0' && under[keep[1] - 1] == '0')
        keep[0]--, keep[1]--;
    strbuf_addf(w->b, "  exact       %.*s / %.*s = %s minor units\n", keep[0], over, keep[1], under,
        json_get_word(exact, "decimal"));
    strbuf_addf(w->b, "  rounded     %s (%s)\n", rounded(w), json_get_word(w->explain, "rounding"));
    strbuf_addf(w->b, "  earlier     %s already issued by this policy for the period, subtracted\n",
        money(w, earlier));
    strbuf_addf(w->b, "  cap         %s %% of the period's price = %s, less %s issued: %s\n",
        json_get_word(w->explain, "cap_percent"), money(w, cap), money(w, issued),
        money(w, cap - issued));
    strbuf_addf(w->b, "  line        %s\n", money(w, json_get_int(w->explain, "amount_minor")));
}

void credit_words(struct scope *s, struct strbuf *b, const json_t *explain, const char *currency)
{
    const struct words w = {.s = s,
        .b = b,
        .explain = explain,
        .currency = currency,
        .zone = json_get_word(explain, "timezone")};
    add_period(&w);
    add_impacts(&w);
    add_windows(&w);
    add_claims(&w);
    add_amount(&w);
}
