/* amends channel list|show|lint */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "core/embed.h"
#include "messages/channel.h"
#include "messages/channels.h"
#include "messages/provider.h"
#include "templates/files.h"

static enum rc use_own(struct scope *s, const struct invocation *in)
{
    TRY(template_files_read(s, in->config.templates_dir));
    return channels_use(s);
}

/* With the form of its addresses; marked: those of templates_dir. */
static enum rc list(struct scope *s, struct invocation *in)
{
    TRY(use_own(s, in));
    for (enum channel c = 0; channel_name[c]; c++) {
        const struct provider *document = channel_document(c);
        const char *path = scope_printf(s, "templates/channels/%s.json", channel_name[c]);
        printf("%-12s  %s%s\n", channel_name[c], document ? document->channel->example : "",
            template_files_own(path) ? "  (your document)" : "");
    }
    return RC_OK;
}

static enum rc show(struct scope *s, struct invocation *in)
{
    TRY(template_files_read(s, in->config.templates_dir));
    const struct embed *file =
        template_files_find(scope_printf(s, "templates/channels/%s.json", in->arg));
    if (!file || strchr(in->arg, '/'))
        return fail(s, RC_NOT_FOUND, "channel %s has no document (amends channel list)", in->arg);
    fwrite(file->text, 1, file->len, stdout);
    return RC_OK;
}

static enum rc lint(struct scope *s, struct invocation *in)
{
    if (!in->n && !*in->config.templates_dir)
        return fail(s, RC_INVALID, "templates_dir is not set: name a file");
    for (size_t i = 0; i < (in->n ? in->n : 1); i++) {
        SCOPE(one);
        enum rc rc = in->n ? channel_lint(one, in->args[i]) : use_own(one, in);
        if (rc == RC_OK)
            continue;
        fprintf(stderr, "%s\n", one->fault.message);
        in->exit = rc_exit_code(rc);
    }
    return RC_OK;
}

static const struct command_option options[] = {{0}};

static const struct command_verb verbs[] = {{.name = "list", .needs = NEED_CONFIG, .run = list},
    {.name = "show", .arg = "NAME", .needs = NEED_CONFIG, .run = show},
    {.name = "lint", .arg = "[FILE]...", .needs = NEED_CONFIG, .run = lint}, {0}};

const struct command command_channel = {.name = "channel",
    .summary = "List, print and check the documents of channels",
    .doc =
        "List, print and check the documents of channels.\v"
        "list prints the channels with the form of their addresses, and show the document of one, "
        "to start from. lint checks FILE (default: channels/*.json in the setting templates_dir) "
        "as the roles do before they use it, and reports each mistake with its file, field and "
        "reason.\n\nExit status: 0, or 64 if a document is invalid.",
    .options = options,
    .verbs = verbs,
    .share = SHARE_CONFIG};
