#pragma once
/* The codes of PostgreSQL's errors (its manual, Appendix A). */
#include <stdbool.h>

#include "core/rc.h"

/* Serialization failure or deadlock: the same transaction may succeed at once. */
bool sqlstate_again(const char *state);

/* The outcome for a code; RC_INTERNAL for an unexpected one. */
enum rc sqlstate_rc(const char *state);
