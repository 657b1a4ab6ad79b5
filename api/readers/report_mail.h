#pragma once
/* The link of a contact to its SLA report, and to the choice to get it by mail. */
#include "core/sign.h"

/* who: {.id = contact}, or {.extra = account} for nobody in particular. Owned by s. */
const char *report_mail_path(struct scope *s, const struct sign *keys, struct link_token who);
