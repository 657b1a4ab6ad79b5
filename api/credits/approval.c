#include "api/credits/approval.h"

#include <string.h>

#include "core/money.h"

enum { LIMITS_MAX = 50 };

SHAPE_STATIC(
    struct total, total_shape, "RunTotal", FIELD(TEXT, currency), FIELD(INT, amount_minor));

STMT(approval_totals,
    "SELECT currency, sum(amount_minor)::bigint AS amount_minor FROM credit WHERE run_id = $1"
    " GROUP BY 1",
    .row = &total_shape);

SHAPE_STATIC(struct held, held_shape, "ApprovalHeld", FIELD(TIME, until));

STMT(approval_held,
    "SELECT amends.approval_hold($1, $2, make_interval(hours => $3::integer)) AS until",
    .row = &held_shape);

/* Into at, at most LIMITS_MAX. */
static enum rc read_limits(
    struct scope *s, const struct config *config, struct total *at, size_t *ret_n)
{
    size_t n = 0;
    char *rest = scope_strdup(s, config->approval_total);
    for (char *word; (word = strsep(&rest, " ")) && n < LIMITS_MAX;) {
        char *equals = strchr(word, '=');
        if (!*word)
            continue;
        if (!equals)
            return fail_field(
                s, RC_INVALID, "approval_total", "\"%s\" is not CURRENCY=AMOUNT", word);
        *equals = '\0';
        at[n].currency = word;
        SCOPE(inner);
        if (money_parse(inner, equals + 1, word, &at[n].amount_minor) != RC_OK)
            return fail_field(s, RC_INVALID, "approval_total", "%s", inner->fault.message);
        n++;
    }
    *ret_n = n;
    return RC_OK;
}

enum rc approval_check(struct scope *s, const struct config *config)
{
    struct total limits[LIMITS_MAX];
    size_t n;
    return read_limits(s, config, limits, &n);
}

static bool is_within(const struct total *total, const struct total *limits, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(limits[i].currency, total->currency))
            return total->amount_minor <= limits[i].amount_minor;
    return false;
}

enum rc approval_alone(
    struct scope *s, struct db *db, const struct config *config, int64_t run, bool *ret)
{
    struct total limits[LIMITS_MAX];
    size_t n = 0;
    struct list rows;
    TRY(read_limits(s, config, limits, &n));
    TRY(db_all(s, db, &approval_totals, PARAMS(P_INT(run)), &rows));
    bool alone = n > 0;
    for (size_t i = 0; i < rows.n; i++)
        alone = alone && is_within((const struct total *)rows.at + i, limits, n);
    *ret = alone;
    return RC_OK;
}

enum rc approval_hold(struct scope *s, struct db *db, const struct config *config, int64_t run,
    int64_t key, int64_t *ret_until)
{
    struct held held;
    TRY(db_one(s, db, &approval_held, PARAMS(P_INT(run), P_INT(key), P_INT(config->approval_wait)),
        &held));
    *ret_until = held.until == SHAPE_NONE ? 0 : held.until;
    return RC_OK;
}

SHAPE_STATIC(struct stand, stand_shape, "ApprovalStand", FIELD(INT, unread), FIELD(BOOL, drafter),
    FIELD(BOOL, person));

STMT(approval_stand,
    "SELECT amends.key_person(created_by) = amends.key_person($2) AS drafter,"
    "  amends.key_approver($2) IS NOT NULL AS person, (SELECT count(*) FROM credit_warning w"
    "    WHERE w.run_id = r.id AND w.acknowledged_by IS NULL) AS unread"
    " FROM credit_run r WHERE id = $1",
    .row = &stand_shape);

enum rc approval_say(struct scope *s, struct db *db, const struct config *config, int64_t run,
    const struct key *key, const char **ret_reason, int64_t *ret_until)
{
    struct stand stand;
    bool alone = true;
    int64_t until = 0;
    TRY(db_one(s, db, &approval_stand, PARAMS(P_INT(run), P_INT(key->id)), &stand));
    if (stand.drafter)
        TRY(approval_alone(s, db, config, run, &alone));
    else
        TRY(approval_hold(s, db, config, run, key->id, &until));
    *ret_until = until ? until : SHAPE_NONE;
    *ret_reason = !stand.person                           ? "person"
                  : !alone                                ? "drafter"
                  : !auth_may(key, "credit-runs:approve") ? "role"
                  : until                                 ? "wait"
                  : stand.unread                          ? "warnings"
                                                          : NULL;
    return RC_OK;
}
