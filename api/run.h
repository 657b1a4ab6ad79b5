#ifndef API_RUN_H
#define API_RUN_H
/* What the files of the credit-run resource share. */
#include "api/call.h"

struct run {
    int64_t id;
    const char *state;
    const char *policy;
    int64_t version;
    const char *reason;
    const char *failure;
    int64_t reconciles;
    const char *incidents; /* JSON */
    const char *totals;    /* JSON */
    const char *warnings;  /* JSON */
    int64_t created_at;
    int64_t approved_at;
    int64_t issued_at;
    int64_t voided_at;
};

enum rc run_read(struct scope *s, struct db *db, int64_t id, struct run *ret);

/* Make, without computing it, the run that corrects an issued one (migration 0030); *ret its
 * id. RC_CONFLICT when the run is not issued. Inside a transaction. */
enum rc run_reconcile_begin(
    struct scope *s, struct call *c, struct db *db, int64_t id, const char *reason, int64_t *ret);

/* Tell the billing role, at the end of the running transaction. */
enum rc run_wake(struct scope *s, struct db *db, int64_t id);

/* Hear when billing is done with a step; before it is asked for one. */
void run_listen(struct db *db);

/* Wait, at most a minute, until the run is in another state than this one. Runs on a
 * worker. After the minute the run is answered as it is: billing goes on with it. */
enum rc run_wait(struct call *c, int64_t id, const char *state, struct run *ret);

#endif
