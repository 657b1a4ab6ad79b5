/* amends api | notifier | billing: one role in the foreground, until SIGTERM. */
#include <sys/prctl.h>

#include "api/call/api.h"
#include "billing/billing.h"
#include "cli/command.h"
#include "notifier/notifier.h"

static enum rc run(struct invocation *in, int (*role_main)(const struct config *config))
{
    /* `amends up` executes us through a descriptor, whose number would become our process name. */
    prctl(PR_SET_NAME, "amends");
    in->exit = role_main(&in->config);
    return RC_OK;
}

static enum rc api(struct scope *s, struct invocation *in)
{
    (void)s;
    return run(in, api_main);
}

static enum rc notifier(struct scope *s, struct invocation *in)
{
    (void)s;
    return run(in, notifier_main);
}

static enum rc billing(struct scope *s, struct invocation *in)
{
    (void)s;
    return run(in, billing_main);
}

#define ROLE(role, about, ...) \
    const struct command command_##role = {.name = #role, \
        .summary = about, \
        .doc = __VA_ARGS__, \
        .verbs = \
            (const struct command_verb[]){{.name = "", .needs = NEED_DATABASE, .run = role}, {0}}, \
        .share = SHARE_CONFIG}

ROLE(api, "Serve the API and the public pages", "Serve the API and the public pages.");
ROLE(notifier, "Send broadcasts", "Send broadcasts to their subscribers.");
ROLE(billing, "Compute and issue credits", "Compute credit runs and issue credits.");
