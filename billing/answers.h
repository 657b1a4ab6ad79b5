#pragma once
/*
 * What the engine said of groups of accounts, gathered and handed to SQL in batches.
 *
 *     CLEANUP(answers_release) struct answers answers;
 *     answers_init(&answers, run, version);
 *     answers_add(s, &answers, share, &credit);
 *     TRY(answers_give(s, db, &answers));
 */
#include "billing/engine/credit.h"
#include "core/db/db.h"
#include "core/strbuf.h"

enum { ANSWER_COLUMNS = 4, ANSWER_LINE_COLUMNS = 9 };

struct answers {
    int64_t run, version;
    struct strbuf groups[ANSWER_COLUMNS], lines[ANSWER_LINE_COLUMNS]; /* array literals */
    struct strbuf explained;                                          /* a working a line of text */
    size_t n, n_explained;
};

/* version: of the run's policy, for the explanations. */
void answers_init(struct answers *answers, int64_t run, int64_t version);
void answers_release(struct answers *answers);

/* Add what a group gets; nothing where it gets nothing. */
void answers_add(
    struct scope *s, struct answers *answers, int64_t share, const struct credit *credit);

/* Hand over what was added, into the working tables of billing/sql/60_lines.sql. */
enum rc answers_give(struct scope *s, struct db *db, struct answers *answers);
