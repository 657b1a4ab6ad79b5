/* Every statement of the program is prepared against a freshly migrated database,
 * and the columns that it returns are fields of its shape. */
#include <stdlib.h>
#include <string.h>

#include "core/db/db.h"
#include "core/db/migrate.h"
#include "tests/unit/tap.h"

struct checked {
    struct db *db;
    int seen;
};

static void check_columns(struct scope *s, const struct stmt *stmt, const PGresult *described)
{
    int columns = PQnfields(described);
    if (!stmt->row) {
        return;
    }
    ok(columns > 0, "%s returns rows", stmt->name);
    for (int c = 0; c < columns; c++) {
        const char *name = PQfname(described, c);
        if (!row_field(stmt->row, columns, name))
            ok(false, "%s: column %s is a field of %s", stmt->name, name, stmt->row->name);
    }
    for (size_t i = 0; i < stmt->row->n; i++) {
        const struct field *field = &stmt->row->fields[i];
        if (field->required && PQfnumber(described, field->name) < 0)
            ok(false, "%s returns the required field %s", stmt->name, field->name);
    }
    (void)s;
}

static void check(const struct stmt *stmt, void *arg)
{
    struct checked *checked = arg;
    SCOPE(s);
    PGconn *conn = NULL;
    checked->seen++;
    enum rc rc = db_prepare(s, checked->db, stmt);
    if (!ok(rc == RC_OK, "%s is prepared", stmt->name)) {
        printf("# %s\n", s->fault.message);
        return;
    }
    if (db_raw(s, checked->db, &conn) != RC_OK)
        abort();
    PGresult *described = PQdescribePrepared(conn, stmt->name);
    check_columns(s, stmt, described);
    PQclear(described);
}

STMT(session_jit, "SELECT current_setting('jit')", .row = &row_text);

/* The server of the tests has it on, as PostgreSQL's default is. */
static void check_session(struct scope *s, struct db *db)
{
    const char *jit = "";
    ok(db_one(s, db, &session_jit, NO_PARAMS, &jit) == RC_OK && !strcmp(jit, "off"),
        "no statement is compiled");
}

int main(void)
{
    const char *url = getenv("AMENDS_TEST_DATABASE_URL");
    if (!url) {
        puts("Bail out! AMENDS_TEST_DATABASE_URL is not set: run through tests/with_postgres.sh");
        return 1;
    }
    SCOPE(s);
    struct checked checked = {.db = db_new(url, "test")};
    int applied = 0;
    ok(migrate_run(s, checked.db, &applied) == RC_OK, "the migrations apply");
    ok(applied > 0 || !s->fault.message, "there are some");
    stmt_each(check, &checked);
    check_session(s, checked.db);
    ok(checked.seen > 20, "%d statements seen", checked.seen);
    db_free(checked.db);
    return tap_end();
}
