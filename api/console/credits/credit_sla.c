/* /staff/credits/accounts/{external_id}/report: the SLA report of an account. */
#include "api/console/credits/credits.h"
#include "api/reports/sla_report.h"
#include "core/json.h"

enum rc console_account_sla(struct call *c)
{
    struct form form;
    json_t *context = json_own(c->s, json_object()), *told;
    TRY(form_read(c, &form));
    TRY(console_get(c,
        scope_printf(c->s, "/v1/accounts/%s/sla-report?unit=%s", console_escaped(c, c->param[0]),
            sla_unit_named(form_get(&form, "unit"))),
        &told));
    struct sla_account report = {.account = json_get_word(told, "account"),
        .name = json_get_word(told, "name"),
        .timezone = json_get_word(told, "timezone"),
        .unit = json_get_word(told, "unit"),
        .windows = json_text(c->s, json_object_get(told, "windows"))};
    TRY(sla_report_put(c->s, &report, console_locale(c), context));
    json_object_set_new(context, "query", json_string("?"));
    console_title(context, report.name);
    return console_reply(c, "credits/sla", context);
}
