#include "billing/engine/explain.h"

#include "billing/engine/number/calendar.h"
#include "core/clock.h"
#include "core/json.h"

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *number(struct scope *s, mpq_srcptr value)
{
    return text(
        mpz_cmp_ui(mpq_denref(value), 1) == 0 ? rat_decimal(s, value, 0) : rat_text(s, value));
}

static json_t *instant(struct scope *s, int64_t us)
{
    return text(clock_rfc3339(s, us));
}

static json_t *window_json(struct scope *s, const struct window *w)
{
    json_t *out =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:I}", "from", text(day_text(s, w->from_day)), "to",
            text(day_text(s, w->to_day)), "from_at", instant(s, w->from), "to_at",
            instant(s, w->to), "seconds", number(s, rat_of(s, w->length, CLOCK_SECOND)), "dates",
            (json_int_t)(w->whole_to - w->whole_from));
    if (w->whole_from != w->from_day || w->whole_to != w->to_day)
        json_object_set_new(out, "whole",
            json_pack("{s:o, s:o}", "from", text(day_text(s, w->whole_from)), "to",
                text(day_text(s, w->whole_to))));
    return out;
}

static json_t *prices_json(struct rating *r, const struct part *part)
{
    json_t *out = json_array();
    const struct timeline *timeline = &part->measured.base->timeline;
    const struct window *w = part->measured.window;
    for (size_t i = 0; i < timeline->n; i++) {
        const struct piece *p = &timeline->at[i];
        if (p->from < w->to && p->to > w->from)
            json_array_append_new(
                out, json_pack("{s:o, s:o, s:I, s:I, s:o, s:I}", "from",
                         instant(r->s, p->from > w->from ? p->from : w->from), "to",
                         instant(r->s, p->to < w->to ? p->to : w->to), "price_minor",
                         (json_int_t)p->price, "months", (json_int_t)p->months, "period_seconds",
                         number(r->s, rat_of(r->s, p->length, CLOCK_SECOND)), "period_dates",
                         (json_int_t)p->dates));
    }
    return out;
}

static json_t *spans_json(struct scope *s, const struct spans *spans)
{
    json_t *out = json_array();
    for (size_t i = 0; i < spans->n; i++) {
        const struct span *one = &spans->at[i];
        json_array_append_new(
            out, json_pack("{s:o, s:o, s:o, s:o}", "from", instant(s, one->from), "to",
                     instant(s, one->to), "weight_bp", number(s, rat_of(s, one->weight, 10000)),
                     "seconds", number(s, rat_of(s, one->to - one->from, CLOCK_SECOND))));
    }
    return out;
}

static json_t *part_json(struct rating *r, const struct part *part)
{
    struct scope *s = r->s;
    const struct measured *m = &part->measured;
    json_t *out = json_object();
    if (m->base->product)
        json_object_set_new(out, "product", text(m->base->product));
    json_object_set_new(out, "prices", prices_json(r, part));
    json_object_set_new(out, "worth", number(s, window_worth(s, &m->base->timeline, m->window)));
    json_object_set_new(out, "windows", spans_json(s, &m->weight.amount));
    json_object_set_new(out, "down_seconds", number(s, m->down));
    json_object_set_new(
        out, r->rule->requests_us ? "intervals" : "entitled_seconds", number(s, m->entitled));
    if (m->uptime)
        json_object_set_new(out, "uptime", number(s, m->uptime));
    if (m->first != INT64_MAX)
        json_object_set_new(out, "first", instant(s, m->first));
    if (r->rule->below)
        json_object_set_new(out, "below", json_boolean(part->open));
    json_object_set_new(out, "owed", number(s, part->amount));
    return out;
}

static void step(json_t *steps, const char *name, json_t *value)
{
    json_array_append_new(steps, json_pack("{s:s, s:o}", "step", name, "value", value));
}

static json_t *steps_json(struct rating *r, const struct settled *done)
{
    struct scope *s = r->s;
    json_t *steps = json_array();
    step(steps, "sum", number(s, done->owed->amount));
    if (r->rule->claim)
        step(steps, "claimed", json_boolean(done->owed->claimed));
    if (done->per_incident)
        step(steps, "caps_per_incident", number(s, done->per_incident));
    step(steps, "exact", number(s, done->exact));
    step(steps, "rounded", number(s, done->rounded));
    step(steps, "earlier", number(s, done->earlier));
    if (done->room.cap) {
        step(steps, "cap", number(s, done->room.cap));
        step(steps, "taken", number(s, done->room.taken));
    }
    step(steps, "amount", json_integer(done->amount));
    return steps;
}

const json_t *explain_line(struct rating *r, const struct settled *done)
{
    json_t *out = json_own(r->s, json_object()), *parts = json_array();
    json_object_set_new(out, "policy", text(r->rule->name));
    json_object_set_new(out, "window", window_json(r->s, done->owed->window));
    for (size_t i = 0; i < r->n_bases; i++)
        json_array_append_new(parts, part_json(r, &done->owed->parts[i]));
    json_object_set_new(out, "parts", parts);
    json_object_set_new(out, "steps", steps_json(r, done));
    return out;
}
