/* The requests that failed, for suggestions of measured requests: a picture for each rule and
 * component, and its numbers as a table. */
#include <string.h>

#include "api/console/console.h"
#include "api/measurements/ratio.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/shape.h"
#include "templates/label.h"

enum { STEPS_MAX = 240 };
#define MINUTE (60 * CLOCK_SECOND)
#define AROUND (15 * MINUTE)
#define SPAN_MAX (31 * 24 * 60 * MINUTE)

/* A rule's judgement of a component: its windows in one suggestion. */
struct picked {
    const json_t *suggestion;
    const char *component, *name;
    struct ratio ratio;
};

/* The windows of the component, and the time around them in whole steps. */
static void put_windows(struct call *c, struct picked *p)
{
    json_t *windows = json_object_get(p->suggestion, "windows"), *one;
    struct ratio_window *at = SCOPE_ARRAY(c->s, struct ratio_window, json_array_size(windows) + 1);
    int64_t now = clock_now();
    size_t i;
    p->ratio.windows = at;
    p->ratio.from = INT64_MAX;
    json_array_foreach(windows, i, one)
    {
        if (strcmp(json_get_word(one, "component"), p->component) != 0)
            continue;
        int64_t from = console_instant(one, "from"), to = console_instant(one, "to");
        to = to == SHAPE_NONE ? now : to;
        at[p->ratio.n_windows++] = (struct ratio_window){.from = from, .to = to};
        p->ratio.from = from < p->ratio.from ? from : p->ratio.from;
        p->ratio.to = to > p->ratio.to ? to : p->ratio.to;
    }
    p->ratio.from -= AROUND;
    p->ratio.to = p->ratio.to + AROUND > now ? now : p->ratio.to + AROUND;
    if (p->ratio.to - p->ratio.from > SPAN_MAX)
        p->ratio.to = p->ratio.from + SPAN_MAX;
    int64_t minutes = (p->ratio.to - p->ratio.from) / MINUTE + 1;
    p->ratio.step = (minutes + STEPS_MAX - 1) / STEPS_MAX * MINUTE;
    p->ratio.from -= p->ratio.from % p->ratio.step;
    p->ratio.to += p->ratio.step - 1 - (p->ratio.to + p->ratio.step - 1) % p->ratio.step;
}

static const char *target_of(struct call *c, const struct picked *p)
{
    return scope_printf(c->s,
        "/v1/measurements?component=%s&suggestion=%lld&from=%s&to=%s&step_minutes=%lld",
        console_escaped(c, p->component), json_get_int(p->suggestion, "id"),
        clock_rfc3339(c->s, p->ratio.from), clock_rfc3339(c->s, p->ratio.to),
        (long long)(p->ratio.step / MINUTE));
}

static const char *percent(struct call *c, int64_t bp)
{
    return console_percent(c, json_own(c->s, json_integer((json_int_t)bp)));
}

/* The steps as rows of a table, and as those of the picture. Returns the worst one. */
static const struct ratio_step *put_steps(
    struct call *c, json_t *data, struct ratio *ratio, json_t *shown)
{
    struct ratio_step *steps = SCOPE_ARRAY(c->s, struct ratio_step, json_array_size(data) + 1);
    const struct ratio_step *worst = steps;
    json_t *one, *rows = json_array();
    size_t i;
    json_array_foreach(data, i, one)
    {
        int64_t good = json_get_int(one, "good"), total = json_get_int(one, "total");
        steps[i] = (struct ratio_step){
            .from = console_instant(one, "from"), .bad = total - good, .total = total};
        int64_t bp = ratio_bp(&steps[i]);
        worst = bp > ratio_bp(worst) ? &steps[i] : worst;
        json_array_append_new(
            rows, json_pack("{s:O, s:s, s:I, s:I, s:b}", "at", json_object_get(one, "from"),
                      "percent", percent(c, bp), "bad", (json_int_t)(total - good), "total",
                      (json_int_t)total, "over", bp >= ratio->limit_bp));
    }
    ratio->steps = steps;
    ratio->n = json_array_size(data);
    json_object_set_new(shown, "rows", rows);
    return worst;
}

static const char *say(struct call *c, const char *label, json_t *facts)
{
    return label_fill(
        c->s, label_text(c->s, console_locale(c), "staff_incidents", label), json_own(c->s, facts));
}

static enum rc show(struct call *c, struct picked *p, json_t *list)
{
    json_t *reply, *shown = json_own(c->s, json_object());
    put_windows(c, p);
    TRY(console_get(c, target_of(c, p), &reply));
    json_t *data = json_object_get(reply, "data");
    if (!json_array_size(data))
        return RC_OK;
    const struct ratio_step *worst = put_steps(c, data, &p->ratio, shown);
    p->ratio.label = say(c, "ratio_label",
        json_pack("{s:s, s:s, s:s, s:s}", "component", p->name, "most", percent(c, ratio_bp(worst)),
            "limit", percent(c, p->ratio.limit_bp), "rule", json_get_word(p->suggestion, "rule")));
    json_object_set_new(shown, "svg", json_string(ratio_svg(c->s, &p->ratio)));
    json_object_set_new(shown, "label", json_string(p->ratio.label));
    json_object_set_new(shown, "top", json_string(percent(c, ratio_top(&p->ratio))));
    json_object_set_new(shown, "limit", json_string(percent(c, p->ratio.limit_bp)));
    json_object_set_new(shown, "minutes", json_integer((json_int_t)(p->ratio.step / MINUTE)));
    json_object_set_new(shown, "coarse", json_boolean(p->ratio.step > MINUTE));
    json_object_set_new(shown, "from", json_string(clock_rfc3339(c->s, p->ratio.from)));
    json_object_set_new(shown, "to", json_string(clock_rfc3339(c->s, p->ratio.to)));
    json_array_append(list, shown);
    return RC_OK;
}

/* Whether a window before this one is of the same component. */
static bool is_repeated(const json_t *windows, size_t n)
{
    const char *component = json_get_word(json_array_get(windows, n), "component");
    for (size_t i = 0; i < n; i++)
        if (!strcmp(json_get_word(json_array_get(windows, i), "component"), component))
            return true;
    return false;
}

enum rc console_put_ratios(struct call *c, const json_t *suggestions, json_t *context)
{
    json_t *list = json_array(), *one, *window;
    size_t i, k;
    json_object_set_new(context, "ratios", list);
    json_array_foreach(suggestions, i, one)
    {
        const json_t *limit = json_object_get(one, "error_bp");
        json_t *windows = json_object_get(one, "windows");
        if (!json_is_integer(limit))
            continue;
        json_array_foreach(windows, k, window)
        {
            struct picked picked = {.suggestion = one,
                .component = json_get_word(window, "component"),
                .name = json_get_word(window, "name"),
                .ratio.limit_bp = json_integer_value(limit)};
            if (!is_repeated(windows, k))
                TRY(show(c, &picked, list));
        }
    }
    return RC_OK;
}
