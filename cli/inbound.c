/* amends inbound mail [--recipient ADDRESS] < MESSAGE: a mail server pipes bounces and complaints
 * into it (deploy/postfix). Any failure may be temporary, so the exit code is 75: the mail server
 * keeps the message and tries again. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "api/hooks/inbound.h"
#include "cli/command.h"
#include "core/log.h"

static struct {
    const char *recipient, *output;
} given;

static const struct command_option options[] = {
    OPTION(&given.recipient, .name = "recipient", .arg = "ADDRESS",
        .doc = "Envelope recipient (default: from the headers)"),
    OPTION(&given.output, .name = "output", .key = 'o', .arg = "json|none",
        .doc = "json: report the result on standard output (none)"),
    {0}};

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

static enum rc mail(struct scope *s, struct invocation *in)
{
    STRBUF(message, BOUNCE_READ);
    struct sign *keys = NULL;
    struct inbound inbound;
    TRY(read_message(s, &message));
    TRY(sign_load(s, in->config.key_file, false, &keys));
    const struct inbound_mail given_mail = {
        .message = message.buf, .len = message.len, .recipient = given.recipient};
    enum rc rc = inbound_deliver(s, in->db, keys, in->config.public_url, &given_mail, &inbound);
    sign_free(keys);
    TRY(rc);
    log_event(LOG_INFO, "received mail", LOG_TEXT("kind", inbound.kind),
        LOG_TEXT("result", inbound.result), LOG_TEXT("status", inbound.status));
    if (given.output && !strcmp(given.output, "json")) {
        STRBUF(b, 64 * 1024);
        shape_print(&b, &inbound_shape, &inbound);
        puts(b.buf);
    }
    return RC_OK;
}

static const struct command_verb verbs[] = {
    {.name = "mail", .needs = NEED_DATABASE, .run = mail}, {0}};

const struct command command_inbound = {.name = "inbound",
    .summary = "Process returned mail from a pipe",
    .doc = "Read a returned mail from standard input: settle a bounce or complaint to one of our "
           "signed return paths, and only count any other mail. A mail to "
           "alerts+SOURCE.TOKEN@DOMAIN is an "
           "alert of that source. Exits with 0, or 75 to be retried.",
    .options = options,
    .verbs = verbs,
    .share = SHARE_PLACE,
    .failure = EX_TEMPFAIL};
