#pragma once
/*
 * The outbox: in place of the mail and HTTP threads, one thread writes every message to
 * outbox_message as its reader would get it, and reports it as accepted by "outbox". Nothing leaves
 * the installation.
 *
 * A message is written before its outcome, so a crash between the two writes it again under the
 * same recipient: one row. Its number is bounded by outbox_messages here, its age by billing's
 * retention.
 */
#include "notifier/handover/handover.h"

/* Thread body; arg: struct sender. Ends after handover_stop. */
void *outbox_run(void *arg);
