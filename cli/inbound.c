/* amends inbound mail [--recipient ADDRESS] < MESSAGE: a mail server pipes bounces and complaints
 * into it (deploy/postfix). Any failure may be temporary, so the exit code is 75: the mail server
 * keeps the message and tries again. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "api/hooks/inbound.h"
#include "cli/command.h"
#include "cli/options.h"
#include "core/log.h"

struct arguments {
    struct options options; /* first member: filled by options_read */
    const char *verb;
    const char *recipient;
    const char *output;
};

static const struct command_option rows[] = {
    OPTION_TEXT(
        "recipient", 'r', "ADDRESS", recipient, "Envelope recipient (default: from the headers)"),
    OPTION_TEXT(
        "output", 'o', "json|none", output, "json: report the result on standard output (none)"),
};

static void check(void *input, struct argp_state *state)
{
    const struct arguments *arguments = input;
    const char *output = arguments->output ? arguments->output : "none";
    if (!arguments->verb)
        argp_usage(state);
    if (strcmp(arguments->verb, "mail") != 0)
        argp_error(state, "the only action is mail");
    if (strcmp(output, "json") != 0 && strcmp(output, "none") != 0)
        argp_error(state, "--output must be json or none");
}

/* Read and drop the rest of a longer message, so that the writer gets no broken pipe. */
static enum rc read_message(struct scope *s, struct strbuf *ret)
{
    char chunk[8192];
    size_t n;
    while ((n = fread(chunk, 1, sizeof(chunk), stdin)) > 0)
        strbuf_add(ret, chunk, n < ret->max - ret->len ? n : ret->max - ret->len);
    if (ferror(stdin))
        return fail(s, RC_RETRY, "cannot read the message: %m");
    return ret->len ? RC_OK : fail(s, RC_RETRY, "the message is empty");
}

static enum rc run(struct scope *s, const struct config *config, const struct arguments *arguments)
{
    STRBUF(message, BOUNCE_READ);
    struct sign *keys = NULL;
    struct inbound inbound;
    TRY(read_message(s, &message));
    TRY(sign_load(s, config->key_file, false, &keys));
    struct db *db = db_new(config->database_url, "inbound");
    enum rc rc =
        inbound_take(s, db, keys, message.buf, message.len, arguments->recipient, &inbound);
    db_free(db);
    sign_free(keys);
    TRY(rc);
    log_event(LOG_INFO, "received returned mail", LOG_TEXT("kind", inbound.kind),
        LOG_TEXT("result", inbound.result), LOG_TEXT("status", inbound.status));
    if (arguments->output && !strcmp(arguments->output, "json")) {
        STRBUF(b, 64 * 1024);
        shape_print(&b, &inbound_shape, &inbound);
        puts(b.buf);
    }
    return RC_OK;
}

int command_inbound(int argc, char **argv)
{
    const struct command_line line = {OPTIONS(rows), .words = {offsetof(struct arguments, verb)},
        .check = check, .args_doc = "mail",
        .doc = "Read a returned mail from standard input: settle a bounce or complaint to one of "
               "our signed return paths, and only count any other mail. Exits with 0, or 75 to be "
               "retried."};
    struct arguments arguments = {0};
    options_read(&line, OPTIONS_PLACE, argc, argv, &arguments);
    SCOPE(s);
    struct config config;
    if (options_load_place(s, &arguments.options, "inbound", &config))
        return EX_TEMPFAIL;
    if (run(s, &config, &arguments) == RC_OK)
        return 0;
    options_fail("amends inbound", s);
    return EX_TEMPFAIL;
}
