#pragma once
/*
 * The arithmetic of credits: what a policy owes an account for incidents. Pure: no clock, no I/O,
 * no floating point; two programs that follow the rules agree on every minor unit.
 *
 *     struct credit credit;
 *     TRY(engine_rate(s, &rule, &account, &evidence, &held, &credit));
 *     for (size_t i = 0; i < credit.n_lines; i++)
 *         write(credit.lines[i].window.from_day, credit.lines[i].amount);
 *
 * The folders follow the order of the rules: policy/ (what is promised), evidence/ (of what),
 * price/ (terms, price(t), windows), weight/ (scope and share, maintenance, price, grace, the
 * greatest, blocks, grid, claims), models/ (an exact amount a window). Here: question (what is
 * looked at), owed (the gate `below`, the sum of price lines), caps, lines (rounding to
 * min_credit), explain.
 */
#include "billing/engine/credit.h"
#include "billing/engine/evidence/evidence.h"

/* RC_INVALID: a number beyond int64_t, with the account in the message. Everything lives in s. */
enum rc engine_rate(struct scope *s, const struct rule *rule, const struct account *account,
    const struct evidence *evidence, const struct held_lines *held, struct credit *ret);
