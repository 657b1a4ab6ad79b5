#include "notifier/smtp/smtp_outcome.h"

#include <stddef.h>

#include "core/mail/refusal.h"

enum { ANY = -1 };

/* The first row that matches decides. ANY matches everything. code_class is the first digit; 0: no
 * reply. subject: the second part of the enhanced code, 0 without one. refusal: REFUSAL_... of
 * the words and codes. */
struct row {
    int stage;
    int code_class;
    int code;
    int subject;
    int refusal;
    struct smtp_outcome outcome;
};

#define ROW(s, cls, c, subj, ref, out, rel, why) \
    { \
        .stage = (s), .code_class = (cls), .code = (c), .subject = (subj), .refusal = (ref), \
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
    /* Not the recipient's matter: it can be sent when the relay or our name is put right. */
    ROW(ANY, 5, ANY, ANY, REFUSAL_AUTH, RETRY, PAUSE, "sender_not_authenticated"),
    ROW(ANY, 5, ANY, ANY, REFUSAL_SENDER, RETRY, PAUSE, "sender_refused"),
    ROW(ANY, 5, ANY, ANY, REFUSAL_RELAY, RETRY, PAUSE, "relay_refused"),
    ROW(ANY, 5, ANY, ANY, REFUSAL_REPUTATION, RETRY, PAUSE, "relay_blocked"),
    ROW(SMTP_RCPT, 4, 450, ANY, ANY, RETRY, FINE, "recipient_deferred"),
    ROW(SMTP_RCPT, 4, 451, ANY, ANY, RETRY, FINE, "recipient_deferred"),
    ROW(SMTP_RCPT, 4, ANY, 2, ANY, RETRY, FINE, "recipient_deferred"),
    ROW(SMTP_RCPT, 4, ANY, ANY, ANY, RETRY, BACK_OFF, "relay_busy"),
    ROW(SMTP_RCPT, 0, ANY, ANY, ANY, RETRY, BACK_OFF, "connection_lost"),
    /* Only these two suppress. A bare 550 may mean anything (RFC 5321 4.2.3). */
    ROW(SMTP_RCPT, 5, ANY, ANY, REFUSAL_MAILBOX, SUPPRESS, FINE, "no_such_address"),
    ROW(SMTP_RCPT, 5, ANY, ANY, REFUSAL_HOST, SUPPRESS, FINE, "no_such_address"),
    ROW(SMTP_RCPT, 5, ANY, ANY, REFUSAL_QUOTA, RETRY, FINE, "mailbox_full"),
    ROW(SMTP_RCPT, 5, ANY, ANY, REFUSAL_CONTENT, FAILED, FINE, "message_refused"),
    ROW(SMTP_RCPT, 5, ANY, ANY, REFUSAL_POLICY, FAILED, FINE, "refused_by_policy"),
    ROW(SMTP_RCPT, 5, 552, ANY, ANY, RETRY, FINE, "mailbox_full"),
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

static enum refusal_reason refusal_of(const struct smtp_result *result)
{
    SCOPE(s);
    const int *part = result->enhanced;
    struct refusal refusal = {.code = result->code, .text = result->text};
    if (part[0])
        refusal.status = scope_printf(s, "%d.%d.%d", part[0], part[1], part[2]);
    return result->code < 500 ? REFUSAL_UNKNOWN : refusal_read(&refusal);
}

struct smtp_outcome smtp_classify(const struct smtp_result *result)
{
    const struct row *row = rows;
    int refusal = (int)refusal_of(result);
    while (!fits(row->stage, (int)result->stage) || !fits(row->code_class, result->code / 100) ||
           !fits(row->code, result->code) || !fits(row->subject, result->enhanced[1]) ||
           !fits(row->refusal, refusal))
        row++;
    struct smtp_outcome outcome = row->outcome;
    outcome.possible_duplicate = result->code == 0 && result->after_dot;
    return outcome;
}
