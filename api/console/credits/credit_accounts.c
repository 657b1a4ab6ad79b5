/* /staff/credits/accounts: search of accounts, and an account's ledger with the balance after each
 * entry. */
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

enum rc console_account_ledger(struct call *c)
{
    json_t *context = json_own(c->s, json_object()), *account, *entries;
    const char *path = scope_printf(c->s, "/v1/accounts/%s", console_escaped(c, c->param[0]));
    TRY(console_get(c, path, &account));
    TRY(console_page_rows(c, context, scope_printf(c->s, "%s/ledger?limit=100", path), &entries));
    console_money_all(c, entries, "amount_minor", "amount");
    console_money_all(c, entries, "balance_minor", "balance");
    credits_states(c, entries);
    json_object_set(context, "account", account);
    json_object_set(context, "entries", entries);
    return console_reply(c, "credits/account", context);
}
