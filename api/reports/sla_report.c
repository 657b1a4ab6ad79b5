/* GET /v1/accounts/{external_id}/sla-report and GET /v1/sla-report. */
#include "api/reports/sla_report.h"

#include <stdlib.h>
#include <string.h>

#include "api/call/list_page.h"
#include "api/reports/reports.h"
#include "core/clock.h"

enum { YEARS_MAX = 10, CSV_PAGE = 200 };

const char *const sla_units[] = {"month", "quarter", "year", "billing", NULL};
static const char *const formats[] = {"json", "csv", NULL};

#define SLA_FIGURES(of) \
    FIELD(TEXT, measured_seconds, .required = true, .doc = "Length of the window, up to now."), \
        FIELD(TEXT, maintenance_seconds, .required = true, \
            .doc = "Announced maintenance, which never counts as downtime."), \
        FIELD(TEXT, degraded_seconds, .required = true, \
            .doc = "Degraded performance, which is no downtime."), \
        FIELD(TEXT, down_seconds, .required = true, .doc = "Partial or major outage of " of "."), \
        FIELD(TEXT, uptime_percent, .required = true, \
            .doc = "100 (1 - down / measured), cut off after four digits.")

SHAPE_STATIC(struct sla_component, sla_component_shape, "SlaReportComponent",
    FIELD(TEXT, component, .required = true, .doc = "Slug."),
    FIELD(TEXT, name, .required = true, .doc = "Its name."), SLA_FIGURES("the component"));
SHAPE_STATIC(struct sla_credits, sla_credits_shape, "SlaReportCredits",
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, owed_minor, .required = true, .doc = "Issued and not reversed."),
    FIELD(INT, issued_minor, .required = true, .doc = "Issued, by the ledger."),
    FIELD(INT, reversed_minor, .required = true, .doc = "Reversed, by the ledger."),
    FIELD(INT, confirmed_minor, .required = true,
        .doc = "Of what is owed: acknowledged by billing, or applied."),
    FIELD(INT, applied_minor, .required = true,
        .doc = "Of what is owed: applied to an invoice, by billing's word."));
SHAPE_STATIC(struct sla_window, sla_window_shape, "SlaReportWindow",
    FIELD(DATE, from, .required = true, .doc = "First local date."),
    FIELD(DATE, to, .required = true, .doc = "Local date after the last."),
    FIELD(BOOL, open, .required = true, .doc = "It has not ended."),
    SLA_FIGURES("any component that the account uses"),
    FIELD(RAW, components, .required = true, .form = FORM_LIST, .of = &sla_component_shape,
        .doc = "Those that the account uses."),
    FIELD(RAW, credits, .required = true, .form = FORM_LIST, .of = &sla_credits_shape,
        .doc = "For outages that began in the window, per currency."));

const struct shape sla_account_shape =
    SHAPE("SlaReport", struct sla_account, FIELD(INT, id, .secret = true, .doc = "For the cursor."),
        FIELD(TEXT, account, .required = true, .doc = "external_id."),
        FIELD(TEXT, name, .required = true, .doc = "Name of the account."),
        FIELD(TEXT, timezone, .required = true, .doc = "IANA name; windows are of its calendar."),
        FIELD(TEXT, unit, .required = true, .doc = "month, quarter, year or billing."),
        FIELD(RAW, windows, .required = true, .form = FORM_LIST, .of = &sla_window_shape,
            .doc = "In order; none before the account's first term."),
        FIELD(BOOL, periods, .secret = true, .doc = "For pages."));

/* Both filters, which differ in how a page is asked for. */
struct sla_filter {
    struct list_page page; /* of the list only */
    struct sla_query query;
    const char *format;
};
#define SLA_FIELDS \
    FIELD_AS(DATE, "from", query.from, \
        .doc = "First local date, of which the whole window is reported; default: the last " \
               "twelve months of windows."), \
        FIELD_AS(DATE, "to", query.to, .doc = "Local date after the last; default: tomorrow."), \
        FIELD_AS(TEXT, "unit", query.unit, .one_of = sla_units, .def = "month", \
            .doc = "Length of a window; billing: the account's own billing periods."), \
        FIELD(TEXT, format, .one_of = formats, .def = "json", .doc = "json or csv.")
const struct shape sla_filter_shape = SHAPE("SlaReportFilter", struct sla_filter, SLA_FIELDS);
const struct shape sla_list_filter_shape =
    SHAPE("SlaReportListFilter", struct sla_filter, PAGE_FIELDS("50", 200), SLA_FIELDS);

#define REPORT_SELECT(accounts) \
    "SELECT a.id, a.external_id AS account, a.name, a.timezone, $1 AS unit, r.windows," \
    "   amends.account_rates_periods(a) AS periods" \
    " FROM amends.sla_report(ARRAY(" accounts "), $1, $2::date, $3::date, now()) r" \
    " JOIN account a ON a.id = r.account_id ORDER BY a.id"
STMT(sla_report_by_id, REPORT_SELECT("SELECT $4::bigint"), .row = &sla_account_shape);
STMT(sla_report_by_name, REPORT_SELECT("SELECT id FROM account WHERE external_id = $4"),
    .row = &sla_account_shape);
STMT(sla_report_page, REPORT_SELECT("SELECT id FROM account WHERE id > $4 ORDER BY id LIMIT $5"),
    .row = &sla_account_shape);

#define QUERY(q) P_TEXT((q).unit), P_TEXT((q).from), P_TEXT((q).to)

const char *sla_unit_named(const char *name)
{
    for (size_t i = 1; name && sla_units[i]; i++)
        if (!strcmp(sla_units[i], name))
            return sla_units[i];
    return sla_units[0];
}

enum rc sla_query_check(struct scope *s, struct sla_query *query)
{
    const char *last = query->to ? query->to : clock_rfc3339(s, clock_now());
    if (query->from && query->to && strcmp(query->from, query->to) >= 0)
        return fail_field(s, RC_INVALID, "to", "must be later than from");
    if (query->from && strtol(last, NULL, 10) - strtol(query->from, NULL, 10) > YEARS_MAX)
        return fail_field(s, RC_INVALID, "from", "is more than %d years before to", YEARS_MAX);
    return RC_OK;
}

enum rc sla_report_read(struct scope *s, struct db *db, int64_t account, struct sla_query query,
    struct sla_account *ret)
{
    return db_one(s, db, &sla_report_by_id, PARAMS(QUERY(query), P_INT(account)), ret);
}

enum rc sla_report_reply(struct call *c, const char *external_id)
{
    struct sla_filter filter = *(const struct sla_filter *)c->query;
    struct sla_account report;
    TRY(sla_query_check(c->s, &filter.query));
    TRY(IF_NONE(db_one(c->s, c->db, &sla_report_by_name,
                    PARAMS(QUERY(filter.query), P_TEXT(external_id)), &report),
        fail(c->s, RC_NOT_FOUND, "no account \"%.100s\"", external_id)));
    if (!strcmp(filter.format, "json"))
        return reply_object(c, &report);
    sla_csv_header(&c->reply.body);
    TRY(sla_csv_add(c->s, &c->reply.body, &report));
    c->reply.status = 200;
    c->reply.type = "text/csv; charset=utf-8";
    return RC_OK;
}

enum rc sla_report_get(struct call *c)
{
    return sla_report_reply(c, c->param[0]);
}

static enum rc read_page(struct scope *s, struct db *db, struct sla_query query, int64_t after,
    int64_t limit, struct list *ret)
{
    return db_all(s, db, &sla_report_page, PARAMS(QUERY(query), P_INT(after), P_INT(limit)), ret);
}

static enum rc write_page(struct scope *s, struct list rows, FILE *out)
{
    struct strbuf text = STRBUF_INIT(SIZE_MAX);
    const struct sla_account *at = rows.at;
    enum rc rc = RC_OK;
    for (size_t i = 0; i < rows.n && rc == RC_OK; i++)
        rc = sla_csv_add(s, &text, &at[i]);
    if (rc == RC_OK && fwrite(text.buf, 1, text.len, out) != text.len)
        rc = fail(s, RC_INTERNAL, "the report cannot be stored: %m");
    strbuf_release(&text);
    return rc;
}

static enum rc reply_csv(struct call *c, struct sla_query query)
{
    FILE *out;
    STRBUF(head, 512);
    TRY(reply_file(c, "text/csv; charset=utf-8", &out));
    sla_csv_header(&head);
    fwrite(head.buf, 1, head.len, out);
    for (int64_t after = 0, more = 1; more;) {
        SCOPE(s);
        struct list rows;
        enum rc rc = read_page(s, c->db, query, after, CSV_PAGE, &rows);
        if (rc == RC_OK)
            rc = write_page(s, rows, out);
        if (rc != RC_OK)
            return fail_from(c->s, s);
        more = rows.n == CSV_PAGE;
        after = rows.n ? ((const struct sla_account *)rows.at)[rows.n - 1].id : 0;
    }
    return RC_OK;
}

enum rc sla_report_list(struct call *c)
{
    struct sla_filter filter = *(const struct sla_filter *)c->query;
    int64_t after;
    struct list rows;
    TRY(sla_query_check(c->s, &filter.query));
    if (!strcmp(filter.format, "csv"))
        return reply_csv(c, filter.query);
    TRY(page_open(c, "sla_report", &after));
    TRY(read_page(c->s, c->db, filter.query, after, filter.page.limit, &rows));
    return reply_page(c, "sla_report", rows, offsetof(struct sla_account, id));
}
