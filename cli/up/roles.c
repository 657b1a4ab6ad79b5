/* amends api | notifier | billing: one role in the foreground, until SIGTERM. */
#include <sys/prctl.h>

#include "api/call/api.h"
#include "billing/billing.h"
#include "cli/command.h"
#include "cli/options.h"
#include "notifier/notifier.h"

static int run(int argc, char **argv, const char *role, const char *doc,
    int (*role_main)(const struct config *config))
{
    struct options options = {0};
    options_read(&(struct command_line){.doc = doc}, OPTIONS_CONFIG, argc, argv, &options);
    /* `amends up` executes us through a descriptor, whose number would become our process name. */
    prctl(PR_SET_NAME, "amends");
    SCOPE(s);
    struct config config;
    int code = options_load_database(s, &options, role, &config);
    return code ? code : role_main(&config);
}

int command_api(int argc, char **argv)
{
    return run(argc, argv, "api", "Serve the API and the public pages.", api_main);
}

int command_notifier(int argc, char **argv)
{
    return run(argc, argv, "notifier", "Send broadcasts to their subscribers.", notifier_main);
}

int command_billing(int argc, char **argv)
{
    return run(argc, argv, "billing", "Compute credit runs and issue credits.", billing_main);
}
