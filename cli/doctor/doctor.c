/* amends doctor: read the options, run the checks, print the rows. */
#include "cli/doctor/doctor.h"

#include <curl/curl.h>
#include <stdio.h>
#include <sysexits.h>

#include "cli/command.h"
#include "core/json.h"

static struct {
    bool json;
    const char *resolver;
} given;

static const struct command_option options[] = {
    OPTION(&given.json, .name = "json", .key = 'j', .doc = "Same as --output json"),
    OPTION(&given.resolver, .name = "resolver", .arg = "IPv4[:PORT]",
        .doc = "Name server to use instead of the system's"),
    {0}};

static void print(const json_t *rows)
{
    size_t i;
    json_t *at;
    json_array_foreach(rows, i, at)
    {
        const char *todo = json_get_text(at, "todo");
        printf("%-10s %-4s %s\n", json_get_text(at, "check"), json_get_text(at, "state"),
            json_get_text(at, "said"));
        if (todo)
            printf("%-10s   -> %s\n", "", todo);
    }
}

static enum rc run(struct scope *s, struct invocation *in)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct doctor doctor = {.config = &in->config,
        .db = in->db,
        .resolver = given.resolver,
        .rows = json_own(s, json_array()),
        .good = true};
    doctor_settings(s, &doctor);
    doctor_database(s, &doctor);
    doctor_place(s, &doctor);
    doctor_oidc(s, &doctor);
    doctor_account_oidc(s, &doctor);
    doctor_claims(s, &doctor);
    doctor_slack(s, &doctor);
    doctor_relays(s, &doctor);
    doctor_dns(s, &doctor);
    in->json = in->json || given.json;
    in->exit = doctor.good ? 0 : EX_UNAVAILABLE;
    return command_show(s, in, doctor.rows, print);
}

static const struct command_verb verbs[] = {
    {.name = "", .needs = NEED_DATABASE, .busy = "Checking", .run = run}, {0}};

const struct command command_doctor = {.name = "doctor",
    .summary = "Check database, keys, relays, clock and disk",
    .doc = "Check the prerequisites of the roles: the settings, the database, its schema and "
           "clock, connected "
           "roles, the keys and their disk, the public URL, the OpenID providers of staff and of "
           "accounts, "
           "claims near their deadline, a session per relay, and SPF, DKIM and DMARC of the "
           "sender's domain. Each row reports "
           "ok, warn or fail, with advice. Exits with 69 if a row is fail.",
    .options = options,
    .verbs = verbs};
