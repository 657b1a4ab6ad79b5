/* /reports/{token}: the SLA report of an account, for a contact; and whether it comes by mail every
 * month. Mails have the link; a POST without a choice is the one click that ends them (RFC 8058).
 */
#include "api/readers/report_mail.h"
#include "api/readers/link.h"

#include <string.h>

#include "api/call/form.h"
#include "api/call/page.h"
#include "api/call/session.h"
#include "api/readers/readers.h"
#include "api/reports/sla_report.h"
#include "core/clock.h"
#include "core/json.h"

SHAPE_STATIC(struct asking, asking_shape, "ReportContact", FIELD(INT, account), FIELD(INT, contact),
    FIELD(BOOL, asked));
STMT(report_contact,
    "SELECT a.id AS account, k.id AS contact, k.report_since IS NOT NULL AS asked"
    " FROM account a LEFT JOIN account_contact k ON k.id = $1 AND k.account_id = a.id"
    " WHERE a.id = amends.link_account($1, $2)",
    .row = &asking_shape);
STMT(report_choose,
    "UPDATE account_contact SET report_since = CASE WHEN $2 THEN coalesce(report_since, now()) END"
    " WHERE id = $1");

const char *report_mail_path(struct scope *s, const struct sign *keys, struct link_token who)
{
    STRBUF(token, SIGN_TOKEN_MAX + 1);
    sign_link(keys, SIGN_REPORT, who, &token);
    return scope_printf(s, "/reports/%s", strbuf_copy(&token, s));
}

static enum rc open_link(struct call *c, struct asking *ret)
{
    struct link_token link;
    TRY(link_read(c, SIGN_REPORT, &link));
    return IF_NONE(
        db_one(c->s, c->db, &report_contact, PARAMS(P_INT(link.id), P_INT(link.extra)), ret),
        link_none(c));
}

static enum rc show(struct call *c, const struct asking *who, const struct form *form)
{
    json_t *context = json_own(c->s, json_object());
    TRY(sla_report_show(c, who->account, form, context));
    json_object_set_new(
        context, "action", json_string(scope_printf(c->s, "/reports/%s", c->param[0])));
    json_object_set_new(context, "mail", json_null());
    json_object_set_new(context, "choice",
        who->contact == SHAPE_NONE ? json_null() : json_pack("{s:b}", "on", who->asked));
    return page_reply(c, "sla_report", "sla_report", context, true);
}

enum rc page_report_mail(struct call *c)
{
    struct asking who = {0};
    struct form form = {0};
    TRY(open_link(c, &who));
    TRY(form_read(c, &form));
    return show(c, &who, &form);
}

enum rc page_report_mail_post(struct call *c)
{
    struct asking who = {0};
    struct form form = {0};
    TRY(open_link(c, &who));
    const char *choice = form_read(c, &form) == RC_OK ? form_get(&form, "choice") : NULL;
    if (choice)
        TRY(session_check_site(c));
    who.asked = choice && !strcmp(choice, "on");
    TRY(db_do(c->s, c->db, &report_choose, PARAMS(P_INT(who.contact), P_BOOL(who.asked)), NULL));
    return show(c, &who, &form);
}
