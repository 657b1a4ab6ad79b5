/* The secret of a source, rotated on its page. */
#include "api/console/alerts/alerts.h"
#include "core/json.h"

static const char *const overlaps[] = {"0", "60", "1440", "10080", NULL};

static const struct alerts_field fields[] = {
    {"secret", ALERTS_TEXT},
    {"overlap_minutes", ALERTS_NUMBER},
    {.name = NULL},
};

json_t *alerts_overlaps(struct call *c)
{
    return console_choices(
        c, overlaps, "staff_overlap", c->form ? form_text(c->form, "overlap_minutes", "") : "1440");
}

bool alerts_rotate(struct call *c, const char *path, json_t **ret)
{
    json_t *body = json_own(c->s, json_object());
    alerts_take(c, body, fields);
    return console_call(c, POST, scope_printf(c->s, "%s/rotate-secret", path), body, ret);
}
