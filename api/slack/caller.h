#pragma once
/* Who calls /hooks/slack. */
#include "api/call/call.h"

struct slack_caller {
    const char *team, *user;           /* ids: "T0123", "U0123" */
    const char *team_name, *user_name; /* for people */
    int64_t linked_at;                 /* us; set by slack_recognise */
};

/* The signature of the request. RC_DENIED if it is invalid; HTTP 404 without a signing secret. */
enum rc slack_check(struct call *c);

/* If the caller is linked with an enabled member of staff, act as that person: *ret. */
enum rc slack_recognise(struct call *c, struct slack_caller *caller, bool *ret);
