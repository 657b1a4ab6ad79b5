#pragma once
/* A credit as returned in the feed, by id, and in its run. */
#include "api/call/call.h"

struct credit {
    int64_t id;
    const char *event;
    const char *account;
    const char *name;
    bool capped;
    int64_t amount_minor;
    const char *currency;
    int64_t exponent;
    int64_t run;
    const char *policy;
    const char *incidents; /* JSON */
    int64_t issued_at;
    const char *state;
    const char *reference;
    const char *lines; /* JSON */
    int64_t no;
};

enum rc credit_read(struct scope *s, struct db *db, int64_t id, struct credit *ret);
