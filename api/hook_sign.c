#include "api/hook_sign.h"

#include <glib.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/sign.h"

enum { SHA1 = 20, SIGNATURE_MAX = 64 };

static int by_name(const void *a, const void *b)
{
    const struct request_pair *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->value, y->value);
}

static void update(GHmac *hmac, const char *text)
{
    g_hmac_update(hmac, (const guchar *)text, (gssize)strlen(text));
}

static void update_form(GHmac *hmac, const struct form *form)
{
    struct form sorted = *form;
    const struct request_pair *last = NULL;
    qsort(sorted.at, sorted.n, sizeof sorted.at[0], by_name);
    for (size_t i = 0; i < sorted.n; i++) {
        const struct request_pair *pair = &sorted.at[i];
        bool same_name = last && !strcmp(last->name, pair->name);
        if (same_name && !strcmp(last->value, pair->value))
            continue;
        update(hmac, pair->name);
        update(hmac, pair->value);
        last = pair;
    }
}

bool hook_twilio_verifies(
    const char *token, const char *url, const struct form *form, const char *given)
{
    guint8 mac[SHA1];
    gsize len = sizeof mac;
    STRBUF(want, SIGNATURE_MAX);
    GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA1, (const guchar *)token, strlen(token));
    update(hmac, url);
    update_form(hmac, form);
    g_hmac_get_digest(hmac, mac, &len);
    g_hmac_unref(hmac);
    sign_base64(&want, mac, len);
    return *token && hook_token_verifies(want.buf, given);
}

bool hook_token_verifies(const char *want, const char *given)
{
    size_t len = strlen(want);
    return len && given && strlen(given) == len && sodium_memcmp(want, given, len) == 0;
}
