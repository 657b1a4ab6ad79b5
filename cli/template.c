/* amends template render|lint|preview */
#include <argp.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cli/command.h"
#include "core/embed.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "templates/engine/template.h"

enum { FILE_MAX = 1 << 20, OUTPUT_MAX = 16 << 20 };

struct command_options {
    const char *verb;
    char **names; /* files, or the kind of a preview */
    int n;
    const char *context;  /* JSON file */
    const char *partials; /* folder */
    const char *locale;
    const char *channel;
    const char *part; /* suffix */
    enum escape escape;
    bool lenient;
};

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

/* The parts of a message per channel, in reading order. */
static const struct {
    const char *channel;
    const char *suffix;
} parts[] = {
    {.channel = "email", .suffix = "subject.txt"},
    {.channel = "email", .suffix = "txt"},
    {.channel = "email", .suffix = "html"},
    {.channel = "sms", .suffix = "txt"},
    {.channel = "slack", .suffix = "slack.json"},
    {.channel = "teams", .suffix = "json"},
    {.channel = "discord", .suffix = "json"},
    {.channel = "webhook", .suffix = "json"},
};

static const struct argp_option option_table[] = {
    {.doc = "render:"},
    {.name = "data", .key = 'd', .arg = "FILE.json", .doc = "Context (default {})"},
    {.name = "partials",
        .key = 'p',
        .arg = "DIR",
        .doc = "Partials: DIR/NAME.mustache or DIR/NAME"},
    {.name = "lenient",
        .key = 'l',
        .doc = "Treat unknown names as empty, like the Mustache core spec"},
    {.name = "escape",
        .key = 'e',
        .arg = "html|text|slack|slack-json|json|header",
        .doc = "Escaping of {{name}} (default html)"},
    {.doc = "preview:"},
    {.name = "locale", .key = 'L', .arg = "L", .doc = "Locale, such as de-AT (default en)"},
    {.name = "channel",
        .key = 'C',
        .arg = "CHANNEL",
        .doc = "email (default), sms, slack, teams, discord, webhook"},
    {.name = "part",
        .key = 'P',
        .arg = "SUFFIX",
        .doc = "Only one part: subject.txt, txt, html, slack.json, json"},
    {0},
};

static const char args_doc[] = "render TEMPLATE\nlint TEMPLATE...\npreview KIND";
static const char doc[] =
    "Check and render message templates (Mustache).\v"
    "render fills TEMPLATE, a file or - for standard input. lint compiles each TEMPLATE and "
    "reports errors with line and column; partials are looked up only if --partials is given. "
    "preview prints a built-in template (update, confirmation, notice, credit_notice) with a "
    "sample context.\n\nExit status: 0, or 64 if a template or its context is invalid.";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct command_options *options = state->input;
    switch (key) {
    case 'd':
        options->context = arg;
        return 0;
    case 'p':
        options->partials = arg;
        return 0;
    case 'l':
        options->lenient = true;
        return 0;
    case 'L':
        options->locale = arg;
        return 0;
    case 'C':
        options->channel = arg;
        return 0;
    case 'P':
        options->part = arg;
        return 0;
    case 'e':
        for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
            options->escape = escapes[i].escape;
            if (!strcmp(escapes[i].name, arg))
                return 0;
        }
        argp_error(state, "unknown escape '%s'", arg);
        return EINVAL;
    case ARGP_KEY_ARGS:
        options->verb = state->argv[state->next];
        options->names = state->argv + state->next + 1;
        options->n = state->argc - state->next - 1;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void close_file(FILE **file)
{
    if (*file && *file != stdin)
        fclose(*file);
}

static enum rc read_file(struct scope *s, const char *path, const char **ret)
{
    CLEANUP(close_file) FILE *file = strcmp(path, "-") ? fopen(path, "rb") : stdin;
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

static const char *partial_from_folder(struct scope *s, const char *name, void *ctx)
{
    const char *text;
    if (name[0] == '/' || strstr(name, ".."))
        return NULL;
    if (read_file(s, scope_printf(s, "%s/%s.mustache", (char *)ctx, name), &text) == RC_OK ||
        read_file(s, scope_printf(s, "%s/%s", (char *)ctx, name), &text) == RC_OK)
        return text;
    return NULL;
}

static enum rc compile(
    struct scope *s, const struct command_options *options, const char *path, struct template **ret)
{
    const char *text = NULL;
    TRY(read_file(s, path, &text));
    struct template_options template_options = {.escape = options->escape,
        .lenient = options->lenient,
        .partials = options->partials ? partial_from_folder : NULL,
        .ctx = (void *)options->partials};
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

static enum rc run_render(struct scope *s, const struct command_options *options)
{
    struct template *t = NULL;
    json_t *context = NULL;
    if (options->n != 1)
        return fail(s, RC_INVALID, "render takes one TEMPLATE");
    TRY(compile(s, options, options->names[0], &t));
    TRY(read_context(s, options->context, &context));
    return print(s, t, context);
}

static enum rc run_lint(struct scope *s, const struct command_options *options)
{
    struct command_options lint = *options;
    lint.lenient = lint.lenient || !lint.partials; /* otherwise every partial would be missing */
    enum rc worst = RC_OK;
    if (!options->n)
        return fail(s, RC_INVALID, "lint takes at least one TEMPLATE");
    for (int i = 0; i < options->n; i++) {
        SCOPE(one);
        struct template *t;
        if (compile(one, &lint, options->names[i], &t) == RC_OK)
            continue;
        if (worst != RC_OK) /* the caller reports the last one */
            fprintf(stderr, "%s\n", s->fault.message);
        worst = fail_from(s, one);
    }
    return worst;
}

static enum rc run_preview(struct scope *s, const struct command_options *options)
{
    if (options->n != 1)
        return fail(s, RC_INVALID, "preview takes one KIND");
    const char *kind = options->names[0];
    const struct embed *sample = embed_find(scope_printf(s, "templates/samples/%s.json", kind));
    if (!sample)
        return fail(s, RC_INVALID, "no kind %s", kind);
    json_t *context;
    TRY(json_parse(s, sample->text, sample->len, &context));
    /* An unknown kind is reported with the known ones. */
    const char *shared = json_get_text(context, "template");
    kind = shared ? shared : kind;
    bool found = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *suffix = parts[i].suffix;
        if (strcmp(parts[i].channel, options->channel) != 0 ||
            (options->part && strcmp(options->part, suffix) != 0))
            continue;
        struct template *t;
        TRY(template_load(
            s, scope_printf(s, "%s/%s", options->channel, kind), options->locale, suffix, &t));
        if (found)
            putchar('\n');
        found = true;
        TRY(print(s, t, context));
        putchar('\n'); /* subjects and SMS texts lack a final line feed */
    }
    return found ? RC_OK : fail(s, RC_INVALID, "channel %s has no such part", options->channel);
}

static const struct {
    const char *verb;
    enum rc (*run)(struct scope *s, const struct command_options *options);
} verbs[] = {
    {.verb = "render", .run = run_render},
    {.verb = "lint", .run = run_lint},
    {.verb = "preview", .run = run_preview},
};

int command_template(int argc, char **argv)
{
    struct command_options options = {.escape = ESCAPE_HTML, .locale = "en", .channel = "email"};
    const struct argp argp = {
        .options = option_table, .parser = parse, .args_doc = args_doc, .doc = doc};
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    SCOPE(s);
    enum rc rc = RC_INVALID;
    size_t i = 0, n = sizeof verbs / sizeof *verbs;
    while (i < n && strcmp(verbs[i].verb, options.verb) != 0)
        i++;
    if (i < n)
        rc = verbs[i].run(s, &options);
    else
        (void)fail(s, RC_INVALID, "%s: no such action; see --help", options.verb);
    if (rc != RC_OK)
        fprintf(stderr, "%s\n", s->fault.message);
    return rc_exit_code(rc);
}
