#pragma once
/*
 * "Add to Slack": OAuth 2.0 (RFC 6749 4.1) with Slack's scope incoming-webhook. The reader chooses
 * a channel in Slack, which returns its webhook URL; choosing is consent, so no confirmation
 * follows. A signup row keeps the reader's settings; a signed state names it, valid for ten minutes
 * and once, and bound to the browser by a cookie.
 */
#include <stdbool.h>

#include "api/call/call.h"
#include "api/call/form.h"

/* The button: store the settings, 303 to Slack. */
enum rc slack_install_begin(struct call *c, const struct form *form);
