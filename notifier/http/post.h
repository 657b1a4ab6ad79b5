#ifndef NOTIFIER_HTTP_POST_H
#define NOTIFIER_HTTP_POST_H
/*
 * The post thread: webhooks, chats and SMS through one curl multi handle. Each channel
 * has its own places for transfers, each host its own window (hosts.h). Those who hang hold
 * up nobody else: places.h.
 */
#include <curl/curl.h>

#include "core/config.h"
#include "core/net/net.h"
#include "core/sign.h"
#include "core/strbuf.h"
#include "notifier/handover.h"
#include "notifier/http/hosts.h"
#include "messages/provider.h"

struct post {
    const struct config *config;
    const struct sign *keys;
    struct handover *handover;
    const struct provider *sms; /* NULL: none is configured */
};

/* Thread body; arg: struct post. Ends after handover_stop, within ten seconds. */
void *post_run(void *arg);

/* One transfer; its easy handle and buffers are used again and again. */
struct transfer {
    CURL *curl; /* NULL: never used */
    struct curl_slist *headers;
    struct net_guard guard;
    struct strbuf request, reply;
    struct recipient *recipient; /* NULL: free */
    struct host *host;           /* where it counts as open; NULL: nowhere yet */
    int64_t ready_at;            /* us, monotonic: not before; 0: under way */
    int64_t began_at;            /* us, monotonic */
    bool slow;                   /* it has a place among the slow ones */
    bool follows;                /* the second request of this recipient is under way */
    struct outcome first;        /* of the first request, then */
};

/* post_request.c: fill in the request for t->recipient. RC_INVALID: it can not be sent,
 * the fault's field is the reason for the delivery. */
enum rc post_prepare(struct scope *s, const struct post *post, struct transfer *t);
/* What a finished transfer came to. */
struct outcome post_judge(const struct post *post, const struct transfer *t, CURLcode code);
/* After an accepted request: fill in another one that belongs to it; false: there is none. */
bool post_follow(struct scope *s, const struct post *post, struct transfer *t);

#endif
