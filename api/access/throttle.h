#pragma once
/*
 * The limits of guessing passwords and codes (decision 111): failures are counted
 *
 *     per device that signed in as this person before    10 in 15 minutes
 *     per login and address, from any other device        5 in 15 minutes
 *     per address                                        20 in 15 minutes
 *     per login, from all other devices together         30 in an hour
 *
 * A device is known by a cookie of a year, a MAC over its random id and the login. A failure
 * elsewhere never counts against it, so nobody can lock a person out of it. IPv6 addresses count by
 * their /64.
 */
#include "api/call/call.h"
#include "core/sign.h"

struct throttle {
    int64_t id; /* this attempt, which counts as failed until throttle_forget */
    unsigned char login[SIGN_HASH], peer[SIGN_HASH], device[SIGN_HASH];
    bool known; /* device is set */
};

/* Count an attempt, before looking at the password, so that attempts at the same time count too.
 * *ret_often: refuse it. */
enum rc throttle_begin(struct call *c, const char *login, struct throttle *ret, bool *ret_often);

/* The attempt was right: forget it and the other failures of the device, or of the login from this
 * address. */
enum rc throttle_forget(struct call *c, const struct throttle *attempt);

/* Make the browser a known device of the login. Adds a cookie to the reply. */
void throttle_know(struct call *c, const char *login);
