#pragma once
/*
 * A line on a terminal's standard error for work that takes longer than a second:
 *
 *     - Verifying the books, 3 s
 *
 * It overwrites itself and is removed before the result is printed. Nothing is written when
 * standard error is no terminal.
 */

/* Begin; words must live until progress_end. NULL: nothing. One at a time. */
void progress_begin(const char *words);

/* Remove the line. Call before anything else is printed; more than once is fine. */
void progress_end(void);
