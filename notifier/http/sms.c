#include "notifier/http/sms.h"

#include <string.h>

#include "core/net/net.h"

enum { TOKEN_MAX = 512 };

static bool is_unreachable(const char *url)
{
    SCOPE(s);
    return !strncmp(url, "http:", strlen("http:")) && net_url_check(s, url, true) == RC_OK;
}

const char *sms_callback(struct scope *s, const struct config *config, const struct sign *keys,
    const struct provider *provider, struct sms_delivery delivery)
{
    if (!provider->status || !*config->public_url || is_unreachable(config->public_url))
        return NULL;
    STRBUF(token, TOKEN_MAX);
    struct link_token link = {.id = delivery.broadcast_id, .extra = delivery.recipient_id};
    sign_link(keys, SIGN_SMS_STATUS, link, &token);
    return scope_printf(
        s, "%s/hooks/sms/%s/status/%s", config->public_url, provider->name, token.buf);
}
