/* The kinds of broadcast in C against the table of a freshly migrated database, row by row. */
#include <stdlib.h>
#include <string.h>

#include "core/db/db.h"
#include "core/db/migrate.h"
#include "messages/kind.h"
#include "tests/unit/tap.h"

struct stored_kind {
    const char *kind, *audience, *recipient;
    int64_t priority;
};
static const struct shape stored_kind_shape = SHAPE("StoredKind", struct stored_kind,
    FIELD(TEXT, kind), FIELD(TEXT, audience), FIELD(TEXT, recipient), FIELD(INT, priority));

STMT(stored_kinds, "SELECT kind, audience, recipient, priority FROM broadcast_kind",
    .row = &stored_kind_shape);

static void compare(const struct stored_kind *stored)
{
    enum kind kind = kind_of(stored->kind);
    if (!ok(kind < KIND_COUNT, "%s is a kind", stored->kind))
        return;
    const char *audience = audience_name[kinds[kind].audience];
    ok(audience && stored->audience ? !strcmp(audience, stored->audience)
                                    : audience == stored->audience,
        "%s: its audience", stored->kind);
    ok(!strcmp(recipient_name[kinds[kind].recipient], stored->recipient), "%s: its recipients",
        stored->kind);
    is_int(kinds[kind].priority, stored->priority, "its priority");
}

int main(void)
{
    const char *url = getenv("AMENDS_TEST_DATABASE_URL");
    if (!url) {
        puts("Bail out! AMENDS_TEST_DATABASE_URL is not set: run through tests/with_postgres.sh");
        return 1;
    }
    SCOPE(s);
    struct db *db = db_new(url, "test");
    int applied = 0;
    struct list list = {0};
    ok(migrate_run(s, db, &applied) == RC_OK, "the migrations apply");
    ok(db_all(s, db, &stored_kinds, NO_PARAMS, &list) == RC_OK, "the kinds are read");
    is_int((int64_t)list.n, KIND_COUNT, "as many as in C");
    for (size_t i = 0; i < list.n; i++)
        compare((const struct stored_kind *)list.at + i);
    ok(kind_of("none such") == KIND_COUNT, "what is no kind");
    db_free(db);
    return tap_end();
}
