#pragma once
/* The checks of settings that the api makes before it starts, for doctor too. */
#include "core/settings/checks.h"

extern const struct settings_check api_checks[];
