#include "cli/doctor/doctor.h"

enum { OLD_DAYS = 7 };

SHAPE_STATIC(struct waiting, waiting_shape, "ClaimsWaiting", FIELD(INT, all), FIELD(INT, passed),
    FIELD(INT, soon), FIELD(INT, days));
STMT(doctor_claims_waiting,
    "SELECT out_all AS all, out_passed AS passed, out_soon AS soon, out_days AS days"
    " FROM amends.claims_waiting()",
    .row = &waiting_shape);

void doctor_claims(struct scope *s, struct doctor *doctor)
{
    struct waiting n;
    if (db_one(s, doctor->db, &doctor_claims_waiting, NO_PARAMS, &n) != RC_OK || !n.all)
        return;
    bool good = !n.passed && !n.soon && n.days < OLD_DAYS;
    doctor_row(s, doctor, "claims", good ? HEALTH_OK : HEALTH_WARN,
        good ? NULL : "decide them in the console, or with amends claim decide",
        "waiting: %lld, past their deadline: %lld, due within 7 days: %lld, oldest: %lld d",
        (long long)n.all, (long long)n.passed, (long long)n.soon, (long long)n.days);
}
