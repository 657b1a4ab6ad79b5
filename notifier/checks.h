#pragma once
/* The checks of settings that the notifier makes before it starts, for doctor too. */
#include "core/settings/checks.h"

extern const char checks_mail[], checks_sms[], checks_alerts[]; /* the consequences */
extern const struct settings_check notifier_checks[];
