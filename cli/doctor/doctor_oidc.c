/* Checks OpenID Connect in the api's order: metadata, then keys; of the installation, and of the
 * accounts that have a provider of their own. */
#include <string.h>

#include "api/access/oidc_provider.h"
#include "cli/doctor/doctor.h"
#include "core/json.h"

enum { ACCOUNTS_MAX = 200 };

SHAPE_STATIC(struct own_provider, own_provider_shape, "OwnProvider", FIELD(TEXT, account),
    FIELD(TEXT, issuer), FIELD(TEXT, client_id));
/* The latest first: those are the least proven. */
STMT(doctor_account_providers,
    "SELECT a.external_id AS account, o.issuer, o.client_id FROM account_oidc o"
    "   JOIN account a ON a.id = o.account_id ORDER BY o.changed_at DESC, a.id DESC LIMIT $1",
    .row = &own_provider_shape);

/* ret_keys: how many. The failure is in s->fault. */
static enum rc ask(struct scope *s, const struct oidc_client *client, size_t *ret_keys)
{
    struct oidc_provider provider;
    const char *text;
    json_t *keys;
    TRY(oidc_discover(s, client, &provider));
    if (oidc_keys(s, client, &provider, &text) != RC_OK ||
        json_parse(s, text, strlen(text), &keys) != RC_OK ||
        !json_array_size(json_object_get(keys, "keys")))
        return fail(s, RC_UPSTREAM, "it has no signing keys at %s", provider.jwks_uri);
    *ret_keys = json_array_size(json_object_get(keys, "keys"));
    return RC_OK;
}

void doctor_oidc(struct scope *s, struct doctor *doctor)
{
    const struct config *config = doctor->config;
    const struct oidc_client client = oidc_client_of(config);
    size_t keys;
    if (!*config->oidc_issuer)
        return;
    if (!oidc_is_open(config))
        doctor_row(s, doctor, "oidc", HEALTH_WARN, "set oidc_client_id and oidc_client_secret",
            "only the issuer is set, so signing in with it is impossible");
    else if (ask(s, &client, &keys) != RC_OK)
        doctor_row(s, doctor, "oidc", HEALTH_FAIL,
            "check that oidc_issuer is reachable from here, equals the issuer in the provider's "
            "metadata and publishes its keys",
            "%s: %s", config->oidc_issuer, s->fault.message);
    else
        doctor_row(s, doctor, "oidc", HEALTH_OK, NULL, "%s answers, with %zu keys",
            config->oidc_issuer, keys);
}

/* A customer's provider is not ours to mend, so a row of it fails nothing. */
static bool is_well(struct scope *s, struct doctor *doctor, const struct own_provider *own)
{
    SCOPE(inner);
    const struct oidc_client client = {.issuer = own->issuer,
        .id = own->client_id,
        .allow_loopback = doctor->config->allow_loopback};
    size_t keys;
    if (ask(inner, &client, &keys) == RC_OK)
        return true;
    doctor_row(s, doctor, scope_printf(s, "oidc %.100s", own->account), HEALTH_WARN,
        scope_printf(s,
            "contacts of the account cannot sign in by it, only by links in mails: ask the "
            "customer, or change it by amends account oidc %.100s --issuer URL ...",
            own->account),
        "%s: %s", own->issuer, inner->fault.message);
    return false;
}

void doctor_account_oidc(struct scope *s, struct doctor *doctor)
{
    struct list rows;
    size_t well = 0;
    if (db_all(s, doctor->db, &doctor_account_providers, PARAMS(P_INT(ACCOUNTS_MAX)), &rows) !=
            RC_OK ||
        !rows.n)
        return;
    for (size_t i = 0; i < rows.n; i++)
        well += is_well(s, doctor, (const struct own_provider *)rows.at + i);
    if (well)
        doctor_row(s, doctor, "oidc accounts", HEALTH_OK, NULL,
            "accounts whose provider answers: %zu", well);
}
