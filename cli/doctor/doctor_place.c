#include <curl/curl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "cli/doctor/doctor.h"
#include "core/clock.h"
#include "core/db/migrate.h"
#include "core/net/net.h"
#include "core/settings/checks.h"

enum { SKEW_SECONDS = 5, DISK_LEAST_PERCENT = 5, DISK_WARN_PERCENT = 15, URL_SECONDS = 5 };

SHAPE_STATIC(struct server_time, server_time_shape, "ServerTime",
    FIELD(TIME, now, .required = true), FIELD(BOOL, standby, .required = true));

SHAPE_STATIC(struct connected, connected_shape, "Connected", FIELD(INT, api, .required = true),
    FIELD(INT, notifier, .required = true), FIELD(INT, billing, .required = true));

STMT(server_time, "SELECT clock_timestamp() AS now, pg_is_in_recovery() AS standby",
    .row = &server_time_shape);

/* A notifier lives as long as its session lock; the other roles are known by application name. */
STMT(roles_connected,
    "SELECT count(*) FILTER (WHERE application_name = 'api') AS api,"
    " count(*) FILTER (WHERE application_name = 'billing') AS billing,"
    " (SELECT count(*) FROM amends.notifier_alive) AS notifier"
    " FROM pg_stat_activity WHERE datname = current_database()",
    .row = &connected_shape);

static void check_schema(struct scope *s, struct doctor *doctor)
{
    struct schema_seen schema;
    if (migrate_look(s, doctor->db, &schema) != RC_OK)
        doctor_row(s, doctor, "schema", HEALTH_FAIL, "look again", "%s", s->fault.message);
    else
        doctor_row(s, doctor, "schema", schema.is == SCHEMA_OURS ? HEALTH_OK : HEALTH_FAIL,
            schema.fix, "%s", schema.at);
}

static void role_row(struct scope *s, struct doctor *doctor, const char *role, int64_t n)
{
    if (n)
        doctor_row(s, doctor, role, HEALTH_OK, NULL, "%lld connected", (long long)n);
    else
        doctor_row(s, doctor, role, HEALTH_WARN, scope_printf(s, "start amends %s", role),
            "not connected");
}

static void check_roles(struct scope *s, struct doctor *doctor)
{
    struct connected n;
    if (db_one(s, doctor->db, &roles_connected, NO_PARAMS, &n) != RC_OK)
        return;
    role_row(s, doctor, "api", n.api);
    role_row(s, doctor, "notifier", n.notifier);
    role_row(s, doctor, "billing", n.billing);
}

void doctor_database(struct scope *s, struct doctor *doctor)
{
    struct server_time server;
    int64_t before = clock_now();
    if (db_one(s, doctor->db, &server_time, NO_PARAMS, &server) != RC_OK) {
        doctor_row(s, doctor, "database", HEALTH_FAIL,
            "check database_url, and that the server runs and accepts this machine", "%s",
            s->fault.message);
        return;
    }
    int64_t after = clock_now();
    if (server.standby)
        doctor_row(s, doctor, "database", HEALTH_FAIL,
            "list every node in database_url, with target_session_attrs=read-write",
            "a standby, which is read-only");
    else
        doctor_row(s, doctor, "database", HEALTH_OK, NULL, "answers in %lld us",
            (long long)(after - before));
    int64_t skew = server.now < before  ? before - server.now
                   : server.now > after ? server.now - after
                                        : 0;
    bool good = skew < SKEW_SECONDS * CLOCK_SECOND;
    doctor_row(s, doctor, "clock", good ? HEALTH_OK : HEALTH_FAIL,
        good ? NULL : "synchronise both machines by NTP", "%lld ms off the database's clock",
        (long long)(skew / 1000));
    check_schema(s, doctor);
    check_roles(s, doctor);
}

static void check_disk(struct scope *s, struct doctor *doctor, const char *path)
{
    struct statvfs fs;
    if (statvfs(dirname(scope_strdup(s, path)), &fs) != 0 || !fs.f_blocks)
        return;
    int percent = (int)(100 * fs.f_bavail / fs.f_blocks);
    enum health health = percent < DISK_LEAST_PERCENT  ? HEALTH_FAIL
                         : percent < DISK_WARN_PERCENT ? HEALTH_WARN
                                                       : HEALTH_OK;
    doctor_row(s, doctor, "disk", health, health ? "make room" : NULL,
        "%d %% free on the disk of the keys", percent);
}

static void check_keys(struct scope *s, struct doctor *doctor)
{
    const char *path = doctor->config->key_file;
    struct stat st;
    if (settings_key_file(s, doctor->config) != RC_OK)
        return;
    if (stat(path, &st) == 0 && st.st_mode & (S_IRWXG | S_IRWXO))
        doctor_row(s, doctor, "keys", HEALTH_FAIL, scope_printf(s, "chmod 600 %s", path),
            "users other than its owner may read %s", path);
    else
        doctor_row(s, doctor, "keys", HEALTH_OK, NULL, "%s", path);
    check_disk(s, doctor, path);
}

static void judge_url(struct scope *s, struct doctor *doctor, const char *url, CURL *curl)
{
    CURLcode code = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK)
        doctor_row(s, doctor, "public_url", HEALTH_WARN,
            "check name, certificate and proxy: every link uses it", "%s: %s", url,
            curl_easy_strerror(code));
    else if (status != 200)
        doctor_row(s, doctor, "public_url", HEALTH_WARN,
            "have the proxy forward every path to the api", "%s/healthz returns %ld", url, status);
    else if (!strncmp(url, "http:", 5) && !strstr(url, "//127.") && !strstr(url, "//localhost"))
        doctor_row(s, doctor, "public_url", HEALTH_WARN, "serve it over https", "%s answers", url);
    else
        doctor_row(s, doctor, "public_url", HEALTH_OK, NULL, "%s answers", url);
}

static void check_url(struct scope *s, struct doctor *doctor)
{
    const char *url = doctor->config->public_url;
    if (!*url || settings_public_url(s, doctor->config) != RC_OK)
        return;
    STRBUF(body, 4096);
    CURL *curl = curl_easy_init();
    if (!curl)
        abort();
    curl_easy_setopt(curl, CURLOPT_URL, scope_printf(s, "%s/healthz", url));
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)URL_SECONDS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, net_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    judge_url(s, doctor, url, curl);
    curl_easy_cleanup(curl);
}

/* SMS to premium-rate numbers are a means of fraud. */
static void check_sms(struct scope *s, struct doctor *doctor)
{
    const struct config *config = doctor->config;
    if (!*config->sms_provider)
        return;
    bool any = !*config->sms_countries;
    doctor_row(s, doctor, "sms", any ? HEALTH_WARN : HEALTH_OK,
        any ? "set sms_countries: SMS to premium-rate numbers are a means of fraud" : NULL,
        "/subscribe may send SMS to %s", any ? "any country" : config->sms_countries);
}

void doctor_place(struct scope *s, struct doctor *doctor)
{
    check_keys(s, doctor);
    check_url(s, doctor);
    check_sms(s, doctor);
}
