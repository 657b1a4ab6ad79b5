/* amends api | notifier | billing: one role in the foreground, until SIGTERM. */
#include <stdio.h>
#include <sys/prctl.h>
#include <sysexits.h>

#include "api/call/api.h"
#include "billing/billing.h"
#include "cli/command.h"
#include "notifier/notifier.h"
#include "templates/check/check.h"

static enum rc run(
    struct scope *s, struct invocation *in, int (*role_main)(const struct config *config))
{
    /* A mistake in a template is refused now, not in the middle of an incident. */
    if (templates_use(s, in->config.templates_dir) != RC_OK) {
        in->exit = EX_CONFIG;
        fprintf(stderr, "%s: templates_dir:\n%s\n", in->name, s->fault.message);
        return RC_OK;
    }
    /* `amends up` executes us through a descriptor, whose number would become our process name. */
    prctl(PR_SET_NAME, "amends");
    in->exit = role_main(&in->config);
    return RC_OK;
}

static enum rc api(struct scope *s, struct invocation *in)
{
    return run(s, in, api_main);
}

static enum rc notifier(struct scope *s, struct invocation *in)
{
    return run(s, in, notifier_main);
}

static enum rc billing(struct scope *s, struct invocation *in)
{
    return run(s, in, billing_main);
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
