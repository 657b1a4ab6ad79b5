#pragma once
/*
 * The HTTP thread: webhooks, chats and SMS through one curl multi handle.
 *
 * Its limits, from the process to the endpoint:
 *
 *   limit            per       value                         set by              ends
 *   budget           process   256 sent and not settled      handover.h          with the commit
 *   transfer slots   channel   10 to 160, 240 in all         transfer_slots.c    with the outcome
 *   slow slots       channel   a third or more of these      transfer_slots.c    with the outcome
 *   patience         channel   4 times the usual, 20-200 ms  transfer_slots.c    with the answer
 *   host queue       channel   4096 recipients               host_queue.h        when room is found
 *   provider pause   SMS       60 s                          sms.c               after that time
 *   window           host      8, up to 64                   hosts.c             with the answer
 *     while silent             1                             1 s of silence      with an answer
 *     while resting            0, for 5 to 300 s             3 failures          after that time
 *   put-off          message   5 s, or the rest of a rest    hosts.c             as a due retry
 *   pace             endpoint  limits.h: gap                 each message        after the gap
 *   rest             endpoint  what it asks for              its reply           after that time
 */

/* Thread body; arg: struct sender. Ends after handover_stop, within ten seconds. */
void *http_sender_run(void *arg);
