/* A role's messages to its service manager: ready and keep-alives; the sources of secrets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/config.h"
#include "core/service.h"
#include "tests/unit/tap.h"

static int manager_open(struct scope *s, const char *dir)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s/notify", dir);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0)
        abort();
    setenv("NOTIFY_SOCKET", scope_strdup(s, at.sun_path), 1);
    return fd;
}

/* The message, or "". */
static const char *heard(struct scope *s, int fd)
{
    char text[256];
    ssize_t n = recv(fd, text, sizeof text, 0);
    return n > 0 ? scope_strndup(s, text, (size_t)n) : "";
}

static void test_watchdog(struct scope *s, const char *dir)
{
    ok(service_alive() == -1, "nobody watches: rest as long as you like");
    int fd = manager_open(s, dir);
    setenv("WATCHDOG_USEC", "400000", 1);
    ok(service_start(s) == RC_OK, "a service starts");
    service_ready("here");
    ok(!strcmp(heard(s, fd), "READY=1\nSTATUS=here"), "it says that it is ready");
    int rest = service_alive();
    ok(!strcmp(heard(s, fd), "WATCHDOG=1"), "the loop's first turn is a sign of life");
    ok(rest > 0 && rest <= 101, "and may rest for a quarter of the interval: %d ms", rest);
    service_alive();
    ok(!*heard(s, fd), "the next turn at once is none");
    usleep((useconds_t)rest * 1000);
    service_alive();
    ok(!strcmp(heard(s, fd), "WATCHDOG=1"), "after the rest comes another");
    close(fd);
}

static void credential(struct scope *s, const char *dir, const char *name, const char *value)
{
    FILE *file = fopen(scope_printf(s, "%s/%s", dir, name), "we");
    if (!file)
        abort();
    fputs(value, file);
    fclose(file);
}

static void test_credentials(struct scope *s, const char *dir)
{
    struct config config;
    setenv("CREDENTIALS_DIRECTORY", dir, 1);
    credential(s, dir, "amends_smtp_url", "smtp://relay:25\n");
    credential(s, dir, "amends_key_file", "k1 ...\n");
    credential(s, dir, "somebody_elses", "x\n");
    ok(config_load(s, NULL, &config) == RC_OK, "credentials are read");
    ok(!strcmp(config.smtp_url, "smtp://relay:25"), "without the line's end");
    ok(!strcmp(config.key_file, scope_printf(s, "%s/amends_key_file", dir)),
        "the key file is named, not read");
    setenv("AMENDS_SMTP_URL", "smtp://other:25", 1);
    ok(config_load(s, NULL, &config) == RC_OK && !strcmp(config.smtp_url, "smtp://other:25"),
        "the environment wins");
    credential(s, dir, "amends_smtp_uri", "smtp://relay:25\n");
    ok(config_load(s, NULL, &config) == RC_INVALID, "a misspelt one is refused");
    ok(s->fault.field && !strcmp(s->fault.field, "smtp_uri"), "by its name");
    setenv("CREDENTIALS_DIRECTORY", "/nowhere", 1);
    ok(config_load(s, NULL, &config) == RC_INVALID, "so is a directory that is not there");
}

int main(void)
{
    SCOPE(s);
    char dir[] = "/tmp/amends-service-XXXXXX";
    if (!mkdtemp(dir))
        abort();
    test_watchdog(s, dir);
    test_credentials(s, dir);
    static const char *const left[] = {
        "notify", "amends_smtp_url", "amends_smtp_uri", "amends_key_file", "somebody_elses"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        unlink(scope_printf(s, "%s/%s", dir, left[i]));
    rmdir(dir);
    return tap_end();
}
