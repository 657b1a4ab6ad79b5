/* Mail that comes back, as different servers write it (tests/fixtures/inbound): what it is,
 * what follows, and whose return path it names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mail/bounce.h"
#include "tests/unit/tap.h"

enum { FIXTURE_MAX = 1024 * 1024 };

static const struct {
    const char *name;
    enum bounce_kind kind;
    const char *class, *status;
} fixtures[] = {
    {.name = "postfix-no-such-user", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "postfix-mailbox-full", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.2.2"},
    {.name = "postfix-delayed", .kind = BOUNCE_REPORT, .class = NULL, .status = "4.4.1"},
    {.name = "postfix-expired", .kind = BOUNCE_REPORT, .class = "soft", .status = "4.4.1"},
    {.name = "postfix-policy", .kind = BOUNCE_REPORT, .class = "message", .status = "5.7.1"},
    {.name = "postfix-no-host", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.4.4"},
    {.name = "postfix-no-domain", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.2"},
    {.name = "postfix-delivered", .kind = BOUNCE_REPORT, .class = NULL, .status = "2.0.0"},
    {.name = "postfix-relayed", .kind = BOUNCE_REPORT, .class = NULL, .status = "2.0.0"},
    {.name = "postfix-bare-550", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.0.0"},
    {.name = "postfix-sender-refused",
        .kind = BOUNCE_REPORT,
        .class = "message",
        .status = "5.1.8"},
    {.name = "postfix-international", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "exim-no-such-user", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.0.0"},
    {.name = "exim-bare-550", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.0.0"},
    {.name = "exim-mailbox-full", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.0.0"},
    {.name = "exim-retry-timeout", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.0.0"},
    {.name = "exim-warning", .kind = BOUNCE_REPORT, .class = NULL, .status = "4.0.0"},
    {.name = "exim-plain", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "exchange-not-found", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.10"},
    {.name = "exchange-old-not-found", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "exchange-mailbox-full", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.2.2"},
    {.name = "exchange-restricted", .kind = BOUNCE_REPORT, .class = "message", .status = "5.7.133"},
    {.name = "exchange-loop", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.4.14"},
    {.name = "exchange-delayed", .kind = BOUNCE_REPORT, .class = NULL, .status = "4.4.7"},
    {.name = "exchange-base64-status", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "gmail-no-such-user", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "gmail-over-quota", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.2.2"},
    {.name = "gmail-gave-up", .kind = BOUNCE_REPORT, .class = "soft", .status = "4.4.1"},
    {.name = "gmail-unauthenticated",
        .kind = BOUNCE_REPORT,
        .class = "message",
        .status = "5.7.26"},
    {.name = "gmail-delay", .kind = BOUNCE_REPORT, .class = NULL, .status = "4.4.1"},
    {.name = "qmail-no-mailbox", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "qmail-remote-550", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "qmail-remote-bare-550", .kind = BOUNCE_REPORT, .class = "hard", .status = NULL},
    {.name = "qmail-over-quota", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.2.2"},
    {.name = "qmail-too-long", .kind = BOUNCE_REPORT, .class = "soft", .status = "4.4.1"},
    {.name = "qmail-no-host", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.2"},
    {.name = "arf-abuse", .kind = BOUNCE_COMPLAINT, .class = "complaint", .status = NULL},
    {.name = "arf-abuse-headers", .kind = BOUNCE_COMPLAINT, .class = "complaint", .status = NULL},
    {.name = "arf-abuse-mail-from", .kind = BOUNCE_COMPLAINT, .class = "complaint", .status = NULL},
    {.name = "arf-opt-out", .kind = BOUNCE_COMPLAINT, .class = "complaint", .status = NULL},
    {.name = "arf-fraud", .kind = BOUNCE_COMPLAINT, .class = NULL, .status = NULL},
    {.name = "arf-not-spam", .kind = BOUNCE_COMPLAINT, .class = NULL, .status = NULL},
    {.name = "auto-vacation", .kind = BOUNCE_AUTO_REPLY, .class = NULL, .status = NULL},
    {.name = "auto-exchange-away", .kind = BOUNCE_AUTO_REPLY, .class = NULL, .status = NULL},
    {.name = "auto-precedence", .kind = BOUNCE_AUTO_REPLY, .class = NULL, .status = NULL},
    {.name = "auto-ticket", .kind = BOUNCE_AUTO_REPLY, .class = NULL, .status = NULL},
    {.name = "person-replies", .kind = BOUNCE_OTHER, .class = NULL, .status = NULL},
    {.name = "broken-truncated", .kind = BOUNCE_REPORT, .class = "soft", .status = NULL},
    {.name = "broken-empty-status", .kind = BOUNCE_REPORT, .class = NULL, .status = NULL},
    {.name = "broken-no-parts", .kind = BOUNCE_AUTO_REPLY, .class = NULL, .status = NULL},
    {.name = "broken-no-mail", .kind = BOUNCE_OTHER, .class = NULL, .status = NULL},
    {.name = "broken-deep", .kind = BOUNCE_AUTO_REPLY, .class = NULL, .status = NULL},
    {.name = "postfix-crlf", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "postfix-two-recipients", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "relay-not-permitted", .kind = BOUNCE_REPORT, .class = "message", .status = "5.0.0"},
    {.name = "relay-rcpthosts", .kind = BOUNCE_REPORT, .class = "message", .status = "5.7.1"},
    {.name = "relay-rcpthosts-bare", .kind = BOUNCE_REPORT, .class = "message", .status = "5.0.0"},
    {.name = "relay-denied-554", .kind = BOUNCE_REPORT, .class = "message", .status = "5.7.1"},
    {.name = "relay-auth-needed", .kind = BOUNCE_REPORT, .class = "message", .status = "5.5.1"},
    {.name = "listed-spamhaus", .kind = BOUNCE_REPORT, .class = "message", .status = "5.0.0"},
    {.name = "listed-barracuda", .kind = BOUNCE_REPORT, .class = "message", .status = "5.0.0"},
    {.name = "listed-microsoft", .kind = BOUNCE_REPORT, .class = "message", .status = "5.7.1"},
    {.name = "listed-deferred", .kind = BOUNCE_REPORT, .class = "message", .status = "4.7.0"},
    {.name = "auth-spf", .kind = BOUNCE_REPORT, .class = "message", .status = "5.0.0"},
    {.name = "auth-dmarc", .kind = BOUNCE_REPORT, .class = "message", .status = "5.7.1"},
    {.name = "auth-no-ptr", .kind = BOUNCE_REPORT, .class = "message", .status = "5.7.25"},
    {.name = "sender-verify", .kind = BOUNCE_REPORT, .class = "message", .status = "5.0.0"},
    {.name = "sender-domain", .kind = BOUNCE_REPORT, .class = "message", .status = "5.0.0"},
    {.name = "content-spam", .kind = BOUNCE_REPORT, .class = "message", .status = "5.0.0"},
    {.name = "content-virus", .kind = BOUNCE_REPORT, .class = "message", .status = "5.0.0"},
    {.name = "content-size", .kind = BOUNCE_REPORT, .class = "message", .status = "5.3.4"},
    {.name = "sendmail-says-5.1.1-of-spam",
        .kind = BOUNCE_REPORT,
        .class = "message",
        .status = "5.1.1"},
    {.name = "quota-as-5.1.1", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.1.1"},
    {.name = "quota-bare-550", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.0.0"},
    {.name = "quota-storage", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.0.0"},
    {.name = "disabled-5.2.1", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.2.1"},
    {.name = "greylisted", .kind = BOUNCE_REPORT, .class = "soft", .status = "4.7.1"},
    {.name = "expired-with-5.1.1-text", .kind = BOUNCE_REPORT, .class = "soft", .status = "4.4.7"},
    {.name = "deferred-unknown-user", .kind = BOUNCE_REPORT, .class = "soft", .status = "4.1.1"},
    {.name = "bare-550-unknown", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.0.0"},
    {.name = "bare-550-hotmail", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.5.0"},
    {.name = "bare-554-no-account", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.0.0"},
    {.name = "bare-511", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.0.0"},
    {.name = "moved-551", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.6"},
    {.name = "domino-not-listed", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "edge-blocking", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.4.1"},
    {.name = "null-mx", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.10"},
    {.name = "unknown-in-relay-table", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "german-unknown", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.0.0"},
    {.name = "wording-unheard", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.0.0"},
    {.name = "sendmail-user-unknown", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "sendmail-plain-user-unknown",
        .kind = BOUNCE_REPORT,
        .class = "hard",
        .status = "5.1.1"},
    {.name = "sendmail-plain-relay", .kind = BOUNCE_REPORT, .class = "message", .status = "5.7.1"},
    {.name = "sendmail-plain-quota", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.2.2"},
    {.name = "sendmail-warning", .kind = BOUNCE_REPORT, .class = NULL, .status = NULL},
    {.name = "postfix-plain-unknown", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "postfix-plain-maildir", .kind = BOUNCE_REPORT, .class = "hard", .status = NULL},
    {.name = "postfix-plain-full", .kind = BOUNCE_REPORT, .class = "soft", .status = NULL},
    {.name = "postfix-plain-timeout", .kind = BOUNCE_REPORT, .class = "soft", .status = NULL},
    {.name = "exim-plain-unknown-bare", .kind = BOUNCE_REPORT, .class = "hard", .status = NULL},
    {.name = "exim-plain-unrouteable", .kind = BOUNCE_REPORT, .class = "hard", .status = NULL},
    {.name = "exim-plain-mail-domain", .kind = BOUNCE_REPORT, .class = "hard", .status = NULL},
    {.name = "exim-plain-relay", .kind = BOUNCE_REPORT, .class = "message", .status = NULL},
    {.name = "exim-plain-timeout", .kind = BOUNCE_REPORT, .class = "soft", .status = NULL},
    {.name = "exim-plain-quota", .kind = BOUNCE_REPORT, .class = "soft", .status = NULL},
    {.name = "qmail-user-unknown", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "qmail-rcpthosts", .kind = BOUNCE_REPORT, .class = "message", .status = "5.7.1"},
    {.name = "qmail-vpopmail-full", .kind = BOUNCE_REPORT, .class = "soft", .status = NULL},
    {.name = "qmail-blocked", .kind = BOUNCE_REPORT, .class = "message", .status = NULL},
    {.name = "opensmtpd-unknown", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "opensmtpd-invalid", .kind = BOUNCE_REPORT, .class = "hard", .status = NULL},
    {.name = "opensmtpd-network", .kind = BOUNCE_REPORT, .class = "soft", .status = NULL},
    {.name = "opensmtpd-delayed", .kind = BOUNCE_REPORT, .class = NULL, .status = NULL},
    {.name = "office365-html-not-found",
        .kind = BOUNCE_REPORT,
        .class = "hard",
        .status = "5.1.10"},
    {.name = "office365-plain-not-found",
        .kind = BOUNCE_REPORT,
        .class = "hard",
        .status = "5.1.1"},
    {.name = "office365-plain-full", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.2.2"},
    {.name = "office365-plain-restricted",
        .kind = BOUNCE_REPORT,
        .class = "message",
        .status = "5.7.133"},
    {.name = "office365-plain-no-relay",
        .kind = BOUNCE_REPORT,
        .class = "message",
        .status = "5.7.54"},
    {.name = "office365-plain-loop", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.4.14"},
    {.name = "workmail-unknown", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "workmail-full", .kind = BOUNCE_REPORT, .class = "soft", .status = "5.2.2"},
    {.name = "yahoo-unknown", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "yahoo-no-account", .kind = BOUNCE_REPORT, .class = "soft", .status = NULL},
    {.name = "yahoo-policy", .kind = BOUNCE_REPORT, .class = "message", .status = "5.7.9"},
    {.name = "zoho-invalid", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "zoho-full", .kind = BOUNCE_REPORT, .class = "soft", .status = NULL},
    {.name = "zoho-spam", .kind = BOUNCE_REPORT, .class = "message", .status = "5.7.1"},
    {.name = "gmail-plain-unknown", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "gmail-plain-delay", .kind = BOUNCE_REPORT, .class = NULL, .status = NULL},
    {.name = "domino-report", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.0.0"},
    {.name = "exchange-2003", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "exchange-plain-2003", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "report-mixed", .kind = BOUNCE_REPORT, .class = "hard", .status = "5.1.1"},
    {.name = "report-two-codes", .kind = BOUNCE_REPORT, .class = "message", .status = "5.3.0"},
    {.name = "jmrp", .kind = BOUNCE_COMPLAINT, .class = "complaint", .status = NULL},
    {.name = "jmrp-plain", .kind = BOUNCE_COMPLAINT, .class = "complaint", .status = NULL},
    {.name = "arf-in-mixed", .kind = BOUNCE_COMPLAINT, .class = "complaint", .status = NULL},
    {.name = "arf-as-text", .kind = BOUNCE_COMPLAINT, .class = "complaint", .status = NULL},
    {.name = "person-quotes-bounce", .kind = BOUNCE_OTHER, .class = NULL, .status = NULL},
    {.name = "person-forwards-bounce", .kind = BOUNCE_OTHER, .class = NULL, .status = NULL},
    {.name = "newsletter-about-bounces", .kind = BOUNCE_OTHER, .class = NULL, .status = NULL},
    {.name = "auto-left-company", .kind = BOUNCE_AUTO_REPLY, .class = NULL, .status = NULL},
    {.name = "auto-vacation-null-sender", .kind = BOUNCE_AUTO_REPLY, .class = NULL, .status = NULL},
    {.name = "auto-postmaster-ticket", .kind = BOUNCE_AUTO_REPLY, .class = NULL, .status = NULL},
};

static const struct {
    const char *status, *diagnostic, *want;
} classes[] = {
    {.status = "5.1.1", .want = "hard"},
    {.status = "5.1.7", .want = "message"},
    {.status = "5.2.1", .want = "soft"},
    {.status = "5.2.3", .want = "message"},
    {.status = "4.4.7", .want = "soft"},
    {.status = "5.7.515", .want = "message"},
    {.status = NULL, .diagnostic = "550 nobody", .want = "hard"},
    {.status = NULL, .diagnostic = "smtp; 550-5.7.1 no", .want = "message"},
    {.status = "5.0.0", .diagnostic = "553 nobody", .want = "hard"},
    {.status = "5.0.0", .diagnostic = "x5500 15.1.1", .want = "soft"},
    {.status = NULL, .diagnostic = NULL, .want = "soft"},
};

static char *read_file(struct scope *s, const char *name, size_t *ret_len)
{
    FILE *file = fopen(scope_printf(s, "tests/fixtures/inbound/%s.eml", name), "re");
    char *text = scope_alloc(s, FIXTURE_MAX);
    if (!file)
        abort();
    *ret_len = fread(text, 1, FIXTURE_MAX - 1, file);
    fclose(file);
    return text;
}

static const char *word(const char *text)
{
    return text ? text : "none";
}

static void check_fixture(size_t i)
{
    SCOPE(s);
    struct bounce bounce;
    size_t len;
    char *text = read_file(s, fixtures[i].name, &len);
    bounce_read(s, text, len, &bounce);
    is_text(bounce_kind_name[bounce.kind], bounce_kind_name[fixtures[i].kind], fixtures[i].name);
    is_text(word(bounce.class), word(fixtures[i].class), fixtures[i].name);
    is_text(word(bounce.status), word(fixtures[i].status), fixtures[i].name);
    bool named = false;
    for (size_t k = 0; k < bounce.paths.n; k++)
        named = named || !strncmp(bounce.paths.at[k], "bounces+k1.", 11);
    ok(named || !bounce.class, "%s names the return path", fixtures[i].name);
}

/* Truncated or altered mail is still parsed, and its consequence is a known word. */
static void check_damage(void)
{
    bool known = true;
    srandom(4711);
    for (int round = 0; round < 500 && known; round++) {
        SCOPE(s);
        struct bounce bounce;
        size_t len;
        char *text = read_file(
            s, fixtures[(size_t)random() % (sizeof(fixtures) / sizeof(fixtures[0]))].name, &len);
        for (int k = 0; k < 8; k++)
            text[(size_t)random() % len] = (char)random();
        bounce_read(s, text, (size_t)random() % len, &bounce);
        known = !bounce.class || !strcmp(bounce.class, "hard") || !strcmp(bounce.class, "soft") ||
                !strcmp(bounce.class, "message") || !strcmp(bounce.class, "complaint");
    }
    ok(known, "500 damaged messages are read");
}

int main(void)
{
    for (size_t i = 0; i < sizeof(fixtures) / sizeof(fixtures[0]); i++)
        check_fixture(i);
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        is_text(bounce_class(classes[i].status, classes[i].diagnostic), classes[i].want,
            classes[i].status ? classes[i].status : "without a status");
    check_damage();
    return tap_end();
}
