/* The advisory locks of C and of SQL are one table, and nobody waits long for one of them. */
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/db/locks.h"
#include "core/db/migrate.h"
#include "core/embed.h"
#include "tests/unit/tap.h"

struct key {
    int64_t key;
};
static const struct shape key_shape = SHAPE("LockKey", struct key, FIELD(INT, key));
STMT(key_of_lock, "SELECT amends.lock_key($1) AS key", .row = &key_shape);

static void check_table(struct scope *s, struct db *db)
{
    int in_sql = 0;
    for (const char *at = embed_find("core/sql/locks.sql")->text; (at = strstr(at, "when '")); at++)
        in_sql++;
    ok(in_sql == LOCK_END - LOCK_MIGRATE, "SQL knows as many locks as C: %d", in_sql);
    for (int lock = LOCK_MIGRATE; lock < LOCK_END; lock++) {
        struct key row = {0};
        const char *name = db_lock_name((enum db_lock)lock);
        ok(name && db_one(s, db, &key_of_lock, PARAMS(P_TEXT(name)), &row) == RC_OK &&
                row.key == lock,
            "%s is %d in both", name, lock);
    }
    ok(db_do(s, db, &key_of_lock, PARAMS(P_TEXT("ledgre")), NULL) != RC_OK,
        "a name that is none is an error");
}

struct asked {
    struct db *other;
    enum db_lock_mode held, wanted;
    enum rc rc;
    int64_t took;
};

static enum rc want(struct scope *s, struct db *db, void *arg)
{
    struct asked *asked = arg;
    int64_t began = clock_monotonic();
    asked->rc = db_lock(s, db, LOCK_LEDGER, asked->wanted);
    asked->took = clock_monotonic() - began;
    return RC_CONFLICT;
}

static enum rc hold(struct scope *s, struct db *db, void *arg)
{
    struct asked *asked = arg;
    SCOPE(inner);
    TRY(db_lock(s, db, LOCK_LEDGER, asked->held));
    (void)db_txn(inner, asked->other, want, asked);
    return RC_OK;
}

static void check_wait(struct scope *s, struct db *db, struct db *other)
{
    struct asked shared = {.other = other, .held = LOCK_SHARED, .wanted = LOCK_SHARED};
    struct asked issue = {.other = other, .held = LOCK_SHARED, .wanted = LOCK_EXCLUSIVE};
    ok(db_txn(s, db, hold, &shared) == RC_OK && shared.rc == RC_OK, "two drafts share the ledger");
    ok(db_txn(s, db, hold, &issue) == RC_OK && issue.rc == RC_RETRY, "a reversal does not");
    ok(issue.took > CLOCK_SECOND / 4 && issue.took < CLOCK_SECOND, "and gives up after %lld ms",
        (long long)issue.took / 1000);
    issue.other = db;
    ok(db_txn(s, other, hold, &issue) == RC_OK && issue.rc == RC_RETRY,
        "a lock is free after the transaction that held it");
}

int main(void)
{
    const char *url = getenv("AMENDS_TEST_DATABASE_URL");
    if (!url) {
        puts("Bail out! AMENDS_TEST_DATABASE_URL is not set: run through tests/with_postgres.sh");
        return 1;
    }
    SCOPE(s);
    struct db *db = db_new(url, "test"), *other = db_new(url, "test");
    ok(migrate_run(s, db, NULL) == RC_OK, "the migrations apply");
    check_table(s, db);
    check_wait(s, db, other);
    db_free(other);
    db_free(db);
    return tap_end();
}
