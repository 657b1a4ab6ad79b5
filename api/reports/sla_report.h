#pragma once
/*
 * The SLA report of an account: uptime by calendar window of its time zone, or by billing period,
 * and by component, with the credits of each window (messages/sql/sla_report.sql; decision 145).
 *
 *     struct sla_account report;
 *     TRY(sla_report_read(c->s, c->db, account, (struct sla_query){.unit = "quarter"}, &report));
 */
#include "api/call/call.h"
#include "api/call/form.h"

struct sla_query {
    const char *from, *to; /* local dates, to is exclusive; NULL: the last twelve months */
    const char *unit;      /* month, quarter, year or billing */
};

struct sla_account {
    int64_t id; /* for the cursor; not printed */
    const char *account, *name, *timezone, *unit;
    const char *windows; /* JSON */
    bool periods;        /* a policy rates its billing periods; not printed */
};
extern const struct shape sla_account_shape;
extern const struct shape sla_filter_shape;
extern const char *const sla_units[];

/* RC_INVALID on "to" if it is not after from, or if they are more than ten years apart. */
enum rc sla_query_check(struct scope *s, struct sla_query *query);

/* The report of one account by its id; RC_NOT_FOUND when there is none. */
enum rc sla_report_read(struct scope *s, struct db *db, int64_t account, struct sla_query query,
    struct sla_account *ret);

/* Reply with the report of the account as the query (sla_filter_shape) asks: JSON or CSV. */
enum rc sla_report_reply(struct call *c, const char *external_id);

/* The unit of that name, as a page was asked for; any other is "month". */
const char *sla_unit_named(const char *name);

/* The report in words of the locale, into the context of templates/page/sla_windows.en.html: name,
 * external_id, timezone, is {the unit: true}, periods (billing periods are offered) and windows. */
enum rc sla_report_put(
    struct scope *s, const struct sla_account *report, const char *locale, json_t *context);

/* The same of an account for a customer's page, in the reader's language, by the form's unit.
 * query:
 * "?", what a link to another unit begins with. */
enum rc sla_report_show(struct call *c, int64_t account, const struct form *form, json_t *context);

/* The CSV of a report: a line per window, per component in it, and per currency of its credits;
 * and the header of such a file. */
void sla_csv_header(struct strbuf *b);
enum rc sla_csv_add(struct scope *s, struct strbuf *b, const struct sla_account *report);
