/* GET /v1/credits/{id}/workings. */
#include "api/credits/credit_workings.h"

#include "api/credits/credit.h"
#include "api/credits/credits.h"

SHAPE_STATIC(struct whole, whole_shape, "WorkingWholePeriod",
    FIELD(DATE, from, .required = true, .doc = "First day."),
    FIELD(DATE, to, .required = true, .doc = "Day after the last."));
SHAPE_STATIC(struct span, span_shape, "WorkingPeriod",
    FIELD(DATE, from, .required = true, .doc = "First day."),
    FIELD(DATE, to, .required = true, .doc = "Day after the last."),
    FIELD(TIME, from_at, .required = true, .doc = "Start."),
    FIELD(TIME, to_at, .required = true, .doc = "End."),
    FIELD(TEXT, seconds, .required = true, .doc = "Length; of the whole period if a term cut it."),
    FIELD(INT, dates, .required = true, .doc = "Days; of the whole period if a term cut it."),
    FIELD(INT, months, .doc = "Of a calendar window."),
    FIELD(
        RAW, whole, .form = FORM_OBJECT, .of = &whole_shape, .doc = "The period that a term cut."));
SHAPE_STATIC(struct worth, worth_shape, "WorkingPrice",
    FIELD(INT, price_minor, .required = true, .doc = "Price of a period."),
    FIELD(INT, months, .doc = "Of its interval."),
    FIELD(TEXT, period_seconds, .doc = "Length of the whole billing period."),
    FIELD(INT, period_dates, .doc = "Days of the whole billing period."),
    FIELD(TIME, from, .required = true, .doc = "From when."),
    FIELD(TIME, to, .required = true, .doc = "Until when."));
SHAPE_STATIC(struct hit, hit_shape, "WorkingImpact",
    FIELD(TEXT, incident, .required = true, .doc = "ref."),
    FIELD(TEXT, component, .required = true, .doc = "Slug."),
    FIELD(TEXT, level, .required = true, .doc = "Level."),
    FIELD(INT, weight_bp, .required = true, .doc = "Weight in basis points."),
    FIELD(TIME, from, .required = true, .doc = "Start."),
    FIELD(TIME, to, .required = true, .doc = "End."));
SHAPE_STATIC(struct down, down_shape, "WorkingWindow",
    FIELD(TIME, from, .required = true, .doc = "Start."),
    FIELD(TIME, to, .required = true, .doc = "End."),
    FIELD(INT, weight_bp, .required = true, .doc = "Weight in basis points."),
    FIELD(TEXT, weight, .doc = "Exactly, where it is no whole number of basis points: \"3333/2\"."),
    FIELD(INT, price_minor, .required = true, .doc = "Price of the period."),
    FIELD(TEXT, product, .doc = "Price line, if the policy rates each alone."),
    FIELD(TEXT, period_seconds, .doc = "Length of the whole billing period."),
    FIELD(TEXT, seconds, .required = true, .doc = "Length."));
SHAPE_STATIC(struct stretch, stretch_shape, "WorkingStretch",
    FIELD(TEXT, incident, .required = true, .doc = "ref."),
    FIELD(TIME, from, .required = true, .doc = "Start."),
    FIELD(TIME, to, .required = true, .doc = "End."),
    FIELD(INT, weight_bp, .required = true, .doc = "Weight in basis points."),
    FIELD(TEXT, weight, .doc = "Exactly, where it is no whole number of basis points."));
SHAPE_STATIC(struct graced, graced_shape, "WorkingGrace",
    FIELD(TEXT, incident, .required = true, .doc = "ref."),
    FIELD(TIME, from, .required = true, .doc = "From its start, or its report."),
    FIELD(TEXT, seconds, .doc = "Length, if it has no working days."),
    FIELD(INT, working_days, .doc = "Whole days after that of the start."),
    FIELD(RAW, skipped, .form = FORM_TEXTS, .doc = "Dates in it that are no working days."),
    FIELD(TIME, to, .required = true, .doc = "From when the incident counts."));
SHAPE_STATIC(struct block, block_shape, "WorkingBlock",
    FIELD(TIME, from, .required = true, .doc = "Start."),
    FIELD(TIME, to, .required = true, .doc = "End."),
    FIELD(TEXT, seconds, .required = true, .doc = "Length."),
    FIELD(BOOL, counts, .required = true, .doc = "Not shorter than min_block_seconds."),
    FIELD(TIME, grid_from, .doc = "Start on the grid; absent: nothing of it is left."),
    FIELD(TIME, grid_to, .doc = "End on the grid."));
SHAPE_STATIC(struct counting, counting_shape, "WorkingCounting",
    FIELD(TEXT, product, .doc = "Price line, if the policy rates each alone."),
    FIELD(TEXT, min_block_seconds, .doc = "Length of the smallest block."),
    FIELD(TEXT, quantum_seconds, .doc = "Length of an interval of the grid since 1970."),
    FIELD(TEXT, count, .doc = "whole: complete intervals; any: those that a block touches."),
    FIELD(TEXT, grid_for, .doc = "What the grid is for: amount, below or both."),
    FIELD(RAW, stretches, .form = FORM_LIST, .of = &stretch_shape,
        .doc = "The weight of each incident, before grace."),
    FIELD(RAW, grace, .form = FORM_LIST, .of = &graced_shape, .doc = "Grace of each incident."),
    FIELD(RAW, blocks, .form = FORM_LIST, .of = &block_shape,
        .doc = "Stretches of all incidents without a gap, after grace."));
SHAPE_STATIC(struct failed, failed_shape, "WorkingRequests",
    FIELD(TIME, at, .required = true, .doc = "Start of the interval."),
    FIELD(INT, bad, .required = true, .doc = "Requests that failed."),
    FIELD(INT, total, .required = true, .doc = "Requests."));
SHAPE_STATIC(struct pays, pays_shape, "WorkingRemedy",
    FIELD(TEXT, percent, .doc = "Of the window's price."),
    FIELD(TEXT, days, .doc = "Of price_minor / dates."),
    FIELD(TEXT, hours, .doc = "Of price_minor / seconds."),
    FIELD(TEXT, amount, .doc = "Minor units."),
    FIELD(INT, price_minor, .doc = "Price at the first instant of the outage."),
    FIELD(INT, dates, .doc = "Days of its billing period."),
    FIELD(TEXT, seconds, .doc = "Length of its billing period."),
    FIELD(TEXT, gives, .required = true, .doc = "Minor units, exactly."));
SHAPE_STATIC(struct tier, tier_shape, "WorkingTier", FIELD(TEXT, uptime_below, .doc = "Percent."),
    FIELD(TEXT, down_from_seconds, .doc = "Seconds."),
    FIELD(BOOL, holds, .required = true, .doc = "Whether its condition does."),
    FIELD(BOOL, paid, .required = true, .doc = "Whether it is the one that pays most."),
    FIELD(RAW, pays, .form = FORM_LIST, .of = &pays_shape, .doc = "Its remedies."),
    FIELD(BOOL, sum, .required = true, .doc = "They add; else the greatest counts."),
    FIELD(TEXT, gives, .required = true, .doc = "Minor units, exactly."));
SHAPE_STATIC(struct earned, earned_shape, "WorkingUnitStep",
    FIELD(INT, from_unit, .required = true, .doc = "First unit that earns it."),
    FIELD(TEXT, units, .required = true, .doc = "How many do."),
    FIELD(RAW, pays, .form = FORM_LIST, .of = &pays_shape, .doc = "Its remedies."),
    FIELD(BOOL, sum, .required = true, .doc = "They add; else the greatest counts."),
    FIELD(TEXT, gives, .required = true, .doc = "Minor units a unit, exactly."));
SHAPE_STATIC(struct unit, unit_shape, "WorkingUnits",
    FIELD(TEXT, incident, .doc = "ref, if each incident is counted alone."),
    FIELD(TEXT, down_seconds, .required = true, .doc = "Weighted downtime that counts."),
    FIELD(TEXT, units, .required = true, .doc = "Units or days of it."),
    FIELD(RAW, steps, .form = FORM_LIST, .of = &earned_shape, .doc = "What they earn."));
SHAPE_STATIC(struct part, part_shape, "WorkingPart",
    FIELD(TEXT, product, .doc = "Price line, if the policy rates each alone."),
    FIELD(TEXT, worth, .required = true, .doc = "Price of the window."),
    FIELD(TEXT, down_seconds, .required = true, .doc = "Weighted downtime."),
    FIELD(TEXT, entitled_seconds, .doc = "Time with a price."),
    FIELD(TEXT, intervals, .doc = "requests: intervals with a price."),
    FIELD(TEXT, uptime, .doc = "In percent, exactly."),
    FIELD(TIME, first, .doc = "First instant of the outage."),
    FIELD(BOOL, below, .doc = "Whether uptime is below the policy's gate; true without one."),
    FIELD(TEXT, below_percent, .doc = "The gate."),
    FIELD(TEXT, uptime_below, .doc = "Uptime as the gate measures it, if differently."),
    FIELD(TEXT, down_below_seconds, .doc = "Weighted downtime of uptime_below."),
    FIELD(TEXT, allowed_seconds, .doc = "beyond: downtime that does not count."),
    FIELD(RAW, requests, .form = FORM_LIST, .of = &failed_shape,
        .doc = "requests: intervals in which some failed."),
    FIELD(RAW, tiers, .form = FORM_LIST, .of = &tier_shape, .doc = "tiered: all tiers."),
    FIELD(TEXT, unit_seconds, .doc = "steps: length of a unit; none: local days."),
    FIELD(TEXT, partial, .doc = "steps: whether a unit counts once started or once complete."),
    FIELD(RAW, units, .form = FORM_LIST, .of = &unit_shape, .doc = "steps: units of downtime."),
    FIELD(TEXT, owed, .required = true, .doc = "Exact amount."));
SHAPE_STATIC(struct step, step_shape, "WorkingStep",
    FIELD(TEXT, step, .required = true,
        .doc = "sum, exact, rounded, earlier, bound, cap, taken, amount ..."),
    FIELD(TEXT, value, .required = true, .doc = "Exactly; yes or no if claimed."),
    FIELD(TEXT, per, .doc = "bound: window or year."),
    FIELD(TEXT, percent, .doc = "bound: of base."),
    FIELD(TEXT, days, .doc = "bound: of base / dates."),
    FIELD(TEXT, of, .doc = "bound: window, year or previous_30_days."),
    FIELD(TEXT, base, .doc = "bound: minor units, exactly."),
    FIELD(INT, dates, .doc = "bound: days of base."),
    FIELD(RAW, prices, .form = FORM_LIST, .of = &worth_shape,
        .doc = "bound: prices in base, if it is not the window's."),
    FIELD(TEXT, seconds, .doc = "bound: length of base."),
    FIELD(INT, months, .doc = "bound: calendar months of base; none: money at the billing rate."));
SHAPE_STATIC(struct alone_window, alone_window_shape, "WorkingSpan",
    FIELD(TIME, from, .required = true, .doc = "Start."),
    FIELD(TIME, to, .required = true, .doc = "End."),
    FIELD(INT, weight_bp, .required = true, .doc = "Weight in basis points."),
    FIELD(TEXT, weight, .doc = "Exactly, where it is no whole number of basis points."),
    FIELD(TEXT, product, .doc = "Price line, if the policy rates each alone."));
SHAPE_STATIC(struct alone_cap, alone_cap_shape, "WorkingIncidentCap",
    FIELD(TEXT, per, .required = true, .doc = "incident."), FIELD(TEXT, percent, .doc = "Of base."),
    FIELD(TEXT, days, .doc = "Of base / dates."),
    FIELD(TEXT, of, .doc = "window, year or previous_30_days."),
    FIELD(TEXT, base, .doc = "Minor units, exactly."), FIELD(INT, dates, .doc = "Days of base."),
    FIELD(RAW, prices, .form = FORM_LIST, .of = &worth_shape,
        .doc = "Prices in base, if it is not the line's window."),
    FIELD(TEXT, seconds, .doc = "Length of base."),
    FIELD(INT, months, .doc = "Calendar months of base; none: money at the billing rate."),
    FIELD(TEXT, value, .required = true, .doc = "Minor units, exactly."));
SHAPE_STATIC(struct alone, alone_shape, "WorkingIncident",
    FIELD(TEXT, incident, .required = true, .doc = "ref."),
    FIELD(RAW, windows, .form = FORM_LIST, .of = &alone_window_shape,
        .doc = "Its windows: in the line's, or all of them if its units are counted alone."),
    FIELD(TIME, first, .doc = "Its first instant, to which its cap refers."),
    FIELD(RAW, cap, .form = FORM_OBJECT, .of = &alone_cap_shape, .doc = "Its cap."),
    FIELD(TEXT, used, .doc = "Of the cap, in windows before."),
    FIELD(TEXT, gives, .doc = "Without the cap."), FIELD(TEXT, gets, .doc = "Within it."));
SHAPE_STATIC(struct claim, claim_shape, "WorkingClaim",
    FIELD(TIME, at, .required = true, .doc = "Instant."), FIELD(DATE, day, .doc = "Affected day."),
    FIELD(TEXT, product, .doc = "Price line, if the policy rates each alone."),
    FIELD(INT, dates, .doc = "Days of the billing period."),
    FIELD(INT, price_minor, .required = true, .doc = "Price of the period."),
    FIELD(BOOL, affected, .doc = "Whether an impact affected the account."),
    FIELD(TEXT, incident, .doc = "ref."));
SHAPE_STATIC(struct exact, exact_shape, "WorkingFraction",
    FIELD(TEXT, numerator, .required = true, .doc = "Numerator."),
    FIELD(TEXT, denominator, .required = true, .doc = "Denominator."),
    FIELD(TEXT, decimal, .required = true, .doc = "To twelve places."));
SHAPE_EXTERN(struct working, working_shape, "CreditWorking",
    FIELD(TEXT, policy, .required = true, .doc = "Name."),
    FIELD(INT, policy_version, .required = true, .doc = "Version."),
    FIELD(TEXT, model, .required = true, .doc = "Model."),
    FIELD(TEXT, timezone, .required = true, .doc = "IANA name."),
    FIELD(TEXT, interval, .required = true, .doc = "month or year."),
    FIELD(DATE, anchor, .required = true,
        .doc = "Of the term: the day from which periods are counted."),
    FIELD(RAW, period, .required = true, .form = FORM_OBJECT, .of = &span_shape,
        .doc = "The period."),
    FIELD(RAW, prices, .form = FORM_LIST, .of = &worth_shape, .doc = "Prices in it."),
    FIELD(RAW, impacts, .form = FORM_LIST, .of = &hit_shape, .doc = "Impacts in it."),
    FIELD(RAW, counting, .form = FORM_LIST, .of = &counting_shape,
        .doc = "From impacts to windows, if the policy has grace, a smallest block or a grid."),
    FIELD(RAW, windows, .form = FORM_LIST, .of = &down_shape,
        .doc = "Merged windows with their weights."),
    FIELD(RAW, incidents, .form = FORM_LIST, .of = &alone_shape,
        .doc = "Each incident alone, for steps or caps per incident."),
    FIELD(RAW, claims, .form = FORM_LIST, .of = &claim_shape,
        .doc = "days and fixed: the instants that count."),
    FIELD(RAW, earlier_runs, .form = FORM_INTS, .doc = "Runs whose lines it continues."),
    FIELD(TEXT, multiplier, .doc = "prorata: factor."), FIELD(TEXT, days, .doc = "days: number."),
    FIELD(TEXT, percent, .doc = "tiered: percent of the price."),
    FIELD(TEXT, weighted_seconds, .doc = "Weighted downtime."),
    FIELD(TEXT, entitled_seconds, .doc = "Time with the service."),
    FIELD(TEXT, formula, .required = true, .doc = "In words."),
    FIELD(RAW, exact, .required = true, .form = FORM_OBJECT, .of = &exact_shape,
        .doc = "The amount as a fraction."),
    FIELD(TEXT, rounding, .required = true, .doc = "Rounding to whole minor units."),
    FIELD(INT, rounded_minor, .doc = "Rounded; rounded_beyond instead if beyond 64 bits."),
    FIELD(TEXT, rounded_beyond, .doc = "Rounded, in digits."),
    FIELD(TEXT, cap_percent, .doc = "Cap in percent."), FIELD(INT, cap_minor, .doc = "Cap."),
    FIELD(INT, min_credit_minor, .required = true, .doc = "Smaller lines are omitted."),
    FIELD(RAW, parts, .form = FORM_LIST, .of = &part_shape,
        .doc = "What was rated alone: the account, or each price line."),
    FIELD(RAW, steps, .form = FORM_LIST, .of = &step_shape,
        .doc = "From the sum of the parts to the amount, in order."),
    FIELD(INT, earlier_minor, .required = true, .doc = "Credited by earlier runs of the policy."),
    FIELD(INT, issued_minor, .required = true, .doc = "Credited in the period by all policies."),
    FIELD(INT, amount_minor, .required = true, .doc = "Amount of the line."));

SHAPE_EXTERN(struct credit_working, credit_working_shape, "CreditWorkings",
    FIELD(INT, credit, .required = true, .doc = "The credit."),
    FIELD(RAW, lines, .required = true, .form = FORM_LIST, .of = &working_shape,
        .doc = "One per period: windows with weights, prices, model, formula, rounding, earlier "
               "credits subtracted, and cap. Sufficient to recompute the amount."));

STMT(credit_workings_read,
    "SELECT $1::bigint AS credit, (SELECT coalesce(json_agg(amends.explain(l) ORDER BY "
    "l.period_from),"
    "   '[]') FROM credit_line l WHERE l.credit_id = $1) AS lines",
    .row = &credit_working_shape);

enum rc credit_workings_reply(struct call *c, int64_t id)
{
    struct credit_working row;
    TRY(db_one(c->s, c->db, &credit_workings_read, PARAMS(P_INT(id)), &row));
    return reply_object(c, &row);
}

enum rc credit_workings(struct call *c)
{
    struct credit credit;
    int64_t id;
    TRY(call_id(c, 0, &id));
    TRY(credit_read(c->s, c->db, id, &credit));
    return credit_workings_reply(c, id);
}
