#ifndef NOTIFIER_SMTP_SMTP_OUTCOME_H
#define NOTIFIER_SMTP_SMTP_OUTCOME_H
/*
 * What the end of a message means for its recipient and for the relay: the
 * reply table of SPEC.md 1.11. Pure.
 */
#include <stdbool.h>

#include "notifier/smtp/smtp.h"

enum verdict_outcome {
    VERDICT_ACCEPTED,
    VERDICT_RETRY,    /* the same message, with the same Message-ID, later */
    VERDICT_FAIL,     /* this message only */
    VERDICT_SUPPRESS, /* this message, and the address gets no more */
};

enum verdict_relay {
    VERDICT_RELAY_FINE,
    VERDICT_RELAY_BACK_OFF, /* it has passing trouble: fewer connections, later */
    VERDICT_RELAY_PAUSE,    /* it refuses us: somebody must look at the configuration */
};

struct verdict {
    enum verdict_outcome outcome;
    enum verdict_relay relay;
    bool possible_duplicate; /* unknown: the relay may have taken it although it is sent again */
    const char *reason; /* static, one lower-case word for delivery.reason; NULL when accepted */
};

struct verdict verdict_smtp(const struct smtp_result *result);

#endif
