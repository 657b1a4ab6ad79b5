#pragma once
/* The checks of settings that the notifier makes before it starts, for doctor too. */
#include "core/settings/checks.h"

extern const char checks_mail[], checks_sms[], checks_push[], checks_alerts[]; /* consequences */
extern const struct settings_check notifier_checks[];

/* VAPID's sub (RFC 8292 2.1): push_contact, or the address in mail_from; owned by s. */
enum rc checks_push_contact(struct scope *s, const struct config *config, const char **ret);
