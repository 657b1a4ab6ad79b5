#pragma once
/* The foreign origins to which forms of our pages may redirect: "Add to Slack". */
#include "core/config.h"
#include "core/scope.h"

/* Whether the form of this channel has the button. */
bool slack_install_is_open(const struct config *config, const char *channel);
/* The target of the button, for form-action: "https://slack.com". NULL: none. */
const char *slack_install_origin(struct scope *s, const struct config *config);
