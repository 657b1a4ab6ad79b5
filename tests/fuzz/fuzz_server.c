/* No bytes on a connection crash the whole server, libmicrohttpd included, or leave it without an
 * answer. The server is the real one, on a Unix socket instead of a port, so that a million
 * connections use up no port; it has no database, so a page that needs one is answered 503. */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sched.h>
#include <sodium.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/access/staff.h"
#include "api/console/console.h"
#include "api/http/proxies.h"
#include "api/public/page_cache.h"
#include "api/server.h"
#include "core/log.h"
#include "core/net/net.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { ANSWER_MS = 20000, SPINS = 20000000 }; /* with sanitizers on a busy machine */

static struct {
    struct scope *s;
    struct config config;
    struct api api;
    struct server *server;
    struct sockaddr_un address;
    socklen_t len;
} front;

static void stop(void)
{
    server_stop(front.server, 0);
    page_cache_stop(front.api.page_cache);
    scope_free(front.s);
}

static void must(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    abort();
}

static void free_keys(void *keys)
{
    sign_free(keys);
}

static struct sign *make_keys(struct scope *s)
{
    char dir[] = "/tmp/amends-fuzz-XXXXXX";
    struct sign *keys = NULL;
    must(mkdtemp(dir) != NULL, "mkdtemp");
    const char *path = scope_printf(s, "%s/key", dir);
    must(sign_load(s, path, true, &keys) == RC_OK, "key");
    scope_defer(s, free_keys, keys);
    unlink(path);
    rmdir(dir);
    return keys;
}

/* An abstract socket; the kernel picks the name. */
static int listen_unix(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    front.address.sun_family = AF_UNIX;
    front.len = sizeof(front.address);
    must(fd >= 0 && bind(fd, (struct sockaddr *)&front.address, sizeof(sa_family_t)) == 0 &&
             listen(fd, SOMAXCONN) == 0 &&
             getsockname(fd, (struct sockaddr *)&front.address, &front.len) == 0,
        "listen");
    return fd;
}

static void start(void)
{
    front.s = scope_new();
    must(sodium_init() >= 0, "sodium_init");
    log_open("fuzz", LOG_ERROR + 1, false);
    net_start();
    shape_defaults(front.s, &config_shape, &front.config);
    front.config.database_url = "host=/nonexistent";
    const struct proxies *proxies;
    must(proxies_read(front.s, &front.config, &proxies) == RC_OK, "proxies");
    front.api = (struct api){.config = &front.config,
        .keys = make_keys(front.s),
        .proxies = proxies,
        .staff = &staff_guard,
        .staff_failure = console_failure,
        .public_url = "http://localhost:8080"};
    front.api.page_cache = page_cache_start(&front.api);
    must(server_start(front.s, &front.api, listen_unix(), -1, &front.server) == RC_OK, "server");
    atexit(stop);
}

static int dial(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int failed = -1;
    while (fd >= 0 && (failed = connect(fd, (struct sockaddr *)&front.address, front.len)) &&
           errno == EAGAIN)
        poll(NULL, 0, 1);
    must(failed == 0, "connect");
    return fd;
}

/* Send what the server takes, and then say that this was all, so that it need not wait for more.
 * Only once it has read all: libmicrohttpd takes a short read for the last one, so it sees an end
 * that arrives with the bytes when the watcher of clients looks. Returns whether all is said. */
static bool put(int fd, const uint8_t **bytes, size_t *left)
{
    int unread = 0;
    ssize_t n = *left ? send(fd, *bytes, *left, MSG_NOSIGNAL) : 0;
    if (n < 0)
        return errno != EAGAIN;
    *bytes += n;
    *left -= (size_t)n;
    if (*left || (ioctl(fd, SIOCOUTQ, &unread) == 0 && unread))
        return false;
    shutdown(fd, SHUT_WR);
    return true;
}

/* One connection from its first byte to its end; the head of the first reply goes to ret. */
static void converse(const uint8_t *bytes, size_t left, char *ret, size_t cap)
{
    int fd = dial();
    bool sent = false;
    int waited = 0;
    size_t kept = 0;
    for (;;) {
        sent = sent || put(fd, &bytes, &left);
        struct pollfd at = {.fd = fd, .events = POLLIN};
        waited = poll(&at, 1, sent ? ANSWER_MS : 0) > 0 ? 0 : waited + 1;
        must(sent ? !waited : waited < SPINS, "the server does not answer");
        sched_yield();
        char reply[16384];
        ssize_t n = recv(fd, reply, sizeof(reply), 0);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            break;
        size_t more = n < 0 ? 0 : (size_t)n < cap - 1 - kept ? (size_t)n : cap - 1 - kept;
        memcpy(ret + kept, reply, more);
        kept += more;
    }
    ret[kept] = '\0';
    close(fd);
}

static void still_healthy(void)
{
    static const char probe[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    char head[64];
    converse((const uint8_t *)probe, sizeof(probe) - 1, head, sizeof(head));
    must(!strncmp(head, "HTTP/1.1 200 ", 13), "it is no longer healthy");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static unsigned n;
    char head[64];
    if (!front.server)
        start();
    converse(bytes, size, head, sizeof(head));
    must(!*head || !strncmp(head, "HTTP/1.1 ", 9), "no status line");
    must(strncmp(head, "HTTP/1.1 500", 12) != 0, "an internal error");
    if (n++ % 64 == 0)
        still_healthy();
    return 0;
}
