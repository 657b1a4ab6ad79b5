/* price(M): one price, or the mean of several, as a formula. */
#include <string.h>

#include "billing/words/working_numbers.h"
#include "core/clock.h"
#include "core/json.h"
#include "templates/label.h"

int64_t working_instant(const json_t *of, const char *name)
{
    int64_t us = 0;
    clock_parse(json_get_word(of, name), &us);
    return us;
}

const char *working_local(const struct words_working *w, const json_t *of, const char *name)
{
    int64_t us = working_instant(of, name), rest = us % CLOCK_SECOND;
    if (w->brief)
        return label_time(w->s, w->locale, us, w->timezone);
    const char *text = label_time_seconds(w->s, w->locale, us - rest, w->timezone);
    return rest ? scope_printf(w->s, "%s + %s s", text, working_seconds(w, rest)) : text;
}

json_t *working_of_part(const json_t *list, const json_t *part)
{
    const char *product = json_get_word(part, "product");
    json_t *found = json_array(), *one;
    size_t i;
    json_array_foreach((json_t *)list, i, one)
    {
        if (!strcmp(json_get_word(one, "product"), product))
            json_array_append(found, one);
    }
    return found;
}

/* "1,200.00 EUR / 12 × 86400 s" */
static const char *term(const struct words_working *w, const json_t *price, bool monthly)
{
    int64_t months = json_get_int(price, "months");
    const char *seconds =
        working_seconds(w, working_instant(price, "to") - working_instant(price, "from"));
    const char *money = working_money(w, json_get_int(price, "price_minor"));
    if (!monthly)
        return scope_printf(w->s, "%s × %s s / %s s", money, seconds,
            working_decimal(w, json_get_word(price, "period_seconds")));
    if (months == 1)
        return scope_printf(w->s, "%s × %s s", money, seconds);
    return scope_printf(w->s, "%s / %lld × %s s", money, (long long)months, seconds);
}

static bool is_whole(
    const struct words_working *w, const json_t *price, int64_t months, const char *seconds)
{
    const char *all = months ? seconds : json_get_word(price, "period_seconds");
    int64_t length = working_instant(price, "to") - working_instant(price, "from");
    return (!months || json_get_int(price, "months") == months) &&
           !strcmp(working_seconds(w, length), working_decimal(w, all));
}

const char *working_mean(
    const struct words_working *w, const json_t *prices, int64_t months, const char *seconds)
{
    const char *text = "";
    json_t *one;
    size_t i;
    if (json_array_size(prices) == 1 && is_whole(w, json_array_get(prices, 0), months, seconds))
        return NULL;
    json_array_foreach((json_t *)prices, i, one) text =
        scope_printf(w->s, "%s%s%s", text, i ? " + " : "", term(w, one, months > 0));
    if (!months || !*text)
        return *text ? text : "0";
    const char *times = months > 1 ? scope_printf(w->s, "%lld × ", (long long)months) : "";
    return scope_printf(w->s, "%s(%s) / %s s", times, text, working_decimal(w, seconds));
}
