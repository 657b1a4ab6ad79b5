#ifndef API_CREDITS_APPROVAL_H
#define API_CREDITS_APPROVAL_H
/* Who may approve a credit run: approval_total of the configuration. */
#include "core/config.h"
#include "core/db/db.h"

/* RC_INVALID when approval_total can not be read. */
enum rc approval_check(struct scope *s, const struct config *config);

/* May whoever drafted the run approve it alone? In every one of its currencies the total is at
 * most what approval_total says. */
enum rc approval_alone(
    struct scope *s, struct db *db, const struct config *config, int64_t run, bool *ret);

#endif
