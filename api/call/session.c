#include "api/call/session.h"

#include <sodium.h>
#include <string.h>

enum { TOKEN_BYTES = 32 };

static bool is_secure(const struct call *c)
{
    return !strncmp(c->api->public_url, "https:", 6);
}

const char *session_cookie_name(const struct call *c, const char *kind)
{
    return scope_printf(c->s, "%samends-%s", is_secure(c) ? "__Host-" : "", kind);
}

void session_set(struct call *c, const char *kind, const char *token, int seconds)
{
    reply_header(c, "Set-Cookie",
        scope_printf(c->s, "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s",
            session_cookie_name(c, kind), seconds ? token : "", seconds,
            is_secure(c) ? "; Secure" : ""));
}

const char *session_token(struct call *c, const char *kind)
{
    const char *name = session_cookie_name(c, kind), *at = c->request->cookie;
    size_t len = strlen(name);
    while (at && *at) {
        at += strspn(at, " ;");
        size_t pair = strcspn(at, ";");
        if (pair > len && !strncmp(at, name, len) && at[len] == '=')
            return scope_strndup(c->s, at + len + 1, pair - len - 1);
        at += pair;
    }
    return "";
}

const char *session_new_token(struct scope *s)
{
    return sign_random(s, TOKEN_BYTES);
}

void session_hash(const char *token, unsigned char ret[SIGN_HASH])
{
    crypto_generichash(ret, SIGN_HASH, (const unsigned char *)token, strlen(token), NULL, 0);
}

const char *session_csrf(const struct call *c, const char *token)
{
    unsigned char hash[SIGN_HASH];
    sign_address_hash(c->api->keys, "csrf", token, hash);
    STRBUF(b, 64);
    sign_base64url(&b, hash, sizeof(hash));
    return strbuf_copy(&b, c->s);
}

enum rc session_check_origin(struct call *c)
{
    const char *origin = c->request->origin;
    if (!origin || strcmp(origin, c->api->public_url) != 0)
        return refuse(c, 403, "This form was not sent from our own page.");
    return RC_OK;
}

enum rc session_check_site(struct call *c)
{
    const char *site = c->request->fetch_site, *origin = c->request->origin;
    bool ours = !origin || !strcmp(origin, "null") || !strcmp(origin, c->api->public_url);
    if (site)
        ours = !strcmp(site, "same-origin") || !strcmp(site, "none");
    return ours ? RC_OK : refuse(c, 403, "This form was not sent from our own page.");
}

enum rc session_check_form(struct call *c, const char *token, const struct form *form)
{
    const char *csrf = form_text(form, "csrf", ""), *want = session_csrf(c, token);
    TRY(session_check_origin(c));
    if (strlen(csrf) != strlen(want) || sodium_memcmp(csrf, want, strlen(want)) != 0)
        return refuse(c, 403, "This form was not sent from our own page.");
    return RC_OK;
}

enum rc session_see_other(struct call *c, const char *target)
{
    c->reply.status = 303;
    c->reply.type = "text/html; charset=utf-8";
    reply_header(c, "Location", target);
    reply_header(c, "Cache-Control", "no-store");
    return RC_OK;
}
