#include "cli/options.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "core/log.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    if (key != 'c')
        return ARGP_ERR_UNKNOWN;
    options->config = arg;
    return 0;
}

static const struct argp_option rows[] = {
    {.name = "config",
        .key = 'c',
        .arg = "FILE",
        .doc = "INI file with settings; AMENDS_* in the environment win over it"},
    {0},
};

const struct argp options_argp = {.options = rows, .parser = parse};

void options_parse(int argc, char **argv, const char *doc, struct options *ret)
{
    struct argp argp = options_argp;
    argp.doc = doc;
    argp_parse(&argp, argc, argv, 0, NULL, ret);
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

int options_load_database(
    struct scope *s, const struct options *options, const char *role, struct config *ret)
{
    int code = options_load(s, options, role, ret);
    if (code || *ret->database_url)
        return code;
    fprintf(stderr, "amends %s: AMENDS_DATABASE_URL is not set\n", role);
    return EX_CONFIG;
}
