/* amends doctor: read the options, run the checks, print the rows. */
#include "cli/doctor/doctor.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cli/command.h"
#include "cli/options.h"
#include "core/json.h"

struct arguments {
    struct options common; /* first member: filled by options_read */
    const char *resolver;
};

static void read_options(int argc, char **argv, struct arguments *ret)
{
    static const struct command_option rows[] = {
        OPTION_FLAG("json", 'j', common.json, "Same as --output json"),
        OPTION_TEXT(
            "resolver", 'r', "IPv4[:PORT]", resolver, "Name server to use instead of the system's"),
    };
    const struct command_line line = {OPTIONS(rows),
        .doc = "Check the prerequisites of the roles: the database, its schema and clock, "
               "connected roles, the keys and their disk, the public URL, the OpenID provider if "
               "configured, a session per relay, and SPF, DKIM and DMARC of the sender's domain. "
               "Each row reports ok, warn or fail, with advice. Exits with 69 if a row is fail."};
    options_read(&line, OPTIONS_PLACE | OPTIONS_OUTPUT, argc, argv, ret);
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
        const char *todo = json_get_text(at, "todo");
        printf("%-10s %-4s %s\n", json_get_text(at, "check"), json_get_text(at, "state"),
            json_get_text(at, "said"));
        if (todo)
            printf("%-10s   -> %s\n", "", todo);
    }
}

int command_doctor(int argc, char **argv)
{
    struct arguments options = {0};
    read_options(argc, argv, &options);
    SCOPE(s);
    struct config config;
    int code = options_load_place(s, &options.common, "doctor", &config);
    if (code)
        return code;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct doctor doctor = {.config = &config,
        .db = db_new(config.database_url, "amends doctor"),
        .resolver = options.resolver,
        .rows = json_own(s, json_array()),
        .good = true};
    doctor_database(s, &doctor);
    doctor_place(s, &doctor);
    doctor_oidc(s, &doctor);
    doctor_relays(s, &doctor);
    doctor_dns(s, &doctor);
    db_free(doctor.db);
    print(s, &doctor, options.common.json);
    return doctor.good ? 0 : EX_UNAVAILABLE;
}
