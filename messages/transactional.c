#include "messages/transactional.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/money.h"
#include "messages/context_put.h"
#include "templates/label.h"

static void put_endpoint(json_t *endpoint, json_t *root)
{
    const char *reason = json_get_text(endpoint, "reason");
    json_object_set_new(endpoint, "failing", json_boolean(reason && !strcmp(reason, "failing")));
    json_object_set(root, "endpoint", endpoint);
}

/* The part of the new address that the old one may see. */
static void put_moved(
    struct scope *s, const struct context_spec *spec, const json_t *moved, json_t *root)
{
    const char *address = json_get_text(moved, "address");
    json_object_set_new(root, "new_address", json_string(address ? address : ""));
    json_object_set_new(root, "subscribe_url",
        json_string(scope_printf(s, "%s/subscribe", spec->config->public_url)));
}

static void put_answer(
    struct scope *s, const struct context_spec *spec, json_t *answer, json_t *root)
{
    json_object_set(root, "answer", answer);
    json_object_set_new(root, "statement_url", json_string(token_url(s, spec, "/credit/")));
}

static void put_claim(struct scope *s, const struct context_spec *spec, json_t *claim, json_t *root)
{
    json_object_set(root, "claim", claim);
    json_object_set_new(root, "claim_url", json_string(token_url(s, spec, "/claims/")));
}

/* extra: {name, login} of the account; login: its name at /a/login, if contacts can sign in. */
static void put_account(
    struct scope *s, const struct context_spec *spec, json_t *account, json_t *root)
{
    bool invited = spec->broadcast->kind == KIND_ACCOUNT_INVITATION;
    const char *login = json_get_text(account, "login");
    STRBUF(url, 4096);
    strbuf_addf(&url, "%s/a/login/", spec->config->public_url);
    strbuf_addpercent(&url, login ? login : "");
    json_object_set(root, "account", account);
    json_object_set_new(root, "login_url", login ? json_string(url.buf) : json_null());
    json_object_set_new(
        root, "account_url", json_string(token_url(s, spec, invited ? "/join/" : "/a/")));
}

static void put_figures(struct scope *s, const struct context_spec *spec, json_t *row)
{
    int64_t down = strtoll(json_get_word(row, "down_seconds"), NULL, 10);
    json_object_set_new(row, "uptime",
        json_string(decimal_local(s, json_get_word(row, "uptime_percent"), spec->locale)));
    json_object_set_new(
        row, "down", down ? json_string(label_span(s, spec->locale, down)) : json_null());
}

/* A window of the SLA report (messages/sql/sla_report.sql). */
static void put_report(
    struct scope *s, const struct context_spec *spec, json_t *report, json_t *root)
{
    const char *from = json_get_word(report, "from");
    json_t *row, *year = json_own(s, json_pack("{s:s}", "year", scope_printf(s, "%.4s", from)));
    size_t i;
    const char *month = label_text(s, spec->locale, "month", scope_printf(s, "%.2s", from + 5));
    json_object_set_new(report, "month", json_string(label_fill(s, month, year)));
    put_figures(s, spec, report);
    json_array_foreach(json_object_get(report, "components"), i, row) put_figures(s, spec, row);
    json_array_foreach(json_object_get(report, "credits"), i, row)
        json_object_set_new(row, "amount",
            json_string(label_money(
                s, json_get_int(row, "owed_minor"), json_get_word(row, "currency"), spec->locale)));
    json_object_set(root, "report", report);
    json_object_set_new(root, "report_url", json_string(token_url(s, spec, "/reports/")));
}

/* As JSON text, which the template inserts as it is. */
static void put_members(struct scope *s, json_t *extra, json_t *root)
{
    const char *name;
    json_t *value, *members = json_object();
    json_object_foreach(extra, name, value)
        json_object_set_new(members, name, json_string(json_text(s, value)));
    json_object_set_new(root, "statuspage", members);
}

enum rc transactional_put(struct scope *s, const struct context_spec *spec, json_t *root)
{
    json_t *extra = NULL;
    const char *text = spec->broadcast->extra ? spec->broadcast->extra : "{}";
    TRY(json_parse(s, text, strlen(text), &extra));
    if (spec->broadcast->kind == KIND_ENDPOINT)
        put_endpoint(extra, root);
    else if (spec->broadcast->kind == KIND_CREDIT_ANSWER)
        put_answer(s, spec, extra, root);
    else if (spec->broadcast->kind == KIND_CLAIM_ANSWER)
        put_claim(s, spec, extra, root);
    else if (spec->broadcast->kind == KIND_ACCOUNT_LINK ||
             spec->broadcast->kind == KIND_ACCOUNT_INVITATION)
        put_account(s, spec, extra, root);
    else if (spec->broadcast->kind == KIND_SLA_REPORT)
        put_report(s, spec, extra, root);
    else if (spec->broadcast->kind == KIND_CREDIT_EVENT)
        json_object_set(root, "event", extra);
    else if (spec->broadcast->kind == KIND_COMPONENT_UPDATE)
        put_members(s, extra, root);
    else
        put_moved(s, spec, extra, root);
    return RC_OK;
}
