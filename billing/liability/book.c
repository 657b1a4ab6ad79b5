#include "billing/liability/book.h"

#include <string.h>

#include "billing/engine/evidence/copy.h"
#include "billing/engine/evidence/read.h"
#include "billing/engine/policy/policy.h"
#include "core/json.h"

/* An instant that no impact has: marks those without an end. */
static const int64_t no_end = INT64_MAX - 1;

enum { BATCH = 2000 };

STMT(liability_begin, "SELECT amends.liability_begin($1, $2) AS groups", .row = &row_int);
STMT(liability_forget, "SELECT amends.liability_forget()");
STMT(liability_question, "SELECT amends.liability_question() AS evidence", .row = &row_text);

SHAPE_STATIC(struct book_row, book_row_shape, "LiabilityGroup", FIELD(INT, share),
    FIELD(INT, accounts), FIELD(RAW, account), FIELD(RAW, held));
STMT(liability_groups,
    "SELECT share, accounts, account, held FROM amends.credit_run_questions($1, $2)",
    .row = &book_row_shape);

static enum rc parse(struct scope *s, const char *text, json_t **ret)
{
    return json_parse(s, text, strlen(text), ret);
}

static size_t count_impacts(const struct evidence *evidence)
{
    const struct incidents *sets[] = {&evidence->own, &evidence->maintenance};
    size_t n = 0;
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < sets[k]->n; i++)
            n += sets[k]->at[i]->n_impacts;
    }
    return n;
}

/* Impacts are borrowed by the evidence and owned by the book. */
static void find_open(struct book *book)
{
    const struct incidents *sets[] = {&book->evidence.own, &book->evidence.maintenance};
    book->open = SCOPE_ARRAY(book->s, struct impact *, count_impacts(&book->evidence) + 1);
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < sets[k]->n; i++) {
            struct incident *incident = (struct incident *)(uintptr_t)sets[k]->at[i];
            struct impact *at = (struct impact *)(uintptr_t)incident->impacts;
            for (size_t j = 0; j < incident->n_impacts; j++) {
                if (at[j].to == no_end)
                    book->open[book->n_open++] = &at[j];
            }
        }
    }
}

static enum rc read_rule(struct db *db, const struct question *question, struct book *book)
{
    json_t *document, *evidence;
    const char *text;
    TRY(parse(book->s, scope_strdup(book->s, question->document), &document));
    TRY(rule_read(book->s, document, book->zones, NULL, &book->rule));
    TRY(db_one(book->s, db, &liability_question, NO_PARAMS, &text));
    TRY(parse(book->s, text, &evidence));
    TRY(read_evidence(book->s, evidence, no_end, &book->evidence));
    book->evidence.unexplained = true;
    find_open(book);
    return RC_OK;
}

/* Read in a scope of its own: what JSON takes is many times what the arithmetic needs. */
static enum rc parse_group(
    struct scope *s, const struct book *book, const struct book_row *row, struct group_state *ret)
{
    json_t *json;
    TRY(parse(s, row->account, &json));
    TRY(read_account(s, json, book->zones, NULL, &ret->account));
    if (!row->held)
        return RC_OK;
    TRY(parse(s, row->held, &json));
    return read_held(s, json, &ret->held);
}

static enum rc read_group(struct book *book, const struct book_row *row)
{
    SCOPE(inner);
    struct group_state *group = &book->groups[book->n++];
    *group = (struct group_state){.accounts = row->accounts, .steady_until = INT64_MIN};
    if (parse_group(inner, book, row, group) != RC_OK)
        return fail_from(book->s, inner);
    group->account = account_copy(book->s, &group->account);
    group->held = held_copy(book->s, &group->held);
    return RC_OK;
}

/* most: groups in all. */
static enum rc read_groups(struct db *db, struct book *book, size_t most)
{
    int64_t share = 0;
    struct list rows;
    book->groups = SCOPE_ARRAY(book->s, struct group_state, most);
    do {
        SCOPE(batch);
        if (db_all(batch, db, &liability_groups, PARAMS(P_INT(share), P_INT(BATCH)), &rows) !=
            RC_OK)
            return fail_from(book->s, batch);
        const struct book_row *at = rows.at;
        for (size_t i = 0; i < rows.n && book->n < most; i++)
            TRY(read_group(book, &at[i]));
        share = rows.n ? at[rows.n - 1].share : share;
    } while (rows.n == BATCH);
    return RC_OK;
}

static enum rc fill(struct db *db, const struct question *question, struct book *book)
{
    int64_t groups;
    TRY(db_one(book->s, db, &liability_begin,
        PARAMS(P_INT(question->policy), P_INT(question->incident)), &groups));
    if (groups > BOOK_GROUPS_MAX)
        return fail(book->s, RC_INVALID, "more than %d groups of accounts", BOOK_GROUPS_MAX);
    TRY(read_rule(db, question, book));
    TRY(read_groups(db, book, (size_t)groups));
    return db_do(book->s, db, &liability_forget, NO_PARAMS, NULL);
}

enum rc book_read(struct scope *s, struct db *db, zone_find *zones, const struct question *question,
    struct book *ret)
{
    struct book book = {.s = scope_new(),
        .zones = zones,
        .incident = question->incident,
        .revision = question->revision,
        .policy = question->policy,
        .version = question->version};
    book.name = scope_strdup(book.s, question->name);
    enum rc rc = fill(db, question, &book);
    if (rc != RC_OK) {
        fail_from(s, book.s);
        scope_free(book.s);
        return rc;
    }
    *ret = book;
    return RC_OK;
}

void book_release(struct book *book)
{
    scope_free(book->s);
    *book = (struct book){0};
}

/* One that begins later is empty. */
void book_until(struct book *book, int64_t at)
{
    for (size_t i = 0; i < book->n_open; i++)
        book->open[i]->to = at > book->open[i]->from ? at : book->open[i]->from;
}
