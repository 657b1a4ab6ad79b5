/* amends config print */
#include <stdio.h>

#include "cli/command.h"

static enum rc print(struct scope *s, struct invocation *in)
{
    (void)s;
    (void)in;
    STRBUF(b, 64 * 1024);
    config_reference(&b);
    fputs(b.buf, stdout);
    return RC_OK;
}

static const struct command_verb verbs[] = {{.name = "print", .run = print}, {0}};

const struct command command_config = {.name = "config",
    .summary = "Print the configuration reference",
    .doc = "Print all settings with their defaults, as a file for --config.",
    .verbs = verbs,
    .share = SHARE_NOTHING};
