#pragma once
/*
 * The rows of a query by COPY TO STDOUT in binary form: PostgreSQL prints nothing, and libpq makes
 * no result for each row.
 *
 * A value is as PostgreSQL's send functions write it: integers and times big-endian, numeric with
 * its scale, json and text as text. It does not depend on the session's settings.
 */
#include "core/db/db.h"

struct db_value {
    const char *at; /* valid until the function returns */
    int len;        /* negative: null */
};

/* columns: the names (PQfname) and types of the values. The fault of any rc but RC_OK must be in s;
 * it ends the query. fn must not use db. */
typedef enum rc db_value_fn(
    struct scope *s, const PGresult *columns, const struct db_value *values, void *arg);

/* Call fn for each row of a SELECT. Parameters are texts or null, so none of P_BYTES. */
enum rc db_copy_out(struct scope *s, struct db *db, const struct stmt *stmt, struct params params,
    db_value_fn *fn, void *arg);
