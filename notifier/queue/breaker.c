#include "notifier/queue/breaker.h"

#include <string.h>

#include "core/log.h"
#include "messages/broadcast.h"

enum { REMEMBERED = 200 };

/* The number and the share of refusals for one reason that trip the breaker. An old list may have
 * many addresses that no longer exist, so missing mailboxes need more. */
static const struct {
    int many, percent;
} limit = {10, 50}, limit_mailbox = {25, 80};

STMT(breaker_hold, "SELECT amends.relay_hold($1, 'email', $2, $3, $4)", .row = &row_bool);

bool breaker_is_refusal(const struct outcome *outcome)
{
    return outcome->code >= 500 && outcome->reason && strcmp(outcome->reason, "mailbox_full") != 0;
}

void breaker_count(struct breaker *breaker, const struct outcome *outcome)
{
    if (++breaker->n > REMEMBERED) {
        breaker->n /= 2;
        breaker->alike /= 2;
    }
    if (!breaker_is_refusal(outcome))
        return;
    if (breaker->alike <= 0)
        breaker->reason = outcome->reason;
    if (strcmp(breaker->reason, outcome->reason) != 0) {
        breaker->alike--;
        return;
    }
    breaker->alike++;
    memcpy(breaker->said, outcome->said, sizeof breaker->said);
}

bool breaker_trips(const struct breaker *breaker)
{
    bool mailbox = breaker->reason && !strcmp(breaker->reason, "no_such_address");
    int many = mailbox ? limit_mailbox.many : limit.many;
    int percent = mailbox ? limit_mailbox.percent : limit.percent;
    return breaker->alike >= many && breaker->alike * 100 >= percent * breaker->n;
}

static struct breaker *find(struct breakers *breakers, int64_t broadcast_id)
{
    for (size_t i = 0; i < BREAKERS; i++)
        if (breakers->at[i].broadcast_id == broadcast_id)
            return &breakers->at[i];
    struct breaker *oldest = &breakers->at[breakers->next++ % BREAKERS];
    *oldest = (struct breaker){.broadcast_id = broadcast_id};
    return oldest;
}

void breakers_count(struct breakers *breakers, const struct ended *ended, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct batch *batch = ended[i].recipient->batch;
        enum outcome_state state = ended[i].outcome.state;
        if (batch->channel == CHANNEL_EMAIL && state != OUTCOME_LATER && state != OUTCOME_RETURNED)
            breaker_count(find(breakers, batch->broadcast->id), &ended[i].outcome);
    }
}

static void hold_batches(const struct registration *registration, int64_t broadcast_id)
{
    for (size_t i = 0; i < registration->n; i++) {
        struct batch *batch = registration->live[i];
        if (batch->channel == CHANNEL_EMAIL && batch->broadcast->id == broadcast_id)
            atomic_store(&batch->held, true);
    }
}

static enum rc hold(struct scope *s, struct db *db, const struct breaker *breaker,
    const struct registration *registration, const char *public_url)
{
    bool held;
    TRY(db_one(s, db, &breaker_hold,
        PARAMS(P_INT(breaker->broadcast_id), P_TEXT(breaker->reason), P_TEXT(breaker->said),
            P_TEXT(public_url)),
        &held));
    if (!held)
        return RC_OK;
    hold_batches(registration, breaker->broadcast_id);
    log_event(LOG_WARN, "the relay refuses a broadcast: its mails wait",
        LOG_INT("broadcast", breaker->broadcast_id), LOG_TEXT("reason", breaker->reason),
        LOG_TEXT("said", breaker->said));
    return RC_OK;
}

/* If it fails, it is tried again after as many refusals; other messages do not wait for it. */
void breakers_hold(struct db *db, struct breakers *breakers,
    const struct registration *registration, const char *public_url)
{
    for (size_t i = 0; i < BREAKERS; i++) {
        SCOPE(s);
        struct breaker breaker = breakers->at[i];
        if (!breaker_trips(&breaker))
            continue;
        breakers->at[i] = (struct breaker){.broadcast_id = breaker.broadcast_id};
        if (hold(s, db, &breaker, registration, public_url) != RC_OK)
            log_fault("a broadcast that the relay refuses cannot be held", s);
    }
}
