#pragma once
/* What is in question: the incidents that count for an account, the windows that they touch, those
 * of earlier lines that may need correction, and how far prices must be known. */
#include "billing/engine/weight/rating.h"

struct reach {
    int64_t from, to;
};

/* A standing line of this policy has dates that are no window of the account today. */
bool question_terms_changed(const struct rating *r);

/* All incidents that any set may join, at most. */
size_t question_count(const struct evidence *evidence);

/* This run's, without those that were not claimed or, for days and fixed, already compensated. */
struct incidents question_own(const struct rating *r);

/* By time. */
struct windows question_windows(const struct rating *r);

/* The incidents that are rated together in a window: this run's and, where the model is
 * cumulative, those of earlier runs with a standing line in it. The latest evidence counts. */
struct incidents question_incidents(const struct rating *r, const struct window *window);

/* The time over which prices are needed. */
struct reach question_reach(const struct rating *r, const struct windows *windows);
