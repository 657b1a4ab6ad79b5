#include "core/db/watch.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct watch {
    const struct watching *watching;
    void *arg;
    struct db *db;
    pthread_t thread;
    int end; /* eventfd */
};

static void *watch_loop(void *arg)
{
    struct watch *watch = arg;
    const struct watching *watching = watch->watching;
    struct pollfd fd[2] = {{.fd = watch->end, .events = POLLIN}};
    bool notified = false;
    while (!(fd[0].revents & POLLIN)) {
        SCOPE(s);
        notified |= db_notified(s, watch->db);
        watching->look(s, watch->db, notified, watch->arg);
        /* A notification that arrived with a result is in libpq's buffer, not in the socket. */
        notified = db_socket(watch->db) >= 0 && db_notified(s, watch->db);
        fd[1] = (struct pollfd){.fd = db_socket(watch->db), .events = POLLIN};
        poll(fd, 2, notified ? 0 : watching->every_ms);
    }
    return NULL;
}

struct watch *watch_start(
    const char *url, const char *role, const struct watching *watching, void *arg)
{
    struct watch *watch = calloc(1, sizeof(*watch));
    if (!watch)
        abort();
    watch->watching = watching;
    watch->arg = arg;
    watch->db = db_new(url, role);
    db_listen(watch->db, watching->channels);
    watch->end = eventfd(0, EFD_CLOEXEC);
    if (watch->end < 0 || pthread_create(&watch->thread, NULL, watch_loop, watch))
        abort();
    return watch;
}

void watch_stop(struct watch *watch)
{
    if (!watch)
        return;
    uint64_t one = 1;
    if (write(watch->end, &one, sizeof(one)) != sizeof(one))
        abort();
    pthread_join(watch->thread, NULL);
    close(watch->end);
    db_free(watch->db);
    free(watch);
}
