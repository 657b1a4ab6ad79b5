/* /staff/credits/accounts: search of accounts, and an account's ledger with the balance after each
 * entry, the links to its page and its OpenID provider. */
#include <string.h>

#include "api/console/confirm.h"
#include "api/readers/reader.h"
#include "api/console/credits/credits.h"
#include "core/json.h"

enum rc console_accounts(struct call *c)
{
    struct form form;
    json_t *context = json_own(c->s, json_object()), *accounts;
    TRY(form_read(c, &form));
    const char *search = form_text(&form, "search", "");
    const char *escaped = console_escaped(c, search);
    TRY(console_page_rows(c, context,
        scope_printf(c->s, "/v1/accounts?limit=50%s%s", *search ? "&search=" : "", escaped),
        &accounts));
    json_object_set(context, "accounts", accounts);
    json_object_set_new(context, "search", json_string(search));
    json_object_set_new(context, "search_escaped", json_string(escaped));
    return console_reply(c, "credits/accounts", context);
}

/* The OpenID provider of the account, or null: having none is no refusal of the page. */
static void put_oidc(struct call *c, const char *path, json_t *context)
{
    json_t *oidc;
    int status = c->reply.status;
    bool set = console_call(c, GET, scope_printf(c->s, "%s/oidc", path), NULL, &oidc);
    c->reply.status = status;
    json_object_set(context, "oidc", set ? oidc : json_null());
}

/* The word of the button that was confirmed and pressed; NULL: none. */
static const char *done(const struct call *c)
{
    bool sure = c->form && form_get(c->form, "sure");
    return sure ? form_text(c->form, "do", NULL) : NULL;
}

static enum rc show(struct call *c, const char *link, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *account, *entries;
    const char *what = problem ? NULL : done(c);
    const char *path = scope_printf(c->s, "/v1/accounts/%s", console_escaped(c, c->param[0]));
    TRY(console_get(c, path, &account));
    TRY(console_page_rows(c, context, scope_printf(c->s, "%s/ledger?limit=100", path), &entries));
    console_money_all(c, entries, "amount_minor", "amount");
    console_money_all(c, entries, "balance_minor", "balance");
    credits_states(c, entries);
    json_object_set(context, "account", account);
    json_object_set(context, "entries", entries);
    json_object_set_new(context, "link", link ? json_string(link) : json_null());
    json_object_set_new(context, "revoked", json_boolean(what && !strcmp(what, "revoke_links")));
    put_oidc(c, path, context);
    console_put_problem(c, context, problem);
    return console_reply(c, "credits/account", context);
}

enum rc console_account_ledger(struct call *c)
{
    return show(c, NULL, NULL);
}

/* Delete tail of the account after a question. */
static enum rc drop(struct call *c, const char *path, const char *tail)
{
    json_t *reply;
    if (!confirm_given(c))
        return confirm_ask(c, form_text(c->form, "do", ""), json_pack("{s:s}", "name", c->param[0]),
            scope_printf(c->s, "/staff/credits/accounts/%s", console_escaped(c, c->param[0])));
    bool gone = console_call(c, DELETE, scope_printf(c->s, "%s/%s", path, tail), NULL, &reply);
    return show(c, NULL, gone ? NULL : reply);
}

static enum rc set_oidc(struct call *c, const char *path)
{
    static const char *const fields[] = {"issuer", "client_id", "client_secret", NULL};
    json_t *reply, *body = json_own(c->s, json_object());
    for (size_t i = 0; fields[i]; i++)
        json_object_set_new(body, fields[i], json_string(form_text(c->form, fields[i], "")));
    bool set = console_call(c, PUT, scope_printf(c->s, "%s/oidc", path), body, &reply);
    return show(c, NULL, set ? NULL : reply);
}

enum rc console_account_links_post(struct call *c)
{
    const char *path = scope_printf(c->s, "/v1/accounts/%s", console_escaped(c, c->param[0]));
    const char *contact = form_text(c->form, "contact", NULL);
    const char *what = form_text(c->form, "do", "");
    json_t *reply, *body = json_own(c->s, json_object());
    if (!strcmp(what, "revoke_links"))
        return drop(c, path, "page-links");
    if (!strcmp(what, "remove_oidc"))
        return drop(c, path, "oidc");
    if (!strcmp(what, "set_oidc"))
        return set_oidc(c, path);
    if (contact)
        json_object_set_new(body, "contact", json_string(contact));
    if (!console_call(c, POST, scope_printf(c->s, "%s/page-link", path), body, &reply))
        return show(c, NULL, reply);
    return show(c, json_get_text(reply, "url"), NULL);
}
