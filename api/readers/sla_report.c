/* /credit/{token}/report: the SLA report of the account of a credit on the statement that the token
 * opens. ?credit= names the credit; without it, that of the token. */
#include "api/reports/sla_report.h"
#include "api/readers/link.h"

#include <stdlib.h>

#include "api/call/form.h"
#include "api/call/page.h"
#include "api/readers/readers.h"
#include "api/readers/report_mail.h"
#include "core/clock.h"
#include "core/json.h"

STMT(sla_account_shown,
    "SELECT c.account_id FROM amends.credit_statement($1, $2) AS t(id) JOIN credit c USING (id)"
    " WHERE c.id = $3",
    .row = &row_int);

static enum rc account_of(
    struct call *c, const struct form *form, struct link_token *ret_link, int64_t *ret)
{
    struct link_token link;
    const char *credit = form_get(form, "credit");
    TRY(link_read(c, SIGN_CREDIT, &link));
    *ret_link = link;
    int64_t id = credit ? strtoll(credit, NULL, 10) : link.id;
    return IF_NONE(db_one(c->s, c->db, &sla_account_shown,
                       PARAMS(P_INT(link.id), P_INT(link.extra), P_INT(id)), ret),
        link_none(c));
}

enum rc page_sla_report(struct call *c)
{
    struct form form = {0};
    struct link_token link = {0};
    int64_t account = 0;
    json_t *context = json_own(c->s, json_object());
    TRY(form_read(c, &form));
    TRY(account_of(c, &form, &link, &account));
    TRY(sla_report_show(c, account, &form, context));
    const char *credit = form_get(&form, "credit");
    if (credit)
        json_object_set_new(context, "query",
            json_string(scope_printf(c->s, "?credit=%lld&", strtoll(credit, NULL, 10))));
    /* A contact of this account, not of another one on the same statement. */
    bool own = link.extra && (!credit || strtoll(credit, NULL, 10) == link.id);
    json_object_set_new(context, "mail",
        own ? json_string(
                  report_mail_path(c->s, c->api->keys, (struct link_token){.id = link.extra}))
            : json_null());
    json_object_set_new(context, "choice", json_null());
    return page_reply(c, "sla_report", "sla_report", context, true);
}
