/* The settings, by the tables that the roles themselves check before they start. */
#include <string.h>

#include "api/checks.h"
#include "billing/billing.h"
#include "cli/doctor/doctor.h"
#include "notifier/checks.h"

static const struct {
    const char *role;
    const struct settings_check *checks;
} roles[] = {
    {"the api", api_checks}, {"the notifier", notifier_checks}, {"billing", billing_checks}};

struct reporting {
    struct doctor *doctor;
    struct texts told; /* settings with a row already */
    int wrong;
};

static void check(
    struct scope *s, struct reporting *r, const char *role, const struct settings_check *one)
{
    SCOPE(inner);
    if (shape_one_of(r->told.at, one->setting) ||
        settings_check(inner, r->doctor->config, one) == RC_OK)
        return;
    ((const char **)r->told.at)[r->told.n++] = one->setting;
    r->wrong++;
    doctor_row(s, r->doctor, one->setting, HEALTH_FAIL,
        one->advice ? one->advice : scope_printf(s, "correct %s", one->setting), "%s (%s)",
        inner->fault.message, one->waits ? one->waits : scope_printf(s, "%s does not start", role));
}

void doctor_settings(struct scope *s, struct doctor *doctor)
{
    struct reporting r = {
        .doctor = doctor, .told = {.at = SCOPE_ARRAY(s, const char *, config_shape.n + 1)}};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        for (const struct settings_check *one = roles[i].checks; one->setting; one++)
            check(s, &r, roles[i].role, one);
    if (!r.wrong)
        doctor_row(s, doctor, "settings", HEALTH_OK, NULL, "valid for every role");
}
