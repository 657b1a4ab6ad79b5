#include "cli/credit_explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "billing/words/working.h"
#include "core/json.h"
#include "core/money.h"

enum { OUTPUT_MAX = 16 * 1024 * 1024 };

SHAPE_STATIC(struct credit, credit_shape, "ExplainedCredit", FIELD(INT, id, .required = true),
    FIELD(INT, run, .required = true), FIELD(TEXT, account, .required = true),
    FIELD(TEXT, name, .required = true), FIELD(TEXT, currency, .required = true),
    FIELD(INT, amount_minor, .required = true), FIELD(TEXT, state, .required = true),
    FIELD(TEXT, policy, .required = true), FIELD(INT, version, .required = true),
    FIELD(TEXT, model, .required = true), FIELD(TEXT, incidents, .max = 1000000),
    FIELD(TIME, issued_at));

STMT(credit_to_explain,
    "SELECT c.id, c.run_id AS run, a.external_id AS account, a.name, c.currency, c.amount_minor,"
    " c.state, p.name AS policy, p.version, p.document->>'model' AS model, c.issued_at,"
    " (SELECT string_agg(i.ref, ', ' ORDER BY i.id) FROM credit_run_incident r"
    "   JOIN incident i ON i.id = r.incident_id WHERE r.run_id = c.run_id) AS incidents"
    " FROM credit c JOIN account a ON a.id = c.account_id JOIN credit_run n ON n.id = c.run_id"
    " JOIN policy p ON p.id = n.policy_id WHERE c.id = $1",
    .row = &credit_shape);

STMT(credit_lines_to_explain,
    "SELECT amends.explain(l) FROM credit_line l WHERE credit_id = $1 ORDER BY period_from",
    .row = &row_text);

static void add_head(struct scope *s, struct strbuf *b, const struct credit *credit)
{
    strbuf_addf(b, "Credit %" PRId64 ": %s for %s (%s), %s\n", credit->id,
        money_text(s, credit->amount_minor, credit->currency), credit->account, credit->name,
        credit->state);
    strbuf_addf(b, "Run %" PRId64 ", policy %s version %" PRId64 ", model %s\n", credit->run,
        credit->policy, credit->version, credit->model);
    strbuf_addf(b, "Incidents: %s\n", credit->incidents ? credit->incidents : "none");
}

/* *ret_lines: the calculation of each line. */
static enum rc find(
    struct scope *s, struct db *db, int64_t id, struct credit *ret, json_t **ret_lines)
{
    struct list rows;
    TRY(IF_NONE(db_one(s, db, &credit_to_explain, PARAMS(P_INT(id)), ret),
        fail(s, RC_NOT_FOUND, "no credit %" PRId64, id)));
    TRY(db_all(s, db, &credit_lines_to_explain, PARAMS(P_INT(id)), &rows));
    json_t *lines = json_own(s, json_array());
    const char *const *row = rows.at;
    for (size_t i = 0; i < rows.n; i++) {
        json_t *line = NULL;
        TRY(json_parse(s, row[i], strlen(row[i]), &line));
        json_array_append(lines, line);
    }
    *ret_lines = lines;
    return RC_OK;
}

static void add_sentences(struct strbuf *b, json_t *sentences)
{
    size_t i;
    json_t *one;
    json_array_foreach(sentences, i, one) strbuf_addf(b, "  %s\n", json_string_value(one));
    json_decref(sentences);
}

/* As on the statement. */
static void add_line(struct scope *s, struct strbuf *b, const struct credit *credit,
    const char *locale, const json_t *line)
{
    const json_t *period = json_object_get(line, "period");
    const struct words_working words = {.s = s,
        .locale = locale,
        .currency = credit->currency,
        .timezone = json_get_word(line, "timezone"),
        .explain = line};
    strbuf_addf(b, "\n%s to %s: %s\n", json_get_word(period, "from"), json_get_word(period, "to"),
        money_text(s, json_get_int(line, "amount_minor"), credit->currency));
    add_sentences(b, words_impacts(&words));
    add_sentences(b, words_working(&words));
}

static void print_words(
    struct scope *s, const struct credit *credit, const char *locale, const json_t *lines)
{
    STRBUF(b, OUTPUT_MAX);
    size_t i;
    json_t *line;
    add_head(s, &b, credit);
    json_array_foreach(lines, i, line) add_line(s, &b, credit, locale, line);
    strbuf_addf(&b, "\nTotal %s\n", money_text(s, credit->amount_minor, credit->currency));
    fputs(b.buf, stdout);
}

enum rc credit_explain(struct scope *s, struct invocation *in, const char *locale)
{
    struct credit credit;
    json_t *lines = NULL;
    TRY(find(s, in->db, in->id, &credit, &lines));
    if (!in->json) {
        print_words(s, &credit, locale, lines);
        return RC_OK;
    }
    json_t *json = shape_json(s, &credit_shape, &credit);
    json_object_set(json, "lines", lines);
    puts(json_text(s, json));
    return RC_OK;
}
