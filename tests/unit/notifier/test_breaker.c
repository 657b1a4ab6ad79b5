/* The refusals after which the mails of a broadcast wait. */
#include "notifier/queue/breaker.h"

#include "tests/unit/tap.h"

static const struct outcome accepted = {.state = OUTCOME_ACCEPTED, .code = 250};
static const struct outcome relay = {
    .state = OUTCOME_RETRY, .code = 550, .reason = "relay_refused", .said = "relay not permitted"};
static const struct outcome policy = {
    .state = OUTCOME_FAILED, .code = 554, .reason = "refused_by_policy", .said = "no"};
static const struct outcome mailbox = {
    .state = OUTCOME_SUPPRESS, .code = 550, .reason = "no_such_address", .said = "user unknown"};
static const struct outcome full = {
    .state = OUTCOME_RETRY, .code = 552, .reason = "mailbox_full", .said = "full"};
static const struct outcome busy = {.state = OUTCOME_RETRY, .code = 451, .reason = "relay_busy"};

static const struct {
    const char *name;
    const struct outcome *of[3];
    int n[3]; /* outcomes of each kind per turn */
    int turns;
    bool trips;
} cases[] = {
    {"nothing", {NULL}, {0}, 1, false},
    {"nine", {&relay}, {9}, 1, false},
    {"ten", {&relay}, {10}, 1, true},
    {"a third", {&relay, &accepted}, {1, 2}, 100, false},
    {"most, after many that were accepted", {&accepted, &policy}, {1000, 150}, 1, true},
    {"two reasons in turn", {&relay, &policy}, {1, 1}, 100, false},
    {"one reason much more than another", {&relay, &policy}, {9, 1}, 10, true},
    {"24 mailboxes", {&mailbox}, {24}, 1, false},
    {"25 mailboxes", {&mailbox}, {25}, 1, true},
    {"an old list: half of the mailboxes", {&mailbox, &accepted}, {1, 1}, 100, false},
    {"full mailboxes", {&full}, {500}, 1, false},
    {"a busy relay", {&busy}, {500}, 1, false},
};

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct breaker breaker = {0};
        for (int turn = 0; turn < cases[i].turns; turn++)
            for (int k = 0; k < 3 && cases[i].of[k]; k++)
                for (int n = 0; n < cases[i].n[k]; n++)
                    breaker_count(&breaker, cases[i].of[k]);
        ok(breaker_trips(&breaker) == cases[i].trips, "%s: %d of %d", cases[i].name, breaker.alike,
            breaker.n);
        if (cases[i].trips)
            ok(*breaker.said, "with the relay's words");
    }
    return tap_end();
}
