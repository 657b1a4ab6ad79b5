/* amends template render|lint|preview|list|show */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "core/embed.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "messages/channels.h"
#include "templates/check/check.h"
#include "templates/engine/template.h"
#include "templates/files.h"

#define ROOT "templates/"

enum { FILE_MAX = 1 << 20, OUTPUT_MAX = 16 << 20 };

static struct {
    const char *context;  /* JSON file */
    const char *partials; /* folder */
    const char *escape, *locale, *channel;
    const char *part; /* suffix */
    bool lenient;
} given = {.escape = "html", .locale = "en", .channel = "email"};

static const struct {
    const char *name;
    enum escape escape;
} escapes[] = {
    {.name = "html", .escape = ESCAPE_HTML},
    {.name = "text", .escape = ESCAPE_TEXT},
    {.name = "slack", .escape = ESCAPE_SLACK},
    {.name = "slack-json", .escape = ESCAPE_SLACK_JSON},
    {.name = "json", .escape = ESCAPE_JSON},
    {.name = "header", .escape = ESCAPE_HEADER},
};

static const struct command_option options[] = {{.doc = "render:"},
    OPTION(&given.context, .name = "data", .arg = "FILE.json", .doc = "Context (default {})"),
    OPTION(&given.partials, .name = "partials", .arg = "DIR",
        .doc = "Partials: DIR/NAME.mustache or DIR/NAME"),
    OPTION(&given.lenient, .name = "lenient",
        .doc = "Treat unknown names as empty, like the Mustache core spec"),
    OPTION(&given.escape, .name = "escape", .arg = "html|text|slack|slack-json|json|header",
        .doc = "Escaping of {{name}} (default html)"),
    {.doc = "preview:"},
    OPTION(
        &given.locale, .name = "locale", .arg = "L", .doc = "Locale, such as de-AT (default en)"),
    OPTION(&given.channel, .name = "channel", .arg = "CHANNEL",
        .doc = "email (default), sms, slack, chat, webhook, push"),
    OPTION(&given.part, .name = "part", .arg = "SUFFIX",
        .doc = "Only one part: subject.txt, txt, html, slack.json, json"),
    {0}};

static enum escape escape(void)
{
    size_t i = 0;
    while (strcmp(escapes[i].name, given.escape) != 0)
        i++;
    return escapes[i].escape;
}

static enum rc read_file(struct scope *s, const char *path, const char **ret)
{
    CLEANUP(file_close) FILE *file = strcmp(path, "-") ? fopen(path, "rb") : stdin;
    if (!file)
        return fail(s, RC_NOT_FOUND, "%s: %m", path);
    STRBUF(text, FILE_MAX);
    char block[4096];
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        strbuf_add(&text, block, got);
    if (ferror(file))
        return fail(s, RC_NOT_FOUND, "%s: %m", path);
    if (text.overflow)
        return fail(s, RC_INVALID, "%s: larger than %d bytes", path, FILE_MAX);
    if (memchr(text.buf, '\0', text.len))
        return fail(s, RC_INVALID, "%s: contains a NUL", path);
    *ret = strbuf_copy(&text, s);
    return RC_OK;
}

static const char *partial_from_folder(
    struct scope *s, const char *name, void *ctx, const char **ret_file)
{
    const char *text;
    (void)ret_file;
    if (name[0] == '/' || strstr(name, ".."))
        return NULL;
    if (read_file(s, scope_printf(s, "%s/%s.mustache", (char *)ctx, name), &text) == RC_OK ||
        read_file(s, scope_printf(s, "%s/%s", (char *)ctx, name), &text) == RC_OK)
        return text;
    return NULL;
}

static enum rc compile(struct scope *s, const char *path, bool lenient, struct template **ret)
{
    const char *text = NULL;
    TRY(read_file(s, path, &text));
    const struct template_options template_options = {.escape = escape(),
        .lenient = lenient,
        .partials = given.partials ? partial_from_folder : NULL,
        .ctx = (void *)given.partials};
    return template_compile(s, path, text, &template_options, ret);
}

static enum rc print(struct scope *s, const struct template *t, const json_t *context)
{
    STRBUF(out, OUTPUT_MAX);
    TRY(template_render(s, t, context, &out));
    fwrite(out.buf, 1, out.len, stdout);
    return fflush(stdout) ? fail(s, RC_INTERNAL, "cannot write: %m") : RC_OK;
}

/* Any JSON value is a valid context: the specification's tests also use lists and strings. */
static enum rc read_context(struct scope *s, const char *path, json_t **ret)
{
    const char *text = "{}";
    json_error_t error;
    if (path)
        TRY(read_file(s, path, &text));
    json_t *json = json_loads(text, JSON_DECODE_ANY, &error);
    if (!json)
        return fail(s, RC_INVALID, "%s:%d:%d: %s", path, error.line, error.column, error.text);
    *ret = json_own(s, json);
    return RC_OK;
}

static enum rc render(struct scope *s, struct invocation *in)
{
    struct template *t = NULL;
    json_t *context = NULL;
    TRY(compile(s, in->arg, given.lenient, &t));
    TRY(read_context(s, given.context, &context));
    return print(s, t, context);
}

static bool is_folder(const char *path)
{
    struct stat about;
    return !stat(path, &about) && S_ISDIR(about.st_mode);
}

/* A file alone is only compiled; without --partials every partial would be missing. */
static void lint_one(struct invocation *in, const char *path)
{
    SCOPE(s);
    struct template *t;
    bool folder = is_folder(path);
    enum rc rc =
        folder ? templates_use(s, path) : compile(s, path, given.lenient || !given.partials, &t);
    if (rc == RC_OK && folder)
        rc = channels_use(s);
    if (rc == RC_OK)
        return;
    fprintf(stderr, "%s\n", s->fault.message);
    in->exit = rc_exit_code(rc);
}

static enum rc lint(struct scope *s, struct invocation *in)
{
    if (!in->n && !*in->config.templates_dir)
        return fail(s, RC_INVALID, "templates_dir is not set: name a directory or a template");
    if (!in->n)
        lint_one(in, in->config.templates_dir);
    for (size_t i = 0; i < in->n; i++)
        lint_one(in, in->args[i]);
    return RC_OK;
}

/* Marked: those that templates_dir replaces. */
static enum rc list(struct scope *s, struct invocation *in)
{
    TRY(template_files_read(s, in->config.templates_dir));
    for (size_t i = 0; i < embed_count; i++) {
        const char *path = embed_files[i].path;
        if (template_files_may(path))
            printf("%s%s\n", path + strlen(ROOT), template_files_own(path) ? "  (replaced)" : "");
    }
    return RC_OK;
}

static enum rc show(struct scope *s, struct invocation *in)
{
    const struct embed *file = embed_find(scope_printf(s, ROOT "%s", in->arg));
    if (!file || !template_files_may(file->path))
        return fail(s, RC_NOT_FOUND, "no template %s (amends template list shows them)", in->arg);
    fwrite(file->text, 1, file->len, stdout);
    return RC_OK;
}

static enum rc preview(struct scope *s, struct invocation *in)
{
    const char *kind = in->arg;
    const struct embed *sample = embed_find(scope_printf(s, "templates/samples/%s.json", kind));
    if (!sample)
        return fail(s, RC_INVALID, "no kind %s", kind);
    json_t *context;
    TRY(json_parse(s, sample->text, sample->len, &context));
    /* An unknown kind is reported with the known ones. */
    const char *shared = json_get_text(context, "template");
    kind = shared ? shared : kind;
    bool found = false;
    TRY(templates_use(s, in->config.templates_dir));
    for (const struct message_part *part = message_parts; part->channel; part++) {
        const char *suffix = part->suffix;
        if (strcmp(part->channel, given.channel) != 0 ||
            (given.part && strcmp(given.part, suffix) != 0))
            continue;
        struct template *t;
        TRY(template_load(
            s, scope_printf(s, "%s/%s", given.channel, kind), given.locale, suffix, &t));
        if (found)
            putchar('\n');
        found = true;
        TRY(print(s, t, context));
        putchar('\n'); /* subjects and SMS texts lack a final line feed */
    }
    return found ? RC_OK : fail(s, RC_INVALID, "channel %s does not have this part", given.channel);
}

static const struct command_verb verbs[] = {{.name = "render", .arg = "TEMPLATE", .run = render},
    {.name = "lint", .arg = "[TEMPLATE|DIR]...", .needs = NEED_CONFIG, .run = lint},
    {.name = "preview", .arg = "KIND", .needs = NEED_CONFIG, .run = preview},
    {.name = "list", .needs = NEED_CONFIG, .run = list},
    {.name = "show", .arg = "NAME", .run = show}, {0}};

const struct command command_template = {.name = "template",
    .summary = "Check and render message templates",
    .doc = "Check and render message templates (Mustache).\v"
           "render fills TEMPLATE, a file or - for standard input. lint checks DIR (default: the "
           "setting templates_dir) as the roles do before they use it: it renders every message "
           "with samples and reports mistakes by file, line and column. A file alone is only "
           "compiled; partials are looked up only if --partials is given. preview prints a message "
           "(update, confirmation, notice, credit_notice) with a sample context. list names the "
           "templates that templates_dir can replace, and show prints the built-in one.\n\nExit "
           "status: 0, or 64 if a template or its "
           "context is invalid.",
    .options = options,
    .verbs = verbs,
    .share = SHARE_CONFIG};
