#include "billing/engine/policy/shape.h"

static const char *const models[] = {"days", "prorata", "tiered", "fixed", "steps", NULL};
static const char *const pers[] = {"run", "incident", "affected_day", "window", NULL};
static const char *const audiences[] = {"affected", "all", NULL};
static const char *const roundings[] = {"half_up", "half_even", "up", NULL};
static const char *const bases[] = {"account", "lines", NULL};
static const char *const window_units[] = {"billing", "month", "quarter", "year", NULL};
static const char *const counts[] = {"exact", "whole", "any", NULL};
static const char *const whats[] = {"amount", "below", "both", NULL};
static const char *const sources[] = {"impacts", "requests", NULL};
static const char *const pays[] = {"greatest", "sum", NULL};
static const char *const step_units[] = {"local_date", NULL};
static const char *const partials[] = {"started", "complete", NULL};
static const char *const starts[] = {"start", "report", NULL};
static const char *const claim_starts[] = {"incident_end", "window_end", NULL};
static const char *const cap_pers[] = {"window", "incident", "year", NULL};
static const char *const cap_ofs[] = {"window", "year", "previous_30_days", NULL};
static const char *const remedies[] = {"money", "days", NULL};
static const char *const everys[] = {"window", NULL};

/* An exact number: "99.9" or "10/3". */
#define NUMBER(name, ...) FIELD(TEXT, name, .max = 60, __VA_ARGS__)
#define AMOUNTS(name, text) FIELD(JSON, name, .form = FORM_INT_MAP, .doc = text)

static const struct shape weights_shape = SHAPE("PolicyWeights", struct policy_weights,
    FIELD(INT, degraded_performance, .max = 10000, .def = "0", .doc = "Basis points."),
    FIELD(INT, partial_outage, .max = 10000, .def = "5000", .doc = "Basis points."),
    FIELD(INT, major_outage, .max = 10000, .def = "10000", .doc = "Basis points."));

static const struct shape applies_shape = SHAPE("PolicyApplies", struct applies_fields,
    FIELD(TEXTS, plans, .doc = "Plans that the policy is for; none: all."),
    FIELD(JSON, labels, .form = FORM_OBJECT,
        .doc = "Labels that an account must have, each with its value or a list of values."));

static const struct shape window_shape = SHAPE("PolicyWindow", struct window_fields,
    FIELD(TEXT, unit, .one_of = window_units, .def = "billing",
        .doc = "The billing period, or a calendar month, quarter or year."),
    FIELD(TEXT, timezone, .max = 64, .doc = "IANA zone of calendar windows; none: the account's."));

static const struct shape measure_shape = SHAPE("PolicyMeasure", struct measure_fields,
    FIELD(INT, quantum_seconds, .min = 1, .max = 86400, .doc = "Grid since 1970."),
    FIELD(TEXT, count, .one_of = counts, .def = "exact",
        .doc = "Which quanta an outage counts: whole ones, any that it touches, or none (exact)."),
    FIELD_AS(TEXT, "for", what, .one_of = whats, .def = "both", .doc = "What the grid is for."),
    FIELD(TEXT, source, .one_of = sources, .def = "impacts", .doc = "What downtime is read from."),
    FIELD(INT, interval_seconds, .min = 1, .max = 86400,
        .doc = "requests: length of an interval whose error rate counts."));

static const struct shape tier_shape = SHAPE("PolicyTier", struct policy_tier,
    NUMBER(uptime_below, .doc = "Uptime in percent, exclusive: \"99.9\"."),
    FIELD(INT, down_from_seconds, .min = 1, .max = 31622400, .doc = "Downtime, inclusive."),
    NUMBER(percent, .doc = "Percent of the window's price."),
    NUMBER(days, .doc = "Days of the price at the first instant of the outage."),
    NUMBER(hours, .doc = "Hours of it."), AMOUNTS(amounts, "Minor units per currency."),
    FIELD(TEXT, pays, .one_of = pays, .def = "greatest", .doc = "Of several remedies."));

static const struct shape step_shape = SHAPE("PolicyStep", struct policy_step,
    FIELD(INT, from_unit, .min = 1, .max = 1000000, .def = "1", .doc = "First unit that earns it."),
    NUMBER(percent, .doc = "Percent of the window's price."),
    NUMBER(days, .doc = "Days of the price at the first instant of the outage."),
    NUMBER(hours, .doc = "Hours of it."), AMOUNTS(amounts, "Minor units per currency."),
    FIELD(TEXT, pays, .one_of = pays, .def = "greatest", .doc = "Of several remedies."));

static const struct shape calendar_shape = SHAPE("PolicyCalendar", struct calendar_fields,
    FIELD(JSON, weekend, .form = FORM_INTS, .doc = "ISO numbers of weekdays; default [6, 7]."),
    FIELD(TEXTS, holidays, .doc = "Dates."));

static const struct shape grace_shape = SHAPE("PolicyGrace", struct grace_fields,
    FIELD(INT, seconds, .max = 31622400, .doc = "Seconds that do not count."),
    FIELD(INT, working_days, .min = 1, .max = 366, .doc = "Whole working days after the start."),
    FIELD(OBJECT, calendar, .of = &calendar_shape, .doc = "Which days are working days."),
    FIELD(TEXT, from, .one_of = starts, .def = "start", .doc = "The outage, or its report."));

static const struct shape claim_shape = SHAPE("PolicyClaim", struct claim_fields,
    FIELD(BOOL, required, .doc = "Pay only those who claim."),
    FIELD(INT, within_days, .max = 3660, .doc = "Dates until the deadline; none: no deadline."),
    FIELD(TEXT, from, .one_of = claim_starts, .def = "incident_end", .doc = "Counted from."));

static const struct shape cap_shape =
    SHAPE("PolicyCap", struct cap_fields, NUMBER(percent, .doc = "Percent of the base."),
        NUMBER(days, .doc = "Days of the base."), AMOUNTS(amounts, "Minor units per currency."),
        FIELD(TEXT, per, .one_of = cap_pers, .def = "window", .doc = "What the cap bounds."),
        FIELD(TEXT, of, .one_of = cap_ofs, .def = "window", .doc = "The base: whose price."));

static const struct shape schedule_shape = SHAPE("PolicySchedule", struct schedule_fields,
    FIELD(TEXT, every, .one_of = everys, .required = true, .doc = "After each window."),
    FIELD(INT, days_after, .max = 366, .def = "0", .doc = "Days after its end."));

const struct shape policy_shape = SHAPE("Policy", struct policy,
    FIELD(TEXT, name, .required = true, .max = 100, .doc = "Name by which runs refer to it."),
    FIELD(TEXT, model, .required = true, .one_of = models,
        .doc = "Model that computes the exact amount."),
    FIELD(TEXTS, components, .doc = "Slugs of the components that count; empty: all."),
    FIELD(OBJECT, weights_bp, .of = &weights_shape, .doc = "Weight per impact level."),
    FIELD(BOOL, exclude_maintenance, .def = "true",
        .doc = "Exclude time in announced maintenance of the component."),
    FIELD(INT, maintenance_notice_hours, .max = 8784, .def = "0",
        .doc = "Minimum notice before the start of maintenance."),
    FIELD(INT, min_block_seconds, .max = 31622400, .def = "0",
        .doc = "Exclude contiguous outages shorter than this."),
    FIELD(OBJECT, applies, .of = &applies_shape,
        .doc = "Accounts to which the policy applies; none: all."),
    FIELD(TEXT, base, .one_of = bases, .def = "account",
        .doc = "Compute for the account as a whole, or for each of its price lines."),
    FIELD(OBJECT, window, .of = &window_shape, .doc = "Over what time uptime is measured."),
    NUMBER(below, .doc = "Nothing is owed unless a window's uptime is below, in percent."),
    FIELD(BOOL, beyond, .doc = "Only the downtime beyond the allowance of `below` counts."),
    FIELD(OBJECT, measure, .of = &measure_shape, .doc = "How downtime is measured."),
    NUMBER(multiplier, .def = "1", .doc = "prorata: factor on the price of the lost time."),
    FIELD(LIST, tiers, .of = &tier_shape, .max = 100, .doc = "tiered: what each tier pays."),
    FIELD(LIST, steps, .of = &step_shape, .max = 100, .doc = "steps: what each unit pays."),
    FIELD(INT, unit_seconds, .min = 1, .max = 31622400, .doc = "steps: length of a unit."),
    FIELD(TEXT, unit, .one_of = step_units, .doc = "steps: a unit is a local date."),
    FIELD(TEXT, partial, .one_of = partials, .def = "started",
        .doc = "steps: whether a unit counts that has only started."),
    NUMBER(days, .doc = "days: number of days credited."),
    FIELD(TEXT, per, .one_of = pers,
        .doc = "days: run (default), incident or affected_day; "
               "steps: window (default) or incident."),
    AMOUNTS(amounts, "fixed: minor units per currency."),
    FIELD(TEXT, audience, .one_of = audiences, .def = "affected",
        .doc = "days and fixed: only affected accounts, or all."),
    FIELD(OBJECT, grace, .of = &grace_shape, .doc = "Time at the start that does not count."),
    FIELD(OBJECT, claim, .of = &claim_shape, .doc = "Whether and when an account must claim."),
    FIELD(TEXT, rounding, .one_of = roundings, .def = "half_up",
        .doc = "Rounding to whole minor units."),
    AMOUNTS(at_least, "What an owed amount is raised to, per currency."),
    AMOUNTS(min_credit, "Omit smaller lines, per currency."),
    FIELD(INT, min_credit_minor, .max = 1000000000, .def = "1", .doc = "Omit smaller lines."),
    NUMBER(cap_percent, .doc = "Maximum percentage of the window's price, over all policies; "
                               "default 100."),
    FIELD(LIST, caps, .of = &cap_shape, .max = 20, .doc = "Caps, in place of cap_percent."),
    FIELD(TEXT, remedy, .one_of = remedies, .def = "money", .doc = "Money, or days of the term."),
    FIELD(OBJECT, schedule, .of = &schedule_shape, .doc = "A draft after each window."));
