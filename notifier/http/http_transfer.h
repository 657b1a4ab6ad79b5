#pragma once
/*
 * The transfers of the HTTP thread through one curl multi handle. Each holds a unit of the
 * budget (handover.h) and a slot of its channel (transfer_slots.h) from transfer_begin until its
 * outcome is reported; it may first wait for its pace or for room at its host.
 */
#include "notifier/http/hosts.h"
#include "notifier/http/http_request.h"
#include "notifier/http/transfer_slots.h"

enum { PACES = 8192 };

struct transfer {
    struct http_request request; /* .recipient NULL: free */
    struct host *host;           /* where it counts as open; NULL: nowhere yet */
    int64_t ready_at;            /* us, monotonic: not before; 0: under way */
    int64_t began_at;            /* us, monotonic */
    bool slow;                   /* it uses a slow slot */
    bool follows;                /* the second request to this recipient is under way */
    struct outcome first;        /* of the first request, then */
};

struct transfers {
    const struct sender *sender;
    CURLM *multi;
    struct transfer at[TRANSFER_SLOTS];
    struct hosts hosts;
    struct transfer_slots slots;
    int running;
    int64_t paused_until; /* us, monotonic: the SMS provider refuses us */
    /* By subscriber id, us, monotonic: when the next message to an endpoint may go by its
     * channel's pace, and because the endpoint asked for a rest. */
    int64_t pace[PACES], rest[PACES];
};

/* *all is zeroed. */
void transfers_init(struct transfers *all, const struct sender *sender);
void transfers_release(struct transfers *all);

/* Send to r, for which there are a unit and a slot (transfer_slots_available). */
void transfer_begin(struct transfers *all, struct recipient *r);

/* Start the transfers that have waited long enough, and return those whose batch was cancelled
 * or lost. The result is for how many ms the others still wait. */
int transfers_launch(struct transfers *all);
/* Read and write, and report what has finished; if nothing has, wait until something may
 * have, wake is readable or wait_ms are over. */
void transfers_run(struct transfers *all, int wake, int wait_ms);
/* Return those that have not started. */
void transfers_return(struct transfers *all);
