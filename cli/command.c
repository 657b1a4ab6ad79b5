#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/shell/progress.h"
#include "core/json.h"
#include "core/log.h"

int command_fail(const char *name, const struct scope *s)
{
    fprintf(stderr, "%s: %s%s%s\n", name, s->fault.field ? s->fault.field : "",
        s->fault.field ? ": " : "", s->fault.message);
    return rc_exit_code(s->fault.rc);
}

enum rc command_show(struct scope *s, const struct invocation *in, const json_t *result,
    void (*print)(const json_t *result))
{
    progress_end();
    if (in->json)
        puts(json_text(s, result));
    else
        print(result);
    return RC_OK;
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

/* The sockets of `amends up` are in DIR/run, which may be a link (cli/up/up_place.h). */
static void use_place(struct scope *s, const char *dir, struct config *config)
{
    char *run = realpath(scope_printf(s, "%s/run", dir), NULL);
    if (!run)
        return;
    config->database_url = scope_printf(s, "host='%s' port=5432 user=amends dbname=amends", run);
    free(run);
    const char *url = client_read_line(s, dir, "url");
    if (!*config->public_url && url)
        config->public_url = url;
    const char *key = scope_printf(s, "%s/master.key", dir);
    if (!*config->key_file && access(key, R_OK) == 0)
        config->key_file = key;
}

static int load_config(struct scope *s, struct invocation *in)
{
    struct config *config = &in->config;
    if (config_load(s, in->config_file, config) != RC_OK) {
        command_fail("amends: configuration", s);
        return EX_CONFIG;
    }
    log_open(in->command->name, level_of(config->log_level), !strcmp(config->log_format, "json"));
    return 0;
}

/* Without AMENDS_DATABASE_URL, commands with --data use the database of that `amends up`. */
static int open_database(struct scope *s, struct invocation *in)
{
    bool has_place = in->command->share <= SHARE_PLACE;
    if (!*in->config.database_url && has_place)
        use_place(s, in->place, &in->config);
    if (!*in->config.database_url) {
        fprintf(stderr, "%s: AMENDS_DATABASE_URL is not set%s%s\n", in->name,
            has_place ? ", and no amends up runs on " : "", has_place ? in->place : "");
        return EX_CONFIG;
    }
    in->db = db_new(in->config.database_url, in->name);
    return 0;
}

static int provide(struct scope *s, struct invocation *in)
{
    enum need needs = in->verb->needs;
    if (needs == NEED_API)
        return client_open(s, in->place, &in->client) == RC_OK ? 0 : command_fail(in->name, s);
    int code = needs == NEED_NOTHING ? 0 : load_config(s, in);
    return code || needs != NEED_DATABASE ? code : open_database(s, in);
}

int command_run(const struct command *command, int argc, char **argv)
{
    SCOPE(s);
    struct invocation in = {.command = command, .name = argv[0], .place = "./var"};
    options_read(s, argc, argv, &in);
    int code = provide(s, &in);
    if (!code) {
        progress_begin(in.verb->busy);
        enum rc rc = in.verb->run(s, &in);
        progress_end();
        code = rc == RC_OK ? in.exit : command_fail(in.name, s);
    }
    db_free(in.db);
    return code && command->failure ? command->failure : code;
}
