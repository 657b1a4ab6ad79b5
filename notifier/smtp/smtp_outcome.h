#pragma once
/*
 * The outcome of a message for its recipient, and what it says about the relay. Pure. After the
 * reply codes of RFC 5321 4.2.3 and the reason of a refusal (core/mail/refusal.h), which bounces
 * share:
 *
 *     struct smtp_result result = {.stage = SMTP_RCPT, .code = 550, .enhanced = {5, 1, 1}};
 *     struct smtp_outcome outcome = smtp_classify(&result);
 *     outcome.state == OUTCOME_SUPPRESS; outcome.relay == SMTP_RELAY_FINE;
 */
#include <stdbool.h>

#include "notifier/handover/outcome.h"
#include "notifier/smtp/smtp.h"

enum smtp_relay_condition {
    SMTP_RELAY_FINE,
    SMTP_RELAY_BACK_OFF, /* it has passing trouble: fewer connections, later */
    SMTP_RELAY_PAUSE,    /* it refuses us: staff must check the configuration */
};

struct smtp_outcome {
    enum outcome_state state; /* ACCEPTED, RETRY with the same Message-ID, FAILED or SUPPRESS */
    enum smtp_relay_condition relay;
    bool possible_duplicate; /* the relay may have taken it although it is sent again */
    const char *reason; /* static, one lower-case word for delivery.reason; NULL when accepted */
};

struct smtp_outcome smtp_classify(const struct smtp_result *result);
