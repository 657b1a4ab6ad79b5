/* Checks OpenID Connect in the api's order: metadata, then keys. */
#include <string.h>

#include "api/access/oidc_provider.h"
#include "cli/doctor/doctor.h"
#include "core/json.h"

void doctor_oidc(struct scope *s, struct doctor *doctor)
{
    const struct config *config = doctor->config;
    const struct oidc_client client = oidc_client_of(config);
    struct oidc_provider provider;
    const char *text;
    json_t *keys;
    if (!*config->oidc_issuer)
        return;
    if (!oidc_is_open(config)) {
        doctor_row(s, doctor, "oidc", HEALTH_WARN, "set oidc_client_id and oidc_client_secret",
            "only the issuer is set, so signing in with it is impossible");
        return;
    }
    if (oidc_discover(s, &client, &provider) != RC_OK) {
        doctor_row(s, doctor, "oidc", HEALTH_FAIL,
            "check that oidc_issuer is reachable from here and equals the issuer in the provider's "
            "metadata",
            "%s: %s", config->oidc_issuer, s->fault.message);
        return;
    }
    if (oidc_keys(s, &client, &provider, &text) != RC_OK ||
        json_parse(s, text, strlen(text), &keys) != RC_OK ||
        !json_array_size(json_object_get(keys, "keys")))
        doctor_row(s, doctor, "oidc", HEALTH_FAIL,
            "have the provider publish its signing keys: without them, signing in fails",
            "no keys at %s", provider.jwks_uri);
    else
        doctor_row(s, doctor, "oidc", HEALTH_OK, NULL, "%s answers, with %zu keys",
            config->oidc_issuer, json_array_size(json_object_get(keys, "keys")));
}
