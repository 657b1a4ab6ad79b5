/* An SLA report as the context of templates/page/sla_windows.en.html. */
#include <stdlib.h>
#include <string.h>

#include "api/http/language.h"
#include "api/reports/sla_report.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

static void put(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, json_string(text));
}

/* "1 h 2 min"; what is shorter than a second as it is. */
static const char *span(struct scope *s, const char *seconds, const char *locale)
{
    long long whole = strtoll(seconds, NULL, 10);
    return whole || !strcmp(seconds, "0")
               ? label_span(s, locale, whole)
               : scope_printf(s, "%s s", decimal_local(s, seconds, locale));
}

/* "March 2025", "2025 Q1", "2025", "Jan 31, 2025 – Feb 28, 2025" as statements have it. */
static const char *window_name(
    struct scope *s, const char *unit, const json_t *window, const char *locale)
{
    const char *from = json_get_word(window, "from"), *to = json_get_word(window, "to");
    if (!strcmp(unit, "billing"))
        return scope_printf(s, "%s – %s", label_day(s, locale, from), label_day(s, locale, to));
    if (!strcmp(unit, "month"))
        return label_fill(s, label_text(s, locale, "month", scope_printf(s, "%.2s", from + 5)),
            json_own(s, json_pack("{s:s%}", "year", from, (size_t)4)));
    if (!strcmp(unit, "year"))
        return scope_printf(s, "%.4s", from);
    return scope_printf(s, "%.4s Q%ld", from, strtol(from + 5, NULL, 10) / 3 + 1);
}

static void put_figures(struct scope *s, json_t *object, const char *locale)
{
    put(object, "uptime", decimal_local(s, json_get_word(object, "uptime_percent"), locale));
    put(object, "down", span(s, json_get_word(object, "down_seconds"), locale));
    put(object, "maintenance", span(s, json_get_word(object, "maintenance_seconds"), locale));
    json_object_set_new(
        object, "is_up", json_boolean(!strcmp(json_get_word(object, "down_seconds"), "0")));
}

static void put_amounts(struct scope *s, json_t *credit, const char *locale)
{
    static const char *const names[][2] = {{"owed_minor", "owed"}, {"reversed_minor", "reversed"},
        {"confirmed_minor", "confirmed"}, {"applied_minor", "applied"}};
    const char *currency = json_get_word(credit, "currency");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        long long minor = json_get_int(credit, names[i][0]);
        bool always = !strcmp(names[i][1], "owed");
        json_object_set_new(credit, names[i][1],
            minor || always ? json_string(label_money(s, minor, currency, locale)) : json_null());
    }
}

static json_t *units_of(const char *unit)
{
    json_t *units = json_object();
    for (size_t i = 0; sla_units[i]; i++)
        json_object_set_new(units, sla_units[i], json_boolean(!strcmp(unit, sla_units[i])));
    return units;
}

enum rc sla_report_put(
    struct scope *s, const struct sla_account *report, const char *locale, json_t *context)
{
    json_t *windows, *window, *one;
    size_t i, k;
    TRY(json_parse(s, report->windows, strlen(report->windows), &windows));
    json_array_foreach(windows, i, window)
    {
        put(window, "label", window_name(s, report->unit, window, locale));
        put_figures(s, window, locale);
        json_array_foreach(json_object_get(window, "components"), k, one)
            put_figures(s, one, locale);
        json_array_foreach(json_object_get(window, "credits"), k, one) put_amounts(s, one, locale);
    }
    put(context, "name", report->name);
    put(context, "external_id", report->account);
    put(context, "timezone", report->timezone);
    json_object_set_new(context, "is", units_of(report->unit));
    json_object_set_new(
        context, "periods", json_boolean(report->periods || !strcmp(report->unit, "billing")));
    json_object_set(context, "windows", windows);
    return RC_OK;
}

enum rc sla_report_show(struct call *c, int64_t account, const struct form *form, json_t *context)
{
    struct sla_account report;
    struct sla_query query = {.unit = sla_unit_named(form_get(form, "unit"))};
    TRY(sla_report_read(c->s, c->db, account, query, &report));
    TRY(sla_report_put(c->s, &report, language_of(c->request, NULL)->tag, context));
    put(context, "zone", report.timezone);
    json_object_set_new(context, "query", json_string("?"));
    return RC_OK;
}
