#ifndef API_READERS_SLACK_INSTALL_H
#define API_READERS_SLACK_INSTALL_H
/*
 * "Add to Slack": OAuth 2.0 (RFC 6749 4.1) as Slack has it, with the scope incoming-webhook.
 * The reader chooses a channel at Slack, which gives us the URL of its webhook; choosing is
 * consent, so nothing else is confirmed. What they wished for waits in a signup row, named by
 * a signed state of ten minutes that is bound to the browser by a cookie and used once.
 */
#include <stdbool.h>

#include "api/call/call.h"
#include "api/call/form.h"

/* The button: keep the wish, 303 to Slack. */
enum rc slack_install_begin(struct call *c, const struct form *form);

#endif
