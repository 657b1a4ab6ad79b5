#include "core/settings/checks.h"

#include <curl/curl.h>
#include <libpq-fe.h>
#include <string.h>
#include <unistd.h>

#include "core/sign.h"

enum rc settings_check(
    struct scope *s, const struct config *config, const struct settings_check *check)
{
    SCOPE(inner);
    if (check->run(inner, config) == RC_OK)
        return RC_OK;
    return fail_field(s, RC_INVALID, check->setting, "%s", inner->fault.message);
}

enum rc settings_check_all(
    struct scope *s, const struct config *config, const struct settings_check *checks)
{
    return settings_check_waiting(s, config, checks, NULL);
}

enum rc settings_check_waiting(struct scope *s, const struct config *config,
    const struct settings_check *checks, const char *waits)
{
    for (; checks->setting; checks++) {
        bool asked = waits ? checks->waits && !strcmp(checks->waits, waits) : !checks->waits;
        if (asked)
            TRY(settings_check(s, config, checks));
    }
    return RC_OK;
}

enum rc settings_words(struct scope *s, const char *list,
    enum rc (*fn)(struct scope *s, const struct config *config, char *word),
    const struct config *config)
{
    char *rest = scope_strdup(s, list);
    for (char *word; (word = strsep(&rest, " "));)
        if (*word)
            TRY(fn(s, config, word));
    return RC_OK;
}

/* Only the form: whether a server answers is a question for later. */
enum rc settings_database_url(struct scope *s, const struct config *config)
{
    char *error = NULL;
    PQconninfoOption *options = PQconninfoParse(config->database_url, &error);
    if (options) {
        PQconninfoFree(options);
        return RC_OK;
    }
    /* libpq's message repeats the text, which may hold a password. */
    PQfreemem(error);
    return fail(s, RC_INVALID, "is neither a libpq URI nor a conninfo string");
}

static void free_url(CURLU **url)
{
    curl_url_cleanup(*url);
}

enum rc settings_public_url(struct scope *s, const struct config *config)
{
    const char *text = config->public_url;
    CLEANUP(free_url) CURLU *url = curl_url();
    size_t len = strlen(text);
    if (!len)
        return RC_OK;
    bool http = !strncasecmp(text, "http://", 7) || !strncasecmp(text, "https://", 8);
    if (!http || !url || curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
        strpbrk(text, "?#@"))
        return fail(s, RC_INVALID, "\"%s\" is not a URL such as https://status.example.com", text);
    if (text[len - 1] == '/')
        return fail(s, RC_INVALID, "must not end with a slash");
    return RC_OK;
}

enum rc settings_key_file(struct scope *s, const struct config *config)
{
    struct sign *keys = NULL;
    if (!*config->key_file)
        return fail(s, RC_INVALID, "is not set");
    enum rc rc = sign_load(s, config->key_file, false, &keys);
    sign_free(keys);
    return rc;
}

enum rc settings_readable(struct scope *s, const char *path)
{
    return !*path || access(path, R_OK) == 0 ? RC_OK : fail(s, RC_INVALID, "%s: %m", path);
}
