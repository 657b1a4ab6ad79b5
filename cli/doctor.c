/* amends doctor: is what the roles need there? Each check is a row, so that a person and
 * a program read the same. */
#include <curl/curl.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sysexits.h>

#include "cli/command.h"
#include "cli/options.h"
#include "core/clock.h"
#include "core/db.h"
#include "core/json.h"
#include "core/migrate.h"
#include "core/sign.h"

enum { RELAY_SECONDS = 10, SKEW_SECONDS = 5, DISK_LEAST_PERCENT = 5 };

struct doctor {
    const struct config *config;
    struct db *db;
    json_t *rows;
    bool good;
};

struct doctor_options {
    struct options common;
    bool json;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct doctor_options *options = state->input;
    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = &options->common;
        return 0;
    }
    if (key != 'o')
        return ARGP_ERR_UNKNOWN;
    options->json = !strcmp(arg, "json");
    if (!options->json && strcmp(arg, "table") != 0)
        argp_error(state, "--output is json or table");
    return 0;
}

static void read_options(int argc, char **argv, struct doctor_options *ret)
{
    static const struct argp_option rows[] = {
        {.name = "output", .key = 'o', .arg = "json|table", .doc = "How to print (table)"},
        {0},
    };
    const struct argp_child children[] = {{.argp = &options_place_argp}, {0}};
    const struct argp argp = {.options = rows,
        .parser = parse,
        .children = children,
        .doc = "Check what the roles need: the database and its schema, the keys, the relays, the "
               "clock against the database's, and room on the disk that holds the keys. Exits "
               "with 69 when something is missing."};
    argp_parse(&argp, argc, argv, 0, NULL, ret);
}

__attribute__((format(printf, 5, 6))) static void row(
    struct scope *s, struct doctor *doctor, const char *check, bool good, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *said = scope_vprintf(s, fmt, ap);
    va_end(ap);
    json_array_append_new(
        doctor->rows, json_pack("{s:s, s:b, s:s}", "check", check, "ok", (int)good, "said", said));
    doctor->good = doctor->good && good;
}

struct server_time {
    int64_t now;
};

#define SHAPE_STRUCT struct server_time
static const struct field server_time_fields[] = {FIELD(TIME, now, .required = true)};
static const struct shape server_time_shape = SHAPE("ServerTime", server_time_fields);
#undef SHAPE_STRUCT

STMT(server_time, "SELECT clock_timestamp() AS now", .row = &server_time_shape);

static void check_database(struct scope *s, struct doctor *doctor)
{
    struct server_time server;
    int64_t before = clock_now();
    if (db_one(s, doctor->db, &server_time, NO_PARAMS, &server) != RC_OK) {
        row(s, doctor, "database", false, "%s", s->fault.message);
        return;
    }
    int64_t after = clock_now();
    row(s, doctor, "database", true, "answers in %lld us", (long long)(after - before));
    int64_t skew = server.now < before  ? before - server.now
                   : server.now > after ? server.now - after
                                        : 0;
    row(s, doctor, "clock", skew < SKEW_SECONDS * CLOCK_SECOND, "%lld ms from the database's",
        (long long)(skew / 1000));
    int level = 0, latest = migrate_latest();
    if (migrate_level(s, doctor->db, &level) != RC_OK)
        row(s, doctor, "schema", false, "%s", s->fault.message);
    else
        row(s, doctor, "schema", level == latest, "at %04d, this executable's is %04d%s", level,
            latest, level < latest ? ": run amends migrate" : "");
}

static void check_keys(struct scope *s, struct doctor *doctor)
{
    const char *path = doctor->config->key_file;
    struct sign *keys = NULL;
    if (!*path) {
        row(s, doctor, "keys", false, "AMENDS_KEY_FILE is not set");
        return;
    }
    if (sign_load(s, path, false, &keys) != RC_OK)
        row(s, doctor, "keys", false, "%s", s->fault.message);
    else
        row(s, doctor, "keys", true, "%s", path);
    sign_free(keys);
    struct statvfs fs;
    if (statvfs(dirname(scope_strdup(s, path)), &fs) != 0 || !fs.f_blocks)
        return;
    int percent = (int)(100 * fs.f_bavail / fs.f_blocks);
    row(s, doctor, "disk", percent >= DISK_LEAST_PERCENT, "%d %% free where the keys are", percent);
}

/* Opens the session as the notifier does, TLS and AUTH included, and says nothing more. The
 * URL may hold a password: rows name the relay by its number. */
static void check_relay(struct scope *s, struct doctor *doctor, const char *url, int number)
{
    char why[CURL_ERROR_SIZE] = "";
    CURL *curl = curl_easy_init();
    if (!curl)
        abort();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)RELAY_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)RELAY_SECONDS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
    CURLcode code = curl_easy_perform(curl);
    const char *name = scope_printf(s, "relay %d", number);
    row(s, doctor, name, code == CURLE_OK, "%s",
        code == CURLE_OK ? "greets us"
        : *why           ? why
                         : curl_easy_strerror(code));
    curl_easy_cleanup(curl);
}

static void check_relays(struct scope *s, struct doctor *doctor)
{
    char *rest = scope_strdup(s, doctor->config->smtp_url);
    int n = 0;
    for (char *url; (url = strsep(&rest, " "));)
        if (*url)
            check_relay(s, doctor, url, ++n);
    if (!n)
        row(s, doctor, "relay", true, "none set: e-mail waits");
}

/* Numbers exist that earn by being written to. */
static void check_sms(struct scope *s, struct doctor *doctor)
{
    const struct config *config = doctor->config;
    if (*config->sms_provider)
        row(s, doctor, "sms", true, "/subscribe may write to %s",
            *config->sms_countries ? config->sms_countries : "any country: see sms_countries");
}

static void print(struct scope *s, const struct doctor *doctor, bool as_json)
{
    if (as_json) {
        puts(json_text(s, doctor->rows));
        return;
    }
    size_t i;
    json_t *at;
    json_array_foreach(doctor->rows, i, at)
    {
        printf("%-10s %-4s %s\n", json_string_value(json_object_get(at, "check")),
            json_is_true(json_object_get(at, "ok")) ? "ok" : "BAD",
            json_string_value(json_object_get(at, "said")));
    }
}

int command_doctor(int argc, char **argv)
{
    struct doctor_options options = {0};
    read_options(argc, argv, &options);
    SCOPE(s);
    struct config config;
    int code = options_load_place(s, &options.common, "doctor", &config);
    if (code)
        return code;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct doctor doctor = {.config = &config,
        .db = db_new(config.database_url, "amends doctor"),
        .rows = json_own(s, json_array()),
        .good = true};
    check_database(s, &doctor);
    check_keys(s, &doctor);
    check_relays(s, &doctor);
    check_sms(s, &doctor);
    db_free(doctor.db);
    print(s, &doctor, options.json);
    return doctor.good ? 0 : EX_UNAVAILABLE;
}
