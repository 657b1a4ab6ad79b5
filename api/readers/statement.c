/* /credit/{token}: an account's credits, each with its windows, calculation and reviews, and the
 * form to request a review; on the page of an account, one of them. The token is the authority:
 * without it no form can be forged, so the form needs no CSRF token. */
#include <string.h>

#include "api/credits/credit_lines.h"
#include "api/call/form.h"
#include "api/http/language.h"
#include "api/readers/credit_how.h"
#include "api/readers/link.h"
#include "api/readers/statement.h"
#include "api/call/page.h"
#include "api/readers/reader.h"
#include "api/readers/readers.h"
#include "core/utf8.h"
#include "core/clock.h"
#include "core/json.h"
#include "templates/label.h"
#include "templates/translation.h"

enum { MESSAGE_MAX = 4000 };

SHAPE_STATIC(struct statement, statement_shape, "StatementCredit", FIELD(INT, id),
    FIELD(INT, policy), FIELD(INT, amount_minor), FIELD(TIME, issued_at), FIELD(TIME, asked_at),
    FIELD(TEXT, account), FIELD(TEXT, currency), FIELD(TEXT, state), FIELD(TEXT, timezone),
    FIELD(RAW, titles), FIELD(RAW, names), FIELD(RAW, lines), FIELD(TEXT, reference),
    FIELD(TEXT, review), FIELD(TEXT, answer));

#define STATEMENT_SELECT(ids) \
    "SELECT c.id, c.amount_minor, c.issued_at, a.name AS account, c.currency, c.state, " \
    "a.timezone," \
    "   r.state AS review, r.created_at AS asked_at," \
    "   (SELECT p.id FROM credit_run x JOIN policy p ON p.id = x.policy_id" \
    "     WHERE x.id = c.run_id AND NOT p.helper) AS policy," \
    "   CASE WHEN r.state IN ('declined', 'credited') THEN r.answer END AS answer," \
    "   (SELECT json_object_agg(i.ref, json_build_object('title', i.title," \
    "     'in', i.translations::text)) FROM incident i WHERE i.ref IN" \
    "     (SELECT h->>'incident' FROM credit_line l," \
    "        jsonb_array_elements(amends.explain(l)->'impacts') h WHERE l.credit_id = c.id))" \
    "     AS titles," \
    "   (SELECT json_object_agg(k.slug, json_build_object('name', k.name," \
    "     'in', k.translations::text)) FROM component k WHERE k.slug IN" \
    "     (SELECT h->>'component' FROM credit_line l," \
    "        jsonb_array_elements(amends.explain(l)->'impacts') h WHERE l.credit_id = c.id))" \
    "     AS names," \
    "   (SELECT reference FROM credit_ack WHERE credit_id = c.id) AS reference," \
    "   (SELECT json_agg(amends.explain(l) ORDER BY l.period_from) FROM credit_line l" \
    "     WHERE l.credit_id = c.id) AS lines" \
    " FROM " ids " AS t(id, n) JOIN credit c USING (id)" \
    "   JOIN account a ON a.id = c.account_id" \
    "   LEFT JOIN LATERAL (SELECT * FROM credit_review WHERE credit_id = c.id ORDER BY id DESC" \
    "     LIMIT 1) r ON true ORDER BY t.n"
STMT(statement_credits, STATEMENT_SELECT("amends.credit_statement($1, $2) WITH ORDINALITY"),
    .row = &statement_shape);
STMT(statement_of_account,
    STATEMENT_SELECT(
        "(SELECT id, 1 FROM credit WHERE id = $1"
        "   AND account_id = $2 AND issued_at IS NOT NULL AND state NOT IN ('draft', 'void'))"),
    .row = &statement_shape);
STMT(statement_review, "SELECT amends.credit_review_open($1, $2, $3) AS word", .row = &row_text);

static void put(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

/* {KEY: text} for the reader, of the JSON {KEY: {MEMBER: text, in: translations}}. */
static json_t *names_of(struct call *c, const char *json, const char *member, const char *locale)
{
    json_t *all, *names = json_own(c->s, json_object()), *one;
    const char *key;
    if (!json || json_parse(c->s, json, strlen(json), &all) != RC_OK)
        return NULL;
    json_object_foreach(all, key, one) put(names, key,
        translation_of(c->s, json_get_text(one, "in"), locale, member, json_get_text(one, member))
            .text);
    return names;
}

static json_t *lines_of(
    struct call *c, const struct statement *row, const char *base, const char *locale)
{
    return credit_lines(&(struct credit_lines){.s = c->s,
        .locale = locale,
        .currency = row->currency,
        .lines = row->lines,
        .base = base,
        .titles = names_of(c, row->titles, "title", locale),
        .names = names_of(c, row->names, "name", locale)});
}

static void put_review(
    struct call *c, json_t *json, const struct statement *row, bool stands, const char *locale)
{
    const char *review = row->review ? row->review : "";
    bool busy = !strcmp(review, "open") || !strcmp(review, "further");
    json_object_set_new(json, "busy", json_boolean(busy));
    json_object_set_new(json, "declined", json_boolean(!strcmp(review, "declined")));
    json_object_set_new(json, "credited", json_boolean(!strcmp(review, "credited")));
    json_object_set_new(json, "may_ask", json_boolean(stands && !busy));
    put(json, "asked_at",
        row->review ? label_time(c->s, locale, row->asked_at, row->timezone) : NULL);
    put(json, "answer", row->answer);
}

static json_t *credit_json(
    struct call *c, const struct statement *row, const char *base, const char *locale)
{
    json_t *json = json_object(), *lines = lines_of(c, row, base, locale), *line;
    bool stands = strcmp(row->state, "reversed") != 0, hit = false;
    size_t i;
    json_array_foreach(lines, i, line) if (json_array_size(json_object_get(line, "incidents")))
        hit = true;
    put(json, "id", scope_printf(c->s, "%lld", (long long)row->id));
    put(json, "account", row->account);
    put(json, "amount", label_money(c->s, row->amount_minor, row->currency, locale));
    put(json, "issued_at", label_time(c->s, locale, row->issued_at, row->timezone));
    put(json, "reference", row->reference);
    put(json, "how",
        row->policy == SHAPE_NONE
            ? NULL
            : credit_how_path(c->s, c->api->keys, row->policy, row->currency));
    json_object_set_new(json, "goodwill", json_boolean(!hit));
    json_object_set_new(json, "reversed", json_boolean(!stands));
    json_object_set_new(json, "applied", json_boolean(!strcmp(row->state, "applied")));
    json_object_set_new(
        json, "pending", json_boolean(stands && strcmp(row->state, "applied") != 0));
    json_object_set_new(json, "lines", lines);
    put_review(c, json, row, stands, locale);
    return json;
}

/* The sum of standing credits, one per currency, in order of appearance. */
static json_t *totals_of(struct call *c, const struct list *rows, const char *locale)
{
    const struct statement *row = rows->at;
    json_t *totals = json_array();
    for (size_t i = 0; i < rows->n; i++) {
        int64_t sum = 0;
        bool first = true;
        for (size_t k = 0; k < rows->n; k++) {
            if (strcmp(row[k].currency, row[i].currency) != 0)
                continue;
            first = first && k >= i;
            if (strcmp(row[k].state, "reversed") != 0)
                sum += row[k].amount_minor;
        }
        if (first)
            json_array_append_new(
                totals, json_string(label_money(c->s, sum, row[i].currency, locale)));
    }
    return totals;
}

/* Where the contact of the link claims credit for incidents that gave none. */
static const char *claims_path(struct call *c, const struct link_token *link)
{
    STRBUF(token, SIGN_TOKEN_MAX + 1);
    sign_link(c->api->keys, SIGN_CLAIM, (struct link_token){.id = link->extra}, &token);
    return link->extra ? scope_printf(c->s, "/claims/%s", strbuf_copy(&token, c->s)) : NULL;
}

static enum rc read_credits(struct call *c, const struct statement_of *of, struct list *ret)
{
    if (of->account)
        TRY(db_all(c->s, c->db, &statement_of_account,
            PARAMS(P_INT(of->credit), P_INT(of->account)), ret));
    else
        TRY(db_all(
            c->s, c->db, &statement_credits, PARAMS(P_INT(of->credit), P_INT(of->contact)), ret));
    if (!ret->n || ((const struct statement *)ret->at)->id != of->credit)
        return of->account ? refuse(c, 404, "no such page") : link_none(c);
    return RC_OK;
}

static enum rc show(
    struct call *c, const struct statement_of *of, const char *answer, json_t *context)
{
    static const char *const words[] = {"opened", "open", "many", "closed", NULL};
    struct list rows;
    TRY(read_credits(c, of, &rows));
    const char *locale = language_of(c->request, NULL)->tag;
    json_t *credits = json_array();
    for (size_t i = 0; i < rows.n; i++)
        json_array_append_new(
            credits, credit_json(c, (const struct statement *)rows.at + i, of->base, locale));
    json_object_set_new(context, "credits", credits);
    json_object_set_new(context, "totals", rows.n > 1 ? totals_of(c, &rows, locale) : json_array());
    put(context, "zone", ((const struct statement *)rows.at)->timezone);
    put(context, "action", c->request->target);
    for (size_t i = 0; words[i]; i++)
        json_object_set_new(context, scope_printf(c->s, "answer_%s", words[i]),
            json_boolean(answer && !strcmp(answer, words[i])));
    return page_reply(c, "credit", "your_credit", context, true);
}

enum rc statement_show(struct call *c, const struct statement_of *of, json_t *context)
{
    return show(c, of, NULL, context);
}

/* A review must concern a credit that the page shows. */
static bool is_shown(const struct list *rows, int64_t id)
{
    for (size_t i = 0; i < rows->n; i++)
        if (((const struct statement *)rows->at)[i].id == id)
            return true;
    return false;
}

enum rc statement_ask(struct call *c, const struct statement_of *of, json_t *context)
{
    struct form form = {0};
    const char *outcome;
    struct list rows;
    TRY(form_read(c, &form));
    const char *message = form_get(&form, "message"), *id = form_get(&form, "credit");
    if (!message || !message[strspn(message, " \t\r\n")] || utf8_count(message) > MESSAGE_MAX) {
        c->reply.status = 422;
        scope_fail(c->s, RC_INVALID, "message", "is missing or too long");
        struct reader_errors errors = reader_errors(c, &form);
        TRY(show(c, of, NULL, context));
        reader_mark(c, &form, errors);
        return RC_OK;
    }
    TRY(read_credits(c, of, &rows));
    int64_t credit = id ? strtoll(id, NULL, 10) : of->credit;
    if (!is_shown(&rows, credit))
        return link_none(c);
    TRY(db_one(c->s, c->db, &statement_review,
        PARAMS(P_INT(credit), P_INT(of->contact ? of->contact : SHAPE_NONE), P_TEXT(message)),
        &outcome));
    if (!strcmp(outcome, "many"))
        c->reply.status = 429;
    return show(c, of, outcome, context);
}

/* The credit and the contact of the link in a mail, and the context of its page. */
static enum rc open_link(struct call *c, struct statement_of *ret, json_t **ret_context)
{
    struct link_token link;
    TRY(link_read(c, SIGN_CREDIT, &link));
    *ret = (struct statement_of){.credit = link.id, .contact = link.extra};
    json_t *context = *ret_context = json_own(c->s, json_object());
    put(context, "claims", claims_path(c, &link));
    put(context, "report", scope_printf(c->s, "/credit/%s/report", c->param[0]));
    put(context, "visit", NULL);
    return RC_OK;
}

enum rc page_credit(struct call *c)
{
    struct statement_of of;
    json_t *context;
    TRY(open_link(c, &of, &context));
    return statement_show(c, &of, context);
}

enum rc page_credit_post(struct call *c)
{
    struct statement_of of;
    json_t *context;
    TRY(open_link(c, &of, &context));
    return statement_ask(c, &of, context);
}
