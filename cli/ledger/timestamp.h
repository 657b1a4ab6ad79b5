#pragma once
/* Timestamps of RFC 3161 by OpenSSL: a third party's word that bytes existed at a time. */
#include "core/config.h"
#include "core/scope.h"
#include "core/strbuf.h"

/* Have bytes timestamped by config->ledger_tsa_url; the DER of its response into ret, as
 * `openssl ts -verify -in` reads it. RC_UPSTREAM if there is no valid one. */
enum rc timestamp_get(struct scope *s, const struct config *config, const void *bytes, size_t len,
    struct strbuf *ret);

/* Whether the response in a file is one for bytes, and with ledger_tsa_ca_file, by a signer that
 * these certificates vouch for. *ret_when: its time and whether the signer was checked, in words.
 */
enum rc timestamp_check(struct scope *s, const struct config *config, const char *file,
    const void *bytes, size_t len, const char **ret_when);
