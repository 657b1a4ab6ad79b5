/* /a/{token}/report: the SLA report of the account. */
#include "api/account/account.h"
#include "api/account/visit.h"
#include "api/call/form.h"
#include "api/call/page.h"
#include "api/reports/sla_report.h"
#include "core/json.h"

enum rc page_account_report(struct call *c)
{
    struct account_visit visit;
    struct form form = {0};
    bool entered;
    json_t *context = json_own(c->s, json_object());
    TRY(account_visit(c, &visit, &entered));
    if (!entered)
        return RC_OK;
    TRY(form_read(c, &form));
    TRY(sla_report_show(c, visit.account, &form, context));
    account_visit_put(&visit, "report", context);
    return page_reply(c, "account_report", "sla_report", context, true);
}
