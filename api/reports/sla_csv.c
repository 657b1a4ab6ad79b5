/* The CSV of an SLA report. Its column "row" says of what a line tells: window, component, credit;
 * the columns of the others are empty. */
#include <jansson.h>
#include <string.h>

#include "api/reports/sla_report.h"
#include "core/csv.h"
#include "core/json.h"

static const char *const figures[] = {"measured_seconds", "maintenance_seconds", "degraded_seconds",
    "down_seconds", "uptime_percent", NULL};
static const char *const amounts[] = {"exponent", "owed_minor", "issued_minor", "reversed_minor",
    "confirmed_minor", "applied_minor", NULL};

void sla_csv_header(struct strbuf *b)
{
    strbuf_addstr(b, "account,name,timezone,from,to,row,component");
    for (size_t i = 0; figures[i]; i++)
        strbuf_addf(b, ",%s", figures[i]);
    strbuf_addstr(b, ",currency");
    for (size_t i = 0; amounts[i]; i++)
        strbuf_addf(b, ",%s", amounts[i]);
    strbuf_addstr(b, "\r\n");
}

struct line {
    struct scope *s;
    struct strbuf *b;
    const struct sla_account *report;
    const json_t *window;
};

static const char *number(const struct line *line, const json_t *credit, const char *name)
{
    return credit ? scope_printf(line->s, "%lld", json_get_int(credit, name)) : NULL;
}

static void add(
    const struct line *line, const char *row, const json_t *uptime, const json_t *credit)
{
    csv_add(line->b, line->report->account, false);
    csv_add(line->b, line->report->name, false);
    csv_add(line->b, line->report->timezone, false);
    csv_add(line->b, json_get_text(line->window, "from"), false);
    csv_add(line->b, json_get_text(line->window, "to"), false);
    csv_add(line->b, row, false);
    csv_add(line->b, json_get_text(uptime, "component"), false);
    for (size_t i = 0; figures[i]; i++)
        csv_add(line->b, json_get_text(uptime, figures[i]), false);
    csv_add(line->b, json_get_text(credit, "currency"), false);
    for (size_t i = 0; amounts[i]; i++)
        csv_add(line->b, number(line, credit, amounts[i]), !amounts[i + 1]);
}

enum rc sla_csv_add(struct scope *s, struct strbuf *b, const struct sla_account *report)
{
    json_t *windows, *window, *one;
    size_t i, k;
    TRY(json_parse(s, report->windows, strlen(report->windows), &windows));
    json_array_foreach(windows, i, window)
    {
        struct line line = {.s = s, .b = b, .report = report, .window = window};
        add(&line, "window", window, NULL);
        json_array_foreach(json_object_get(window, "components"), k, one)
            add(&line, "component", one, NULL);
        json_array_foreach(json_object_get(window, "credits"), k, one)
            add(&line, "credit", NULL, one);
    }
    return RC_OK;
}
