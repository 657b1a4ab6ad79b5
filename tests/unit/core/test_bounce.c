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
