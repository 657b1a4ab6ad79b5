#include "core/db/sqlstate.h"

#include <stddef.h>
#include <string.h>

bool sqlstate_again(const char *state)
{
    return !strcmp(state, "40001") || !strcmp(state, "40P01");
}

enum rc sqlstate_rc(const char *state)
{
    static const struct {
        const char *prefix;
        enum rc rc;
    } table[] = {
        {"08", RC_RETRY},    /* connection exception */
        {"40", RC_RETRY},    /* rolled back: serialization, deadlock */
        {"53", RC_RETRY},    /* out of disk, memory, connections */
        {"55P03", RC_RETRY}, /* lock_timeout */
        {"57", RC_RETRY},    /* canceled, shutting down, starting up */
        {"25006", RC_RETRY}, /* read-only: a standby that is not yet promoted */
        {"23503", RC_CONFLICT}, {"23505", RC_CONFLICT}, {"23001", RC_CONFLICT},
        {"P0001", RC_CONFLICT}, /* raised by a function of ours */
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!strncmp(state, table[i].prefix, strlen(table[i].prefix)))
            return table[i].rc;
    }
    return RC_INTERNAL;
}
