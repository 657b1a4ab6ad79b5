#pragma once
/* A claim as the API, the CSV and the pages know it. */
#include <stdbool.h>
#include <stdint.h>

#include "api/call/list_page.h"
#include "core/db/db.h"

struct customer_claim {
    int64_t id;
    const char *account, *name, *contact;
    int64_t at;
    const char *incidents; /* JSON */
    const char *text, *state, *answer;
    int64_t run;
    const char *deadlines; /* JSON */
    const char *deadline;  /* a date, or NULL */
    bool late;
    int64_t open_days;    /* SHAPE_NONE once it is decided */
    int64_t due_days;     /* the same; SHAPE_NONE also without a deadline */
    const char *evidence; /* JSON, or NULL */
    const char *windows;  /* JSON; NULL in lists */
    int64_t created_at, decided_at;
    const char *decided_by; /* JSON, or NULL */
};

/* RC_NOT_FOUND: no such claim. */
enum rc claim_read(struct scope *s, struct db *db, int64_t id, struct customer_claim *ret);

struct claim_filter {
    struct list_page page;
    const char *account, *state, *due, *format; /* format: json or csv */
};

/* The claims that the filter names, as struct customer_claim; and the reply with them. */
enum rc claims_read(struct call *c, const struct claim_filter *filter, struct list *ret);
enum rc claims_reply(struct call *c, const struct claim_filter *filter, struct list rows);
