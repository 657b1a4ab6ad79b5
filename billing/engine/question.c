#include "billing/engine/question.h"

#include <stdlib.h>
#include <string.h>

#include "billing/engine/weight/claims.h"
#include "core/clock.h"

static const int64_t day_us = 86400 * CLOCK_SECOND;

static bool has_ref(const struct incidents *incidents, const char *ref)
{
    for (size_t i = 0; i < incidents->n; i++) {
        if (!strcmp(incidents->at[i]->ref, ref))
            return true;
    }
    return false;
}

static const struct earlier_run *run_of(const struct rating *r, int64_t id)
{
    for (size_t i = 0; i < r->evidence->n_earlier; i++) {
        if (r->evidence->earlier[i].id == id)
            return &r->evidence->earlier[i];
    }
    return NULL;
}

/* Whether an earlier run has an incident of this one. */
static bool shares(const struct rating *r, const struct held_line *line)
{
    const struct earlier_run *run = run_of(r, line->run);
    for (size_t i = 0; run && i < run->incidents.n; i++) {
        if (has_ref(&r->evidence->own, run->incidents.at[i]->ref))
            return true;
    }
    return false;
}

/* A window that a later term cut is still that window, unless this run is about an incident of the
 * line's run and the line paid for time behind the cut: the next term would pay that again. */
static bool lost(const struct rating *r, const struct held_line *line)
{
    struct window window;
    if (!window_of_line(r->s, r->rule, r->account, line, &window))
        return true;
    return window.to_day < line->to && shares(r, line) && line->reach > window.to;
}

bool question_terms_changed(const struct rating *r)
{
    for (size_t i = 0; i < r->held->n; i++) {
        if (r->held->at[i].same && lost(r, &r->held->at[i]))
            return true;
    }
    return false;
}

size_t question_count(const struct evidence *evidence)
{
    size_t n = evidence->own.n;
    for (size_t i = 0; i < evidence->n_earlier; i++)
        n += evidence->earlier[i].incidents.n;
    return n + 1;
}

/* days and fixed: an earlier credit of this policy was for the incident. */
static bool is_compensated(const struct rating *r, const struct incident *incident)
{
    for (size_t i = 0; i < r->held->n; i++) {
        const struct held_line *line = &r->held->at[i];
        const struct earlier_run *run = line->same ? run_of(r, line->run) : NULL;
        if (run && !line->family && line->before && has_ref(&run->incidents, incident->ref))
            return true;
    }
    return false;
}

struct incidents question_own(const struct rating *r)
{
    const struct incidents *all = &r->evidence->own;
    const struct incident **at = SCOPE_ARRAY(r->s, const struct incident *, all->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++) {
        if (claim_counts(r, all->at[i]) &&
            (rule_is_cumulative(r->rule) || !is_compensated(r, all->at[i])))
            at[n++] = all->at[i];
    }
    return (struct incidents){.at = at, .n = n};
}

static void widen(struct reach *reach, int64_t from, int64_t to)
{
    reach->from = from < reach->from ? from : reach->from;
    reach->to = to > reach->to ? to : reach->to;
}

/* The span of the outages, whatever their component or weight. */
static void widen_by(struct reach *reach, const struct incidents *incidents)
{
    for (size_t i = 0; i < incidents->n; i++) {
        for (size_t j = 0; j < incidents->at[i]->n_impacts; j++) {
            const struct impact *m = &incidents->at[i]->impacts[j];
            if (m->level != LEVEL_MAINTENANCE && m->from < m->to)
                widen(reach, m->from, m->to);
        }
    }
}

static int by_from(const void *a, const void *b)
{
    const struct window *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

static void add(struct scope *s, struct windows *windows, const struct windows *more)
{
    struct window *at = SCOPE_ARRAY(s, struct window, windows->n + more->n + 1);
    if (windows->n)
        memcpy(at, windows->at, windows->n * sizeof *at);
    if (more->n)
        memcpy(at + windows->n, more->at, more->n * sizeof *at);
    windows->at = at;
    windows->n += more->n;
}

static void add_touched(const struct rating *r, struct windows *windows, int64_t from, int64_t to)
{
    struct windows more = windows_between(r->s, r->rule, r->account, from, to);
    add(r->s, windows, &more);
}

/* Of lines that this run may correct. */
static void add_corrected(const struct rating *r, struct windows *windows)
{
    for (size_t i = 0; i < r->held->n; i++) {
        const struct held_line *line = &r->held->at[i];
        struct window window;
        if (line->same && (line->family || (rule_is_cumulative(r->rule) && shares(r, line))) &&
            window_of_line(r->s, r->rule, r->account, line, &window))
            add(r->s, windows, &(struct windows){.at = &window, .n = 1});
    }
}

static void add_requests(const struct rating *r, struct windows *windows)
{
    for (size_t i = 0; i < r->evidence->n_measurements; i++) {
        const struct measurement *one = &r->evidence->measurements[i];
        int64_t rest = one->from % r->rule->requests_us;
        int64_t at = one->from - (rest < 0 ? rest + r->rule->requests_us : rest);
        const struct window *last = windows->n ? &windows->at[windows->n - 1] : NULL;
        if (one->good < one->total && !(last && last->from <= at && at < last->to))
            add_touched(r, windows, at, at + 1);
    }
}

struct windows question_windows(const struct rating *r)
{
    struct windows windows = {0};
    struct reach reach = {.from = INT64_MAX, .to = INT64_MIN};
    int64_t grid = r->rule->count == COUNT_ANY ? r->rule->quantum_us : 0;
    /* A date is paid at its midnight, which may lie in a window before that of the outage. */
    int64_t date =
        r->rule->model == MODEL_DAYS && r->rule->per == PER_AFFECTED_DAY ? 2 * day_us : 0;
    widen_by(&reach, &r->evidence->own);
    if (reach.from < reach.to && !r->rule->requests_us)
        add_touched(r, &windows, reach.from - grid - date, reach.to + grid);
    if (r->rule->requests_us)
        add_requests(r, &windows);
    add_corrected(r, &windows);
    if (windows.n > 1)
        qsort(windows.at, windows.n, sizeof *windows.at, by_from);
    size_t n = 0;
    for (size_t i = 0; i < windows.n; i++) {
        if (!n || windows.at[n - 1].from_day != windows.at[i].from_day)
            windows.at[n++] = windows.at[i];
    }
    windows.n = n;
    return windows;
}

static bool holds_line_in(const struct rating *r, int64_t run, const struct window *window)
{
    for (size_t i = 0; i < r->held->n; i++) {
        const struct held_line *line = &r->held->at[i];
        if (line->same && line->run == run && line->from == window->from_day)
            return true;
    }
    return false;
}

struct incidents question_incidents(const struct rating *r, const struct window *window)
{
    const struct incident **at = SCOPE_ARRAY(r->s, const struct incident *, r->n_incidents);
    struct incidents found = {.at = at};
    for (size_t i = 0; i < r->own.n; i++)
        at[found.n++] = r->own.at[i];
    for (size_t i = r->evidence->n_earlier; rule_is_cumulative(r->rule) && i-- > 0;) {
        const struct earlier_run *run = &r->evidence->earlier[i];
        if (!holds_line_in(r, run->id, window))
            continue;
        for (size_t j = 0; j < run->incidents.n; j++) {
            const struct incident *one = run->incidents.at[j];
            if (!has_ref(&r->evidence->own, one->ref) && !has_ref(&found, one->ref) &&
                claim_counts(r, one))
                at[found.n++] = one;
        }
    }
    return found;
}

static bool refers_to_years(const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_caps; i++) {
        if (rule->caps[i].of == OF_YEAR)
            return true;
    }
    return false;
}

struct reach question_reach(const struct rating *r, const struct windows *windows)
{
    struct reach reach = {.from = windows->at[0].from, .to = windows->at[windows->n - 1].to};
    widen_by(&reach, &r->evidence->own);
    for (size_t i = 0; i < r->evidence->n_earlier; i++)
        widen_by(&reach, &r->evidence->earlier[i].incidents);
    struct windows all = windows_between(r->s, r->rule, r->account, reach.from, reach.to);
    for (size_t i = 0; i < all.n; i++)
        widen(&reach, all.at[i].from, all.at[i].to);
    for (size_t i = 0; i < all.n && refers_to_years(r->rule); i++) {
        struct window year = window_year(r->rule, r->account, &all.at[i]);
        widen(&reach, year.from, year.to);
    }
    return (struct reach){.from = reach.from - 31 * day_us, .to = reach.to + 2 * day_us};
}
