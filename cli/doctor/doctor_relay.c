/* Opens a session like the notifier, including TLS and AUTH, and closes it. The URL may contain a
 * password, so rows refer to the relay by its number. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "cli/doctor/doctor.h"
#include "core/strbuf.h"
#include "notifier/smtp/smtp_relay.h"

enum { RELAY_SECONDS = 10, GREETING_MAX = 64 * 1024 };

static size_t on_line(char *bytes, size_t size, size_t n, void *arg)
{
    strbuf_add(arg, bytes, size * n);
    return size * n;
}

static CURL *relay_open(
    const char *url, const struct config *config, struct strbuf *said, char *why)
{
    CURL *curl = curl_easy_init();
    if (!curl)
        abort();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)RELAY_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)RELAY_SECONDS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_line);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, said);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
    if (*config->smtp_ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, config->smtp_ca_file);
    return curl;
}

static void report_session(
    struct scope *s, struct doctor *doctor, const char *check, const char *url, const char *said)
{
    bool tls = !strncasecmp(url, "smtps:", 6) || strcasestr(said, "STARTTLS");
    const char *words = scope_printf(s, "accepts the session%s%s%s%s", tls ? ", TLS" : "",
        strchr(url, '@') ? ", signed in" : "", strcasestr(said, "PIPELINING") ? ", PIPELINING" : "",
        strcasestr(said, "CHUNKING") ? ", CHUNKING" : "");
    if (!strcasestr(said, "PIPELINING"))
        doctor_row(s, doctor, check, HEALTH_WARN,
            "enable PIPELINING on it: without it, each mail takes four round trips", "%s", words);
    else
        doctor_row(s, doctor, check, HEALTH_OK, NULL, "%s", words);
}

static void check_relay(struct scope *s, struct doctor *doctor, const char *url,
    const struct relay *relay, size_t number)
{
    char why[CURL_ERROR_SIZE] = "";
    STRBUF(said, GREETING_MAX);
    strbuf_addch(&said, '\n');
    CURL *curl = relay_open(url, doctor->config, &said, why);
    if (!relay->loopback || *doctor->config->smtp_ca_file || relay->password)
        curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    CURLcode code = curl_easy_perform(curl);
    const char *check = scope_printf(s, "relay %zu", number);
    if (code == CURLE_OK)
        report_session(s, doctor, check, url, said.buf);
    else
        doctor_row(s, doctor, check, HEALTH_FAIL,
            code == CURLE_USE_SSL_FAILED
                ? "enable STARTTLS on it, or use smtps://: mail and passwords need encryption"
            : code == CURLE_LOGIN_DENIED ? "check user and password in smtp_url"
            : code == CURLE_PEER_FAILED_VERIFICATION
                ? "add its certificate to smtp_ca_file"
                : "check smtp_url, and that the relay accepts this machine",
            "%s", *why ? why : curl_easy_strerror(code));
    curl_easy_cleanup(curl);
}

STMT(doctor_outbox,
    "SELECT CASE WHEN EXISTS (SELECT FROM notifier n JOIN amends.notifier_alive USING (id)"
    "     WHERE n.outbox) THEN 2 WHEN EXISTS (SELECT FROM relay_seen) THEN 1 ELSE 0 END AS mode",
    .row = &row_int);

enum { NEVER_A_RELAY, HAD_A_RELAY, KEEPS };

/* Without a relay: does mail wait, or is everything kept in the outbox (decision 122)? */
static void report_none(struct scope *s, struct doctor *doctor)
{
    const struct config *config = doctor->config;
    int64_t mode = NEVER_A_RELAY;
    bool known = db_one(s, doctor->db, &doctor_outbox, NO_PARAMS, &mode) == RC_OK;
    bool fresh = !strcmp(config->outbox, "auto") && !*config->sms_provider && mode != HAD_A_RELAY;
    if (known && (mode == KEEPS || fresh || !strcmp(config->outbox, "on")))
        doctor_row(s, doctor, "relay", HEALTH_WARN,
            "set smtp_url to send; read the messages at /staff/outbox",
            "none set: outbox mode, nothing leaves this installation");
    else
        doctor_row(s, doctor, "relay", HEALTH_WARN, "set smtp_url", "none set: e-mail waits");
}

void doctor_relays(struct scope *s, struct doctor *doctor)
{
    char *rest = scope_strdup(s, doctor->config->smtp_url);
    struct relay *relays;
    size_t n, i = 0;
    if (!*rest) {
        report_none(s, doctor);
        return;
    }
    if (relay_parse(s, rest, "localhost", 1, 1, &relays, &n) != RC_OK)
        return; /* doctor_settings has the row */
    for (char *url; (url = strsep(&rest, " "));)
        if (*url) {
            check_relay(s, doctor, url, &relays[i], i + 1);
            relay_release(&relays[i++]);
        }
}
