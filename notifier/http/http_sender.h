#ifndef NOTIFIER_HTTP_HTTP_SENDER_H
#define NOTIFIER_HTTP_HTTP_SENDER_H
/*
 * The HTTP thread: webhooks, chats and SMS through one curl multi handle. Each channel
 * has its own places for transfers, each host its own window (hosts.h). Those who hang hold
 * up nobody else: transfer_slots.h.
 */

/* Thread body; arg: struct sender. Ends after handover_stop, within ten seconds. */
void *http_sender_run(void *arg);

#endif
