#include "notifier/smtp/smtp_outcome.h"

#include <stddef.h>

enum { ANY = -1 };

/* The first row that matches decides. ANY matches everything; the parts of the enhanced code are 0
 * if the reply had none. code_class is the first digit; 0: no reply. */
struct row {
    int stage;
    int code_class;
    int code;
    int subject; /* second and third part of the enhanced code */
    int detail;
    struct smtp_outcome outcome;
};

#define ROW(s, cls, c, subj, det, out, rel, why) \
    { \
        .stage = (s), .code_class = (cls), .code = (c), .subject = (subj), .detail = (det), \
        .outcome = { \
            .state = OUTCOME_##out, \
            .relay = SMTP_RELAY_##rel, \
            .reason = (why) \
        } \
    }

static const struct row rows[] = {
    /* Before RCPT nothing is the recipient's fault. */
    ROW(SMTP_CONNECT, 5, ANY, ANY, ANY, RETRY, PAUSE, "relay_refused"),
    ROW(SMTP_CONNECT, ANY, ANY, ANY, ANY, RETRY, BACK_OFF, "relay_unreachable"),
    ROW(SMTP_MAIL, 5, ANY, ANY, ANY, RETRY, PAUSE, "relay_refused"),
    ROW(SMTP_MAIL, ANY, ANY, ANY, ANY, RETRY, BACK_OFF, "relay_busy"),
    /* At any stage. */
    ROW(ANY, 4, 421, ANY, ANY, RETRY, BACK_OFF, "relay_busy"),
    ROW(ANY, 5, 530, ANY, ANY, RETRY, PAUSE, "relay_refused"), /* STARTTLS or AUTH wanted */
    ROW(ANY, 5, ANY, 7, 515, RETRY, PAUSE, "sender_not_authenticated"), /* ours, not theirs */
    ROW(SMTP_RCPT, 4, 450, ANY, ANY, RETRY, FINE, "recipient_deferred"),
    ROW(SMTP_RCPT, 4, 451, ANY, ANY, RETRY, FINE, "recipient_deferred"),
    ROW(SMTP_RCPT, 4, ANY, 2, ANY, RETRY, FINE, "recipient_deferred"),
    ROW(SMTP_RCPT, 4, ANY, ANY, ANY, RETRY, BACK_OFF, "relay_busy"),
    ROW(SMTP_RCPT, 0, ANY, ANY, ANY, RETRY, BACK_OFF, "connection_lost"),
    ROW(SMTP_RCPT, 5, ANY, 1, 7, RETRY, PAUSE, "sender_refused"), /* 5.1.7 and 5.1.8: our address */
    ROW(SMTP_RCPT, 5, ANY, 1, 8, RETRY, PAUSE, "sender_refused"),
    ROW(SMTP_RCPT, 5, ANY, 1, ANY, SUPPRESS, FINE, "no_such_address"),
    ROW(SMTP_RCPT, 5, ANY, 2, 2, RETRY, FINE, "mailbox_full"),
    ROW(SMTP_RCPT, 5, ANY, 7, ANY, FAILED, FINE, "refused_by_policy"),
    ROW(SMTP_RCPT, 5, 552, ANY, ANY, RETRY, FINE, "mailbox_full"),
    ROW(SMTP_RCPT, 5, 550, 0, 0, SUPPRESS, FINE, "no_such_address"),
    ROW(SMTP_RCPT, 5, 551, 0, 0, SUPPRESS, FINE, "no_such_address"),
    ROW(SMTP_RCPT, 5, 553, 0, 0, SUPPRESS, FINE, "no_such_address"),
    ROW(SMTP_RCPT, 5, ANY, ANY, ANY, FAILED, FINE, "recipient_refused"),
    ROW(SMTP_DATA, 5, ANY, ANY, ANY, FAILED, FINE, "message_refused"),
    ROW(SMTP_DATA, 4, ANY, ANY, ANY, RETRY, BACK_OFF, "relay_busy"),
    ROW(SMTP_DATA, 0, ANY, ANY, ANY, RETRY, BACK_OFF, "connection_lost"),
    ROW(SMTP_DOT, 2, ANY, ANY, ANY, ACCEPTED, FINE, NULL),
    ROW(SMTP_DOT, 5, ANY, ANY, ANY, FAILED, FINE, "message_refused"),
    ROW(SMTP_DOT, 4, ANY, ANY, ANY, RETRY, BACK_OFF, "message_deferred"),
    ROW(SMTP_DOT, 0, ANY, ANY, ANY, RETRY, BACK_OFF, "connection_lost"),
    /* A reply that is not allowed at its stage: a broken relay. */
    ROW(ANY, ANY, ANY, ANY, ANY, RETRY, BACK_OFF, "relay_broken"),
};

static bool fits(int want, int is)
{
    return want == ANY || want == is;
}

struct smtp_outcome smtp_classify(const struct smtp_result *result)
{
    const struct row *row = rows;
    while (!fits(row->stage, (int)result->stage) || !fits(row->code_class, result->code / 100) ||
           !fits(row->code, result->code) || !fits(row->subject, result->enhanced[1]) ||
           !fits(row->detail, result->enhanced[2]))
        row++;
    struct smtp_outcome outcome = row->outcome;
    outcome.possible_duplicate = result->code == 0 && result->after_dot;
    return outcome;
}
