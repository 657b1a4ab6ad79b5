/* The sentences from the exact amount of a window to the line. */
#include <string.h>

#include "billing/words/working_numbers.h"
#include "core/json.h"
#include "templates/label.h"

struct settling {
    const struct words_working *w;
    const json_t *steps;
    json_t *list;
};

static const json_t *step_of(const struct settling *to, const char *name)
{
    json_t *one;
    size_t i;
    json_array_foreach((json_t *)to->steps, i, one)
    {
        if (!strcmp(json_get_word(one, "step"), name))
            return one;
    }
    return NULL;
}

static const char *value_of(const struct settling *to, const char *name)
{
    const json_t *step = step_of(to, name);
    return step ? json_get_word(step, "value") : "0";
}

/* The step's amount in the sentence of its label. */
static void put(const struct settling *to, const char *name, const char *label)
{
    if (step_of(to, name))
        add(to->list, working_say(to->w, label,
                          json_pack("{s:s}", "amount", working_exact(to->w, value_of(to, name)))));
}

static void put_rounded(const struct settling *to)
{
    const struct words_working *w = to->w;
    bool raised = step_of(to, "unraised");
    const char *whole = value_of(to, raised ? "unraised" : "rounded");
    add(to->list,
        working_say(w, "rounded",
            json_pack("{s:s, s:s}", "amount", working_exact(w, whole), "rounding",
                label_text(w->s, w->locale, "rounding", json_get_word(w->explain, "rounding")))));
    if (raised)
        put(to, "rounded", "raised");
}

static void put_earlier(const struct settling *to)
{
    if (strcmp(value_of(to, "earlier"), "0") != 0)
        put(to, "earlier", "earlier");
}

/* "20 % of 99.00 EUR", "3 × 99.00 EUR / 31", or an amount. */
static const char *bound_words(const struct words_working *w, const json_t *bound)
{
    const char *percent = json_get_text(bound, "percent"), *days = json_get_text(bound, "days");
    const char *base = json_get_text(bound, "base");
    if (percent)
        return working_say(w, "bound_percent",
            json_pack("{s:s, s:s}", "percent", working_number(w, percent), "base",
                working_exact(w, base ? base : "0")));
    if (days)
        return working_say(w, "bound_days",
            json_pack("{s:s, s:s, s:I}", "days", working_number(w, days), "base",
                working_exact(w, base ? base : "0"), "dates",
                (json_int_t)json_get_int(bound, "dates")));
    return working_exact(w, json_get_word(bound, "value"));
}

/* The price of the window stands above, line by line. */
static void put_base(const struct settling *to, const json_t *bound, const char *of)
{
    const struct words_working *w = to->w;
    const char *base = working_exact(w, json_get_word(bound, "base"));
    bool window = !strcmp(of, "window");
    const char *sum = window ? NULL
                             : working_mean(w, json_object_get(bound, "prices"),
                                   json_get_int(bound, "months"), json_get_word(bound, "seconds"));
    add(to->list, working_say(w, scope_printf(w->s, "base_%s", of),
                      json_pack("{s:s, s:s}", "sum", sum ? sum : base, "amount", base)));
}

static void put_cap(const struct settling *to)
{
    const struct words_working *w = to->w;
    const json_t *bound = step_of(to, "bound");
    const char *of = bound ? json_get_text(bound, "of") : NULL;
    if (!bound)
        return;
    if (of && !to->w->brief)
        put_base(to, bound, of);
    add(to->list, working_say(w, scope_printf(w->s, "cap_%s", json_get_word(bound, "per")),
                      json_pack("{s:s, s:s, s:s}", "bound", bound_words(w, bound), "cap",
                          working_exact(w, value_of(to, "cap")), "taken",
                          working_exact(w, value_of(to, "taken")))));
}

/* Whether the cap leaves less than what was rounded, without what was credited before. */
static bool is_capped(const struct words_working *w)
{
    int64_t rest =
        json_get_int(w->explain, "rounded_minor") - json_get_int(w->explain, "earlier_minor");
    return json_get_text(w->explain, "rounded_beyond") ||
           rest > json_get_int(w->explain, "amount_minor");
}

static void put_brief(const struct settling *to)
{
    if (strcmp(value_of(to, "exact"), value_of(to, "rounded")) != 0)
        put_rounded(to);
    put_earlier(to);
    if (is_capped(to->w))
        put_cap(to);
}

void working_amount(const struct words_working *w, json_t *list)
{
    const struct settling to = {w, json_object_get(w->explain, "steps"), list};
    const json_t *claimed = step_of(&to, "claimed");
    if (w->brief) {
        put_brief(&to);
        return;
    }
    if (claimed)
        add(list, working_say(w, "claimed", json_object()));
    put(&to, "caps_per_incident", "cap_incident");
    put(&to, "exact", "exact");
    put_rounded(&to);
    put_earlier(&to);
    put_cap(&to);
    put(&to, "amount", "amount");
}
