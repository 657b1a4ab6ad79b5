#ifndef API_CALL_PAGE_ORIGINS_H
#define API_CALL_PAGE_ORIGINS_H
/* The foreign origins that the forms of our pages may lead to: "Add to Slack". */
#include "core/config.h"
#include "core/scope.h"

/* Is there a button on the form of this channel? */
bool slack_install_is_open(const struct config *config, const char *channel);
/* Where the button leads, for the policy of forms: "https://slack.com". NULL: nowhere. */
const char *slack_install_origin(struct scope *s, const struct config *config);

#endif
