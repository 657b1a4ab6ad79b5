#include "notifier/smtp/smtp_outcome.h"

#include "tests/unit/tap.h"

#define DUP true

static const struct {
    const char *name;
    struct smtp_result result;
    enum outcome_state outcome;
    enum smtp_relay_condition relay;
    bool possible_duplicate;
} cases[] = {
    {"connect: no answer", {SMTP_CONNECT, 0, {0}, false, NULL}, OUTCOME_RETRY, SMTP_RELAY_BACK_OFF,
        false},
    {"connect: 554", {SMTP_CONNECT, 554, {0}, false, NULL}, OUTCOME_RETRY, SMTP_RELAY_PAUSE, false},
    {"AUTH: 535", {SMTP_CONNECT, 535, {5, 7, 8}, false, NULL}, OUTCOME_RETRY, SMTP_RELAY_PAUSE,
        false},
    {"MAIL: 451", {SMTP_MAIL, 451, {0}, false, NULL}, OUTCOME_RETRY, SMTP_RELAY_BACK_OFF, false},
    {"MAIL: 550 5.1.1 is not the recipient's", {SMTP_MAIL, 550, {5, 1, 1}, false, NULL},
        OUTCOME_RETRY, SMTP_RELAY_PAUSE, false},
    {"MAIL: lost", {SMTP_MAIL, 0, {0}, false, NULL}, OUTCOME_RETRY, SMTP_RELAY_BACK_OFF, false},
    {"RCPT: 450", {SMTP_RCPT, 450, {4, 2, 0}, false, NULL}, OUTCOME_RETRY, SMTP_RELAY_FINE, false},
    {"RCPT: 452", {SMTP_RCPT, 452, {0}, false, NULL}, OUTCOME_RETRY, SMTP_RELAY_BACK_OFF, false},
    {"RCPT: 421", {SMTP_RCPT, 421, {4, 7, 0}, false, NULL}, OUTCOME_RETRY, SMTP_RELAY_BACK_OFF,
        false},
    {"RCPT: lost", {SMTP_RCPT, 0, {0}, false, NULL}, OUTCOME_RETRY, SMTP_RELAY_BACK_OFF, false},
    {"RCPT: 550 5.1.1", {SMTP_RCPT, 550, {5, 1, 1}, false, NULL}, OUTCOME_SUPPRESS, SMTP_RELAY_FINE,
        false},
    {"RCPT: 550 5.1.10", {SMTP_RCPT, 550, {5, 1, 10}, false, NULL}, OUTCOME_SUPPRESS,
        SMTP_RELAY_FINE, false},
    {"RCPT: 550 5.1.7, our own address", {SMTP_RCPT, 550, {5, 1, 7}, false, NULL}, OUTCOME_RETRY,
        SMTP_RELAY_PAUSE, false},
    {"RCPT: bare 550 says nothing about the mailbox", {SMTP_RCPT, 550, {0}, false, NULL},
        OUTCOME_FAILED, SMTP_RELAY_FINE, false},
    {"RCPT: bare 551 says nothing about the mailbox", {SMTP_RCPT, 551, {0}, false, NULL},
        OUTCOME_FAILED, SMTP_RELAY_FINE, false},
    {"RCPT: bare 553 says nothing about the mailbox", {SMTP_RCPT, 553, {0}, false, NULL},
        OUTCOME_FAILED, SMTP_RELAY_FINE, false},
    {"RCPT: bare 554", {SMTP_RCPT, 554, {0}, false, NULL}, OUTCOME_FAILED, SMTP_RELAY_FINE, false},
    {"RCPT: 552 5.2.2", {SMTP_RCPT, 552, {5, 2, 2}, false, NULL}, OUTCOME_RETRY, SMTP_RELAY_FINE,
        false},
    {"RCPT: 550 5.2.2", {SMTP_RCPT, 550, {5, 2, 2}, false, NULL}, OUTCOME_RETRY, SMTP_RELAY_FINE,
        false},
    {"RCPT: bare 552", {SMTP_RCPT, 552, {0}, false, NULL}, OUTCOME_RETRY, SMTP_RELAY_FINE, false},
    {"RCPT: 550 5.7.1", {SMTP_RCPT, 550, {5, 7, 1}, false, NULL}, OUTCOME_FAILED, SMTP_RELAY_FINE,
        false},
    {"RCPT: 550 5.4.1", {SMTP_RCPT, 550, {5, 4, 1}, false, NULL}, OUTCOME_FAILED, SMTP_RELAY_FINE,
        false},
    {"RCPT: 550 5.7.515 is our configuration", {SMTP_RCPT, 550, {5, 7, 515}, false, NULL},
        OUTCOME_RETRY, SMTP_RELAY_PAUSE, false},
    {"RCPT: 530 wants TLS or AUTH", {SMTP_RCPT, 530, {5, 7, 0}, false, NULL}, OUTCOME_RETRY,
        SMTP_RELAY_PAUSE, false},
    {"RCPT: 553 5.6.7, no SMTPUTF8", {SMTP_RCPT, 553, {5, 6, 7}, false, NULL}, OUTCOME_FAILED,
        SMTP_RELAY_FINE, false},
    {"RCPT: 550 user unknown", {SMTP_RCPT, 550, {0}, false, "user unknown"}, OUTCOME_SUPPRESS,
        SMTP_RELAY_FINE, false},
    {"RCPT: 553 no mailbox", {SMTP_RCPT, 553, {0}, false, "sorry, no mailbox here by that name"},
        OUTCOME_SUPPRESS, SMTP_RELAY_FINE, false},
    {"RCPT: 550 no such domain", {SMTP_RCPT, 550, {5, 1, 2}, false, "5.1.2 no such domain"},
        OUTCOME_SUPPRESS, SMTP_RELAY_FINE, false},
    {"RCPT: 550 mailbox full", {SMTP_RCPT, 550, {5, 1, 1}, false, "5.1.1 mailbox full"},
        OUTCOME_RETRY, SMTP_RELAY_FINE, false},
    {"RCPT: 550 relay not permitted", {SMTP_RCPT, 550, {0}, false, "relay not permitted"},
        OUTCOME_RETRY, SMTP_RELAY_PAUSE, false},
    {"RCPT: 553 rcpthosts",
        {SMTP_RCPT, 553, {0}, false,
            "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"},
        OUTCOME_RETRY, SMTP_RELAY_PAUSE, false},
    {"RCPT: 550 listed", {SMTP_RCPT, 550, {0}, false, "IP 192.0.2.9 listed at spamhaus"},
        OUTCOME_RETRY, SMTP_RELAY_PAUSE, false},
    {"RCPT: 550 SPF", {SMTP_RCPT, 550, {0}, false, "SPF check failed"}, OUTCOME_RETRY,
        SMTP_RELAY_PAUSE, false},
    {"RCPT: 550 DMARC", {SMTP_RCPT, 550, {5, 7, 1}, false, "5.7.1 rejected by DMARC policy"},
        OUTCOME_RETRY, SMTP_RELAY_PAUSE, false},
    {"RCPT: 550 (#5.7.1) wins over the bare code",
        {SMTP_RCPT, 550, {0}, false, "no thanks (#5.7.1)"}, OUTCOME_FAILED, SMTP_RELAY_FINE, false},
    {"RCPT: 550 sender", {SMTP_RCPT, 550, {5, 1, 0}, false, "5.1.0 sender rejected"}, OUTCOME_RETRY,
        SMTP_RELAY_PAUSE, false},
    {"RCPT: 550 spam", {SMTP_RCPT, 550, {0}, false, "looks like spam"}, OUTCOME_FAILED,
        SMTP_RELAY_FINE, false},
    {"dot: 554 virus", {SMTP_DOT, 554, {0}, true, "virus found"}, OUTCOME_FAILED, SMTP_RELAY_FINE,
        false},
    {"dot: 554 address not verified",
        {SMTP_DOT, 554, {0}, true, "Message rejected: Email address is not verified."},
        OUTCOME_RETRY, SMTP_RELAY_PAUSE, false},
    {"dot: 550 user unknown fails this message only", {SMTP_DOT, 550, {0}, true, "user unknown"},
        OUTCOME_FAILED, SMTP_RELAY_FINE, false},
    {"DATA: 451", {SMTP_DATA, 451, {0}, false, NULL}, OUTCOME_RETRY, SMTP_RELAY_BACK_OFF, false},
    {"DATA: 554", {SMTP_DATA, 554, {0}, false, NULL}, OUTCOME_FAILED, SMTP_RELAY_FINE, false},
    {"DATA: 250 has no place", {SMTP_DATA, 250, {0}, false, NULL}, OUTCOME_RETRY,
        SMTP_RELAY_BACK_OFF, false},
    {"dot: 250", {SMTP_DOT, 250, {2, 0, 0}, true, NULL}, OUTCOME_ACCEPTED, SMTP_RELAY_FINE, false},
    {"dot: 550 5.1.1 fails this message only", {SMTP_DOT, 550, {5, 1, 1}, true, NULL},
        OUTCOME_FAILED, SMTP_RELAY_FINE, false},
    {"dot: 550 5.7.515", {SMTP_DOT, 550, {5, 7, 515}, true, NULL}, OUTCOME_RETRY, SMTP_RELAY_PAUSE,
        false},
    {"dot: 451", {SMTP_DOT, 451, {0}, true, NULL}, OUTCOME_RETRY, SMTP_RELAY_BACK_OFF, false},
    {"dot: lost before it", {SMTP_DOT, 0, {0}, false, NULL}, OUTCOME_RETRY, SMTP_RELAY_BACK_OFF,
        false},
    {"dot: lost behind it", {SMTP_DOT, 0, {0}, true, NULL}, OUTCOME_RETRY, SMTP_RELAY_BACK_OFF,
        DUP},
    {"dot: 354 has no place", {SMTP_DOT, 354, {0}, true, NULL}, OUTCOME_RETRY, SMTP_RELAY_BACK_OFF,
        false},
};

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct smtp_outcome outcome = smtp_classify(&cases[i].result);
        ok(outcome.state == cases[i].outcome && outcome.relay == cases[i].relay &&
                outcome.possible_duplicate == cases[i].possible_duplicate &&
                !outcome.reason == (outcome.state == OUTCOME_ACCEPTED),
            "%s", cases[i].name);
    }
    return tap_end();
}
