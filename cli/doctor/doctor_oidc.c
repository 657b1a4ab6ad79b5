/* Sign-in by OpenID Connect, as the api goes about it: description, then keys. */
#include <string.h>

#include "api/access/oidc_provider.h"
#include "cli/doctor/doctor.h"
#include "core/json.h"

void doctor_oidc(struct scope *s, struct doctor *doctor)
{
    const struct config *config = doctor->config;
    struct oidc_provider provider;
    const char *text;
    json_t *keys;
    if (!*config->oidc_issuer)
        return;
    if (!oidc_is_open(config)) {
        doctor_row(s, doctor, "oidc", HEALTH_WARN, "set oidc_client_id and oidc_client_secret",
            "only the issuer is set: nobody can sign in by it");
        return;
    }
    if (oidc_discover(s, config, &provider) != RC_OK) {
        doctor_row(s, doctor, "oidc", HEALTH_FAIL,
            "check oidc_issuer: reachable from here, and written as the provider calls itself",
            "%s: %s", config->oidc_issuer, s->fault.message);
        return;
    }
    if (oidc_keys(s, config, &provider, &text) != RC_OK ||
        json_parse(s, text, strlen(text), &keys) != RC_OK ||
        !json_array_size(json_object_get(keys, "keys")))
        doctor_row(s, doctor, "oidc", HEALTH_FAIL,
            "let the provider publish what it signs with: no sign-in can be checked",
            "no keys at %s", provider.jwks_uri);
    else
        doctor_row(s, doctor, "oidc", HEALTH_OK, NULL, "%s answers, with %zu keys",
            config->oidc_issuer, json_array_size(json_object_get(keys, "keys")));
}
