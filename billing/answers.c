#include "billing/answers.h"

#include <string.h>

#include "billing/engine/number/rat.h"

/* Seconds end after 14 decimals: microseconds times a weight of 8. */
enum { MAX_BYTES = 512 * 1024 * 1024, SECONDS_DIGITS = 14 };

STMT(answers_take,
    "SELECT amends.credit_run_take($1::bigint[], $2::text[], $3::numeric[], $4::text[])");
STMT(answers_take_lines,
    "SELECT amends.credit_run_take_lines($1, $2::bigint[], $3::text[], $4::bigint[], $5::bigint[],"
    " $6::bigint[], $7::bigint[], $8::bigint[], $9::numeric[], $10::bigint[], $11)");

struct row {
    const char *kind; /* paid, excess, unpaid */
    int64_t from_day, to_day, amount, earlier, taken;
    const char *seconds;
};

static void clear(struct answers *answers)
{
    for (size_t i = 0; i < ANSWER_COLUMNS; i++)
        strbuf_clear(&answers->groups[i]);
    for (size_t i = 0; i < ANSWER_LINE_COLUMNS; i++)
        strbuf_clear(&answers->lines[i]);
    strbuf_clear(&answers->explained);
    answers->n = answers->n_explained = 0;
}

void answers_init(struct answers *answers, int64_t run, int64_t version)
{
    *answers = (struct answers){.run = run, .version = version};
    for (size_t i = 0; i < ANSWER_COLUMNS; i++)
        strbuf_init(&answers->groups[i], MAX_BYTES);
    for (size_t i = 0; i < ANSWER_LINE_COLUMNS; i++)
        strbuf_init(&answers->lines[i], MAX_BYTES);
    strbuf_init(&answers->explained, MAX_BYTES);
}

void answers_release(struct answers *answers)
{
    for (size_t i = 0; i < ANSWER_COLUMNS; i++)
        strbuf_release(&answers->groups[i]);
    for (size_t i = 0; i < ANSWER_LINE_COLUMNS; i++)
        strbuf_release(&answers->lines[i]);
    strbuf_release(&answers->explained);
}

/* Elements need no quotes: they are numbers and names of our own, and codes of currencies. */
static void put_text(struct strbuf *column, const char *text)
{
    strbuf_addch(column, column->len ? ',' : '{');
    strbuf_addstr(column, text);
}

static void put_int(struct strbuf *column, int64_t value)
{
    strbuf_addch(column, column->len ? ',' : '{');
    strbuf_addint(column, value);
}

static void put_line(struct answers *answers, int64_t share, const struct row *row)
{
    struct strbuf *column = answers->lines;
    put_int(column++, share);
    put_text(column++, row->kind);
    put_int(column++, row->from_day);
    put_int(column++, row->to_day);
    put_int(column++, row->amount);
    put_int(column++, row->earlier);
    put_int(column++, row->taken);
    put_text(column++, row->seconds);
    put_int(column, (int64_t)answers->n_explained);
}

/* The engine knows no versions: behind its members. */
static void put_explained(struct answers *answers, const struct credit_line *line)
{
    struct strbuf *b = &answers->explained;
    if (!line->explain)
        return;
    if (b->len)
        strbuf_addch(b, '\n');
    strbuf_add(b, line->explain, strlen(line->explain) - 1);
    strbuf_addstr(b, ",\"policy_version\":");
    strbuf_addint(b, answers->version);
    strbuf_addch(b, '}');
    answers->n_explained++;
}

static void add_paid(
    struct scope *s, struct answers *answers, int64_t share, const struct credit_line *line)
{
    put_explained(answers, line);
    put_line(answers, share,
        &(struct row){.kind = "paid",
            .from_day = line->window.from_day,
            .to_day = line->window.to_day,
            .amount = line->amount,
            .earlier = line->earlier,
            .taken = line->taken,
            .seconds = rat_decimal(s, line->seconds, SECONDS_DIGITS)});
}

static void add_unpaid(
    struct answers *answers, int64_t share, const char *kind, const struct unpaid *one)
{
    put_line(answers, share,
        &(struct row){.kind = kind,
            .from_day = one->from_day,
            .to_day = one->from_day,
            .amount = one->minor,
            .earlier = one->earlier,
            .seconds = "0"});
}

void answers_add(
    struct scope *s, struct answers *answers, int64_t share, const struct credit *credit)
{
    const char *word = credit->left_out    ? credit->left_out
                       : credit->no_amount ? "no_amount"
                                           : "\"\"";
    if (!credit->n_lines && !credit->n_excess && !credit->n_unpaid && !credit->left_out &&
        !credit->no_amount)
        return;
    put_int(&answers->groups[0], share);
    put_text(&answers->groups[1], credit->currency);
    put_text(&answers->groups[2], rat_decimal(s, credit->seconds, SECONDS_DIGITS));
    put_text(&answers->groups[3], word);
    for (size_t i = 0; i < credit->n_lines; i++)
        add_paid(s, answers, share, &credit->lines[i]);
    for (size_t i = 0; i < credit->n_unpaid; i++)
        add_unpaid(answers, share, "unpaid", &credit->unpaid[i]);
    for (size_t i = 0; i < credit->n_excess; i++) {
        const struct excess *e = &credit->excess[i];
        add_unpaid(answers, share, "excess",
            &(struct unpaid){.from_day = e->from_day, .minor = -e->minor, .earlier = e->earlier});
    }
    answers->n++;
}

static struct param whole(struct strbuf *column)
{
    strbuf_addstr(column, column->len ? "}" : "{}");
    return P_TEXT(column->buf);
}

static bool overflows(const struct answers *answers)
{
    bool over = answers->explained.overflow;
    for (size_t i = 0; i < ANSWER_LINE_COLUMNS; i++)
        over = over || answers->lines[i].overflow;
    return over;
}

enum rc answers_give(struct scope *s, struct db *db, struct answers *answers)
{
    if (!answers->n)
        return RC_OK;
    struct strbuf *g = answers->groups, *l = answers->lines;
    TRY(db_do(s, db, &answers_take, PARAMS(whole(&g[0]), whole(&g[1]), whole(&g[2]), whole(&g[3])),
        NULL));
    struct params lines = PARAMS(P_INT(answers->run), whole(&l[0]), whole(&l[1]), whole(&l[2]),
        whole(&l[3]), whole(&l[4]), whole(&l[5]), whole(&l[6]), whole(&l[7]), whole(&l[8]),
        P_TEXT(answers->explained.buf));
    if (overflows(answers))
        return fail(s, RC_INTERNAL, "the explanations of a batch are too long");
    if (strcmp(l[0].buf, "{}") != 0)
        TRY(db_do(s, db, &answers_take_lines, lines, NULL));
    clear(answers);
    return RC_OK;
}
