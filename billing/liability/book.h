#pragma once
/*
 * The accounts that a policy owes for one incident, in groups that are equal to the arithmetic,
 * held in memory: read once, then computed at any instant without the database.
 *
 *     struct book book;
 *     TRY(book_read(s, db, zones, &question, &book));    // in a transaction
 *     book_until(&book, at);                      // impacts without an end count until then
 *     TRY(engine_rate(s, &book.rule, &book.groups[i].account, &book.evidence, ...));
 *     book_release(&book);
 */
#include "billing/liability/reason.h"
#include "core/db/db.h"

/* More groups are not held: about half a KB each. */
enum { BOOK_GROUPS_MAX = 200000 };

/* What a book is about; it is stale when any of them differs. */
struct question {
    int64_t incident, revision, policy;
    const char *name; /* of the policy; borrowed */
    int64_t version;
    const char *document;
};

struct group_state {
    struct account account;
    struct held_lines held;
    int64_t accounts;
    int64_t amount;       /* minor units, valid until `steady_until` */
    int64_t steady_until; /* us; INT64_MIN: not computed. INT64_MAX: changes all the time */
    bool changes;         /* at steady_until, to `next` */
    int64_t next;
    struct reason reason;
};

struct book {
    struct scope *s; /* NULL: no book */
    zone_find *zones;
    int64_t incident, revision, policy, changes, made_at, took;
    const char *name;
    int64_t version;
    struct rule rule;
    struct evidence evidence;
    struct impact **open; /* impacts without an end */
    size_t n_open;
    struct group_state *groups;
    size_t n;
};

/* Read all groups. RC_INVALID: more than BOOK_GROUPS_MAX, or beyond the engine. */
enum rc book_read(struct scope *s, struct db *db, zone_find *zones, const struct question *question,
    struct book *ret);
void book_release(struct book *book);

/* Impacts without an end count until an instant, in us. */
void book_until(struct book *book, int64_t at);
