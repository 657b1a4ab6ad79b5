#pragma once
/*
 * Outcomes. One closed set for the whole program; rc.c maps it to HTTP status
 * and process exit code, notifier/smtp/smtp_outcome.c to a delivery's state.
 *
 * A function that can fail returns an enum rc and, on failure, has called
 * fail() on the scope it works in exactly once. Its ret_ parameters are then
 * untouched. Out of memory and broken invariants abort instead.
 */

enum rc {
    RC_OK,
    RC_INVALID,   /* the input is wrong; the fault names the field */
    RC_DENIED,    /* no or too little permission */
    RC_NOT_FOUND, /* the object does not exist */
    RC_CONFLICT,  /* the state of the object forbids it */
    RC_RETRY,     /* temporary failure: the same call may succeed later */
    RC_UPSTREAM,  /* a relay, provider or endpoint refused or misbehaved */
    RC_INTERNAL,  /* ours: a bug or a broken installation */
    RC_COUNT
};

/* The only macro that changes control flow. */
#define TRY(call) \
    do { \
        enum rc try_ = (call); \
        if (try_ != RC_OK) \
            return try_; \
    } while (0)

/* The outcome of call or, where that is RC_NOT_FOUND, of none:
 *     TRY(IF_NONE(db_one(s, db, &find, NO_PARAMS, &key), fail(s, RC_DENIED, "no key")));
 */
#ifdef __cppcheck__ /* it takes nothing in a statement expression for initialized */
#define IF_NONE(call, none) ((call) == RC_OK ? RC_OK : (none))
#else
#define IF_NONE(call, none) \
    ({ \
        enum rc called_ = (call); \
        called_ == RC_NOT_FOUND ? (none) : called_; \
    })
#endif

/* Stable lower-case name, for logs and metrics: "not_found". */
const char *rc_name(enum rc rc);

/* HTTP status of the response to a request that ended with rc (RFC 9110). */
int rc_http_status(enum rc rc);

/* sysexits.h code of a command that ended with rc: 0, 1, 64, 69, 75. */
int rc_exit_code(enum rc rc);
