#pragma once
/* Telephone numbers as Statuspage has them: a national number beside its country. */
#include "core/scope.h"

/* E.164 of a number that is national, or international already. country: ISO 3166-1 alpha-2, in
 * any case. RC_INVALID on "phone_country" if its calling code is unknown. */
enum rc national_number(struct scope *s, const char *number, const char *country, const char **ret);
