#ifndef NOTIFIER_HTTP_POST_STATE_H
#define NOTIFIER_HTTP_POST_STATE_H
/*
 * What the post thread is in the middle of, for its own files: post.c runs transfers,
 * post_admit.c decides whose turn it is.
 */
#include "notifier/http/crowd.h"
#include "notifier/http/places.h"
#include "notifier/http/post.h"
#include "notifier/http/post_lanes.h"

enum { PACES = 8192 };

struct post_state {
    const struct post *post;
    CURLM *multi;
    struct batch *list;
    struct transfer transfers[PLACES];
    struct hosts hosts;
    struct places places;
    struct crowd crowd;
    struct post_lanes lanes;
    int running;
    int64_t paused_until[CHANNEL_COUNT]; /* us, monotonic */
    /* By subscriber id, us: when the next message to an endpoint may go, by our own pace and
     * because it asked for a rest. */
    int64_t pace[PACES], rest[PACES];
};

/* post.c: a transfer for r, which has a unit; there is a place (places_free). */
void post_begin(struct post_state *p, struct recipient *r);

/* post_admit.c: begin with those who waited for room at their host; then with more from the
 * batches; end the wait of all, who were not sent to. */
void post_begin_waiting(struct post_state *p);
void post_begin_more(struct post_state *p);
void post_end_waiting(struct post_state *p);

#endif
