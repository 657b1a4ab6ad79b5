/* The scopes of each role, as routes require them. */
#include <string.h>

#include "api/call/roles.h"

#define READS \
    "components:read incidents:read broadcasts:read policies:read credit-runs:read credits:read "
#define PEOPLE "subscribers:read accounts:read "

static const struct {
    const char *role;
    const char *scopes;
} grants[] = {
    {.role = "viewer", .scopes = READS},
    {.role = "responder",
        .scopes = READS PEOPLE "components:write incidents:write broadcasts:write "
                               "subscribers:write notices:write "},
    {.role = "billing",
        .scopes = READS PEOPLE "accounts:write policies:write credit-runs:write credits:write "
                               "credits:ack notices:write broadcasts:write "},
    {.role = "approver", .scopes = READS PEOPLE "credit-runs:approve "},
    {.role = "admin", .scopes = "admin "},
};

const char *const staff_roles[] = {"viewer", "responder", "billing", "approver", "admin", NULL};

const char *staff_scopes(struct scope *s, const struct texts *roles)
{
    STRBUF(b, 4096);
    strbuf_addch(&b, ' ');
    for (size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++)
        for (size_t k = 0; k < roles->n; k++)
            if (!strcmp(roles->at[k], grants[i].role))
                strbuf_addstr(&b, grants[i].scopes);
    return strbuf_copy(&b, s);
}
