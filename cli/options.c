#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "core/log.h"

enum { OPTIONS_MAX = 8 };

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'c':
        options->config = arg;
        return 0;
    case 'd':
        options->place = arg;
        return 0;
    case 'o':
        if (strcmp(arg, "json") != 0 && strcmp(arg, "table") != 0)
            argp_error(state, "--output must be json or table");
        options->json = !strcmp(arg, "json");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option config_row = {.name = "config",
    .key = 'c',
    .arg = "FILE",
    .doc = "INI file with settings; AMENDS_* in the environment overrides it"};
static const struct argp_option place_row = {.name = "data",
    .key = 'd',
    .arg = "DIR",
    .doc = "Use the amends up that runs on DIR (default ./var), unless AMENDS_DATABASE_URL is set"};
static const struct argp_option output_row = {
    .name = "output", .key = 'o', .arg = "json|table", .doc = "Output format (table)"};

struct reading {
    const struct command_line *line;
    void *ret;
};

static const char **text_at(const struct reading *reading, size_t offset)
{
    return (const char **)(void *)((char *)reading->ret + offset);
}

static void store(const struct reading *reading, const struct command_option *option, char *arg,
    struct argp_state *state)
{
    if (option->text) {
        *text_at(reading, option->text) = arg;
    } else if (option->flag) {
        *(bool *)((char *)reading->ret + option->flag) = true;
    } else if (option->values) {
        struct option_values *values = (void *)((char *)reading->ret + option->values);
        if (values->n == OPTION_VALUES_MAX)
            argp_error(state, "more than %d times --%s", OPTION_VALUES_MAX, option->row.name);
        values->at[values->n++] = arg;
    } else {
        reading->line->take(reading->ret, arg, state);
    }
}

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
    const struct reading *reading = state->input;
    const struct command_line *line = reading->line;
    if (key == ARGP_KEY_END && line->check)
        line->check(reading->ret, state);
    if (key == ARGP_KEY_ARG && state->arg_num < 2 && line->words[state->arg_num]) {
        *text_at(reading, line->words[state->arg_num]) = arg;
        return 0;
    }
    for (size_t i = 0; i < line->n; i++) {
        if (line->options[i].row.key != key)
            continue;
        store(reading, &line->options[i], arg, state);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static error_t share_input(int key, char *arg, struct argp_state *state)
{
    (void)arg;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = state->input;
    state->child_inputs[1] = ((const struct reading *)state->input)->ret;
    return 0;
}

/* The command's options come first, so that they win over shared ones with the same letter. */
void options_read(
    const struct command_line *line, unsigned shared, int argc, char **argv, void *ret)
{
    struct argp_option own_rows[OPTIONS_MAX + 1] = {0}, rows[4] = {config_row};
    size_t n = 1;
    if (line->n > OPTIONS_MAX)
        abort();
    for (size_t i = 0; i < line->n; i++)
        own_rows[i] = line->options[i].row;
    if (shared & OPTIONS_PLACE)
        rows[n++] = place_row;
    if (shared & OPTIONS_OUTPUT)
        rows[n++] = output_row;
    const struct argp own = {.options = line->n ? own_rows : NULL,
        .parser = parse_own,
        .args_doc = line->args_doc,
        .doc = line->doc};
    const struct argp common = {.options = rows, .parser = parse};
    const struct argp_child children[] = {{.argp = &own}, {.argp = &common}, {0}};
    const struct argp both = {.parser = share_input, .children = children};
    argp_parse(&both, argc, argv, 0, NULL, &(struct reading){.line = line, .ret = ret});
}

int options_fail(const char *name, const struct scope *s)
{
    fprintf(stderr, "%s: %s%s%s\n", name, s->fault.field ? s->fault.field : "",
        s->fault.field ? ": " : "", s->fault.message);
    return rc_exit_code(s->fault.rc);
}

static enum log_level level_of(const char *name)
{
    static const char *const names[] = {
        [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};
    for (enum log_level level = LOG_DEBUG; level <= LOG_ERROR; level++)
        if (!strcmp(names[level], name))
            return level;
    return LOG_INFO;
}

int options_load(
    struct scope *s, const struct options *options, const char *role, struct config *ret)
{
    if (config_load(s, options->config, ret) != RC_OK) {
        options_fail("amends: configuration", s);
        return EX_CONFIG;
    }
    log_open(role, level_of(ret->log_level), !strcmp(ret->log_format, "json"));
    return 0;
}

/* The URL of `amends up` (place_note_url), or "". */
static const char *read_url(struct scope *s, const char *dir)
{
    char url[300] = "";
    FILE *file = fopen(scope_printf(s, "%s/url", dir), "re");
    if (file && fgets(url, sizeof(url), file))
        url[strcspn(url, "\n")] = '\0';
    if (file)
        fclose(file);
    return scope_strdup(s, url);
}

/* The sockets of `amends up` are in DIR/run, which may be a link (cli/up/up_place.h). */
static void use_place(struct scope *s, const char *dir, struct config *config)
{
    char *run = realpath(scope_printf(s, "%s/run", dir), NULL);
    if (!run)
        return;
    config->database_url = scope_printf(s, "host='%s' port=5432 user=amends dbname=amends", run);
    free(run);
    if (!*config->public_url)
        config->public_url = read_url(s, dir);
    const char *key = scope_printf(s, "%s/master.key", dir);
    if (!*config->key_file && access(key, R_OK) == 0)
        config->key_file = key;
}

int options_load_database(
    struct scope *s, const struct options *options, const char *role, struct config *ret)
{
    int code = options_load(s, options, role, ret);
    if (code || *ret->database_url)
        return code;
    fprintf(stderr, "amends %s: AMENDS_DATABASE_URL is not set\n", role);
    return EX_CONFIG;
}

int options_load_place(
    struct scope *s, const struct options *options, const char *role, struct config *ret)
{
    int code = options_load(s, options, role, ret);
    if (code)
        return code;
    if (!*ret->database_url)
        use_place(s, options->place ? options->place : "./var", ret);
    if (*ret->database_url)
        return 0;
    fprintf(stderr, "amends %s: AMENDS_DATABASE_URL is not set, and no amends up runs on %s\n",
        role, options->place ? options->place : "./var");
    return EX_CONFIG;
}
