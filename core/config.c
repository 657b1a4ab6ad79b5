#include "core/config.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 256 * 1024 };

static const char credential_prefix[] = "amends_";

static const char *const outbox_modes[] = {"auto", "on", "off", NULL};
static const char *const log_levels[] = {"debug", "info", "warn", "error", NULL};
static const char *const log_formats[] = {"logfmt", "json", NULL};

const struct shape config_shape = SHAPE("Config", struct config,
    FIELD(TEXT, database_url, .secret = true, .def = "",
        .doc = "PostgreSQL: a libpq URI or conninfo string."),
    FIELD(TEXT, listen, .def = "127.0.0.1:8080", .doc = "HOST:PORT of the API; port 0 picks one."),
    FIELD(TEXT, metrics_listen, .def = "",
        .doc = "HOST:PORT where the api serves /metrics, /healthz and /readyz without a key, such "
               "as 127.0.0.1:9469; for a network that only your monitoring reaches. Empty: "
               "/metrics is served at listen alone, to keys with the scope metrics:read."),
    FIELD(TEXT, trusted_proxies, .def = "", .max = 4000,
        .doc = "Addresses or networks of trusted proxies, separated by spaces, such as 10.0.0.0/8. "
               "Their X-Forwarded-For is used, as is that of any proxy on this machine. Without "
               "this setting, all readers behind a proxy share one rate limit."),
    FIELD(INT, connections_per_address, .def = "100", .min = 1, .max = 4000,
        .doc = "Most connections that one address (an IPv6 /64) may have open. Trusted proxies "
               "have no "
               "limit."),
    FIELD(TEXT, public_url, .def = "",
        .doc = "Base URL of links in messages, without a trailing slash. Empty: http:// and the "
               "listening address."),
    FIELD(TEXT, templates_dir, .def = "",
        .doc = "Directory of your own templates and labels, which replace the built-in ones of the "
               "same name: email/update.en.html, labels/de.json, page/footer.en.html. amends "
               "template list names them, template show prints them, and template lint checks the "
               "directory; the roles refuse to start with a mistake in it."),
    FIELD(TEXT, smtp_url, .secret = true, .def = "", .max = 4000,
        .doc = "Mail relays, separated by spaces: smtp://[user:pass@]host:port or smtps://. "
               "They share the mail by #WEIGHT (0 to 100, default 1); a relay with #0 is used only "
               "while no other answers. Empty: see outbox."),
    FIELD(TEXT, smtp_ca_file, .def = "",
        .doc = "File with the certificates that verify relays, including a relay on loopback. "
               "Empty: the system's certificates, and no TLS on loopback."),
    FIELD(INT, smtp_rate, .def = "0", .min = 0, .max = 1000000,
        .doc = "Maximum messages per second and relay, over all notifiers; 0: no limit."),
    FIELD(TEXT, mail_from, .def = "Status <status@localhost>",
        .doc = "Sender: an address, or Name <address>."),
    FIELD(TEXT, dkim_selectors, .def = "",
        .doc = "DKIM selectors of your relays, separated by spaces: amends doctor looks up their "
               "keys in DNS."),
    FIELD(TEXT, postal_address, .def = "",
        .doc = "Your postal address, for the footer that the law requires."),
    FIELD(TEXT, brand, .def = "Status", .doc = "Your product's name in messages and pages."),
    FIELD(TEXT, language, .def = "en", .min = 2, .max = 35,
        .doc =
            "Language tag of the texts that staff write: posts, names of components, letters. "
            "Readers of another language get a translation, if there is one. Messages to staff at "
            "an address that is no person's are in it, too."),
    FIELD(TEXT, sms_provider, .def = "", .max = 4000,
        .doc = "twilio, vonage, plivo, messagebird, generic, or the path of a provider document. "
               "Empty: SMS wait, or see outbox."),
    FIELD(TEXT, sms_url, .def = "", .doc = "Base URL of the provider's API; empty: its default."),
    FIELD(TEXT, sms_account, .def = "", .doc = "Account id at the provider."),
    FIELD(TEXT, sms_token, .secret = true, .def = "", .doc = "Secret of that account."),
    FIELD(TEXT, sms_from, .def = "", .doc = "Sender number (E.164) or messaging service id."),
    FIELD(TEXT, sms_hook_secret, .secret = true, .def = "",
        .doc = "Key with which Vonage (signature secret; JWT or SHA-256 HMAC) or MessageBird "
               "(signing key) sign callbacks. Empty: only the token in the URL authenticates them. "
               "Twilio and Plivo use sms_token."),
    FIELD(TEXT, sms_hook_token, .secret = true, .def = "",
        .doc = "Last part of /hooks/sms/PROVIDER/inbound/TOKEN, for providers that do not sign "
               "callbacks. Empty: their callbacks are refused."),
    FIELD(INT, sms_segments, .def = "3", .min = 1, .max = 10,
        .doc = "Maximum segments per SMS; titles are shortened to fit, links never."),
    FIELD(INT, sms_month_segments, .def = "0", .min = 0, .max = 1000000000,
        .doc = "Maximum segments per calendar month (UTC); further SMS fail as over_budget, and "
               "staff are notified. 0: no limit."),
    FIELD(TEXT, slack_signing_secret, .secret = true, .def = "",
        .doc = "Signing secret of the Slack app, which calls /hooks/slack with events, /amends and "
               "its forms. Empty: all of them are refused."),
    FIELD(
        TEXT, slack_api_url, .def = "https://slack.com/api", .doc = "Base URL of Slack's Web API."),
    FIELD(TEXT, slack_bot_token, .secret = true, .def = "",
        .doc = "Bot token of the Slack app (xoxb-...), with which /amends opens forms and cards "
               "are posted. Empty: neither."),
    FIELD(TEXT, slack_channel, .def = "",
        .doc = "Id of the Slack channel (C0123ABCD) where suggested incidents and credit runs "
               "arrive as cards, with the alerts to staff. Empty: none."),
    FIELD(TEXT, approval_total, .def = "", .max = 4000,
        .doc = "Totals per currency up to which the author of a credit run may approve it alone, "
               "such as EUR=500.00 JPY=80000. A run above them, or in another currency, needs a "
               "second person. Empty: every run does."),
    FIELD(INT, approval_wait, .def = "24", .min = 0, .max = 720,
        .doc = "Hours for which a person cannot approve a credit run after its drafter made them, "
               "invited them again, or changed their roles, address or second factor; also if both "
               "were made by the same person. Changes at the server's command line do not count. "
               "0: no wait."),
    FIELD(TEXT, staff_email, .def = "", .max = 4000,
        .doc = "E-mail addresses, separated by spaces, for alerts to staff: overdue promised "
               "updates, credits that billing has not acknowledged, credit reviews. Empty: no "
               "alerts by e-mail."),
    FIELD(TEXT, staff_slack_url, .secret = true, .def = "",
        .doc = "Slack incoming webhook URL for the same alerts."),
    FIELD(TEXT, slack_client_id, .def = "",
        .doc =
            "Client ID of your Slack app (scope incoming-webhook), for the \"Add to Slack\" button "
            "on /subscribe. Its redirect URL is PUBLIC_URL/slack/callback. Empty: no button."),
    FIELD(
        TEXT, slack_client_secret, .secret = true, .def = "", .doc = "Client secret of that app."),
    FIELD(TEXT, slack_authorize_url, .def = "https://slack.com/oauth/v2/authorize",
        .doc = "Authorization URL behind that button."),
    FIELD(TEXT, oidc_issuer, .def = "",
        .doc =
            "Issuer of the OpenID Connect provider for signing in to the console, exactly as in "
            "its metadata. Register PUBLIC_URL/staff/oidc/callback there. Empty: passwords only."),
    FIELD(
        TEXT, oidc_client_id, .def = "", .doc = "Client ID of this installation at the provider."),
    FIELD(TEXT, oidc_client_secret, .secret = true, .def = "", .doc = "Secret of that client."),
    FIELD(TEXT, oidc_scope, .def = "openid email profile",
        .doc = "Scopes requested from the provider; its ID token must contain email and "
               "email_verified."),
    FIELD(TEXT, oidc_roles_claim, .def = "",
        .doc = "Claim with the groups of a person, such as groups. Each sign-in then assigns the "
               "roles that oidc_roles maps to them, and adds unknown people. Empty: only existing "
               "people sign in, by their verified e-mail address, and keep their roles."),
    FIELD(TEXT, oidc_roles, .def = "", .max = 4000,
        .doc = "GROUP=ROLE, separated by spaces: ops=responder finance=billing."),
    FIELD(TEXT, subscribe_channels, .def = "email sms push slack teams discord webhook",
        .doc = "Channels offered on /subscribe; SMS only with an sms_provider."),
    FIELD(TEXT, push_services, .max = 4000,
        .def = "fcm.googleapis.com updates.push.services.mozilla.com web.push.apple.com "
               ".notify.windows.com",
        .doc = "Push services that browsers may subscribe with, by host; .EXAMPLE names the hosts "
               "under it, and * any public host."),
    FIELD(TEXT, push_contact, .def = "", .max = 400,
        .doc = "Your contact for push services (RFC 8292): a mailto: or https: URL. Empty: the "
               "address in mail_from."),
    FIELD(TEXT, sms_countries, .def = "",
        .doc = "Prefixes of the numbers to which /subscribe may send an SMS, such as \"+49 +43\". "
               "They keep fraud with premium-rate numbers away. Empty: any."),
    FIELD(TEXT, key_file, .def = "",
        .doc = "File with the keys that sign links and seal secrets: lines KID BASE64."),
    FIELD(TEXT, ledger_tsa_url, .def = "",
        .doc = "URL of a timestamp authority (RFC 3161) that amends ledger anchor asks for a "
               "timestamp of each anchor file. Empty: none."),
    FIELD(TEXT, ledger_tsa_ca_file, .def = "",
        .doc = "File with the certificates that vouch for that authority. Empty: its signature is "
               "not checked."),
    FIELD(INT, reminder_minutes, .def = "60", .max = 10080,
        .doc = "Default for the reminder to subscribers before a scheduled maintenance begins; 0: "
               "none."),
    FIELD(INT, promise_repeat_minutes, .def = "5", .min = 1, .max = 10080,
        .doc = "First interval between alerts to staff about an overdue promised update. The first "
               "alert is immediate, and the interval doubles until the update is posted."),
    FIELD(TEXT, outbox, .one_of = outbox_modes, .def = "auto",
        .doc = "Keep all messages in the outbox (/staff/outbox) instead of sending them. auto: "
               "while neither smtp_url nor sms_provider is set, and neither was ever set. on: also "
               "if one was set before. off: send posts and webhooks, while e-mail and SMS wait."),
    FIELD(INT, liability_seconds, .def = "10", .max = 3600,
        .doc = "Seconds between two estimates of what open incidents would cost; 0: none."),
    FIELD(INT, outbox_days, .def = "30", .max = 36500,
        .doc = "Days to keep messages in the outbox; 0: no limit."),
    FIELD(INT, outbox_messages, .def = "2000", .min = 1, .max = 1000000,
        .doc = "Most messages to keep in the outbox; the oldest go first."),
    FIELD(INT, retention_days, .def = "400", .max = 36500,
        .doc = "Days to keep the outcome per recipient, and the addresses of unsubscribed people. "
               "Afterwards only the counts per broadcast and a keyed hash of the address remain. "
               "0: no limit."),
    FIELD(INT, measurement_days, .def = "0", .max = 36500,
        .doc = "Days to keep measured requests, by whole months. A credit run that measures "
               "requests needs all of its windows. 0: no limit."),
    FIELD(BOOL, allow_loopback, .def = "false",
        .doc = "Allow webhooks and SMS to loopback addresses, also over http. For tests."),
    FIELD(TEXT, log_level, .one_of = log_levels, .def = "info", .doc = "Minimum level to log."),
    FIELD(TEXT, log_format, .one_of = log_formats, .def = "logfmt", .doc = "logfmt or json."));

/* Environment variables of ours that are not configuration. */
static const char *const other_variables[] = {"AMENDS_DIE_WITH_PARENT", "AMENDS_LISTEN_FD",
    "AMENDS_URL", "AMENDS_KEY", "AMENDS_TEST_DATABASE_URL", NULL};

static enum rc set(
    struct scope *s, const char *name, const char *value, const char *where, struct config *config)
{
    const struct field *field = shape_field(&config_shape, name);
    if (!field)
        return fail_field(s, RC_INVALID, name, "%s: unknown setting", where);
    if (!*value && field->def && !*field->def)
        return RC_OK;
    return shape_set(s, field, value, config);
}

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    for (size_t len = strlen(text); len && isspace((unsigned char)text[len - 1]); len--)
        text[len - 1] = '\0';
    return text;
}

static enum rc load_line(struct scope *s, char *line, const char *where, struct config *config)
{
    line = trim(line);
    if (!*line || *line == '#' || *line == ';')
        return RC_OK;
    char *equals = strchr(line, '=');
    if (!equals)
        return fail(s, RC_INVALID, "%s: expected name = value", where);
    *equals = '\0';
    return set(s, trim(line), trim(equals + 1), where, config);
}

static enum rc load_file(struct scope *s, const char *path, struct config *config)
{
    STRBUF(text, FILE_MAX);
    TRY(strbuf_read(s, path, &text));
    char *rest = text.buf;
    for (int number = 1; rest; number++)
        TRY(load_line(s, strsep(&rest, "\n"), scope_printf(s, "%s:%d", path, number), config));
    return RC_OK;
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

/* systemd.exec(5), LoadCredential: files amends_NAME, each one value. The key file is an exception:
 * the setting gets its path, not its content. */
static enum rc load_credential(
    struct scope *s, const char *dir, const char *entry, struct config *config)
{
    const char *name = entry + strlen(credential_prefix);
    const char *path = scope_printf(s, "%s/%s", dir, entry);
    if (!strcmp(name, "key_file"))
        return set(s, name, path, path, config);
    STRBUF(text, FILE_MAX);
    TRY(strbuf_read(s, path, &text));
    return set(s, name, trim(text.buf), path, config);
}

static enum rc load_credentials(struct scope *s, struct config *config)
{
    const char *path = getenv("CREDENTIALS_DIRECTORY");
    CLEANUP(close_dir) DIR *dir = path && *path ? opendir(path) : NULL;
    if (!dir)
        return path && *path ? fail(s, RC_INVALID, "cannot open %s: %m", path) : RC_OK;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (!strncmp(entry->d_name, credential_prefix, strlen(credential_prefix)))
            TRY(load_credential(s, path, scope_strdup(s, entry->d_name), config));
    return RC_OK;
}

static bool is_other(const char *entry)
{
    for (const char *const *name = other_variables; *name; name++) {
        size_t len = strlen(*name);
        if (!strncmp(entry, *name, len) && entry[len] == '=')
            return true;
    }
    return false;
}

static enum rc load_environment(struct scope *s, struct config *config)
{
    static const char prefix[] = "AMENDS_";
    for (char **entry = environ; *entry; entry++) {
        if (strncmp(*entry, prefix, strlen(prefix)) != 0 || is_other(*entry))
            continue;
        char *name = scope_strdup(s, *entry + strlen(prefix));
        char *value = strchr(name, '=');
        if (!value)
            continue;
        *value++ = '\0';
        for (char *c = name; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        TRY(set(s, name, value, "environment", config));
    }
    return RC_OK;
}

enum rc config_load(struct scope *s, const char *path, struct config *ret)
{
    struct config config;
    shape_defaults(s, &config_shape, &config);
    if (path)
        TRY(load_file(s, path, &config));
    TRY(load_credentials(s, &config));
    TRY(load_environment(s, &config));
    *ret = config;
    return RC_OK;
}

void config_reference(struct strbuf *b)
{
    strbuf_addstr(b,
        "# Amends configuration. Each setting can also come from the environment variable\n"
        "# AMENDS_NAME or from a file amends_NAME in $CREDENTIALS_DIRECTORY (systemd's\n"
        "# LoadCredential); both override this file, and the variable overrides both.\n");
    for (size_t i = 0; i < config_shape.n; i++) {
        const struct field *field = &config_shape.fields[i];
        bool set = field->def && *field->def;
        strbuf_addf(b, "\n# %s%s\n#%s =%s%s\n", field->doc, field->secret ? " (secret)" : "",
            field->name, set ? " " : "", set ? field->def : "");
    }
}
