#include "api/signup_desk.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/db.h"
#include "core/log.h"

enum { LOOK_MS = 5000 };
#define CHORES_US (60 * CLOCK_SECOND)

struct signup_desk {
    struct db *db;
    pthread_t thread;
    int wake; /* eventfd: end */
};

static const char *const channels[] = {"signup", NULL};

STMT(signup_settle_all, "SELECT signup_settle()");
STMT(signup_chores, "SELECT reader_chores()");

static void try_statement(struct signup_desk *desk, const struct stmt *stmt)
{
    SCOPE(s);
    if (db_do(s, desk->db, stmt, NO_PARAMS, NULL) != RC_OK)
        log_fault("readers' requests wait", s);
}

static void *desk_loop(void *arg)
{
    struct signup_desk *desk = arg;
    struct pollfd fd[2] = {{.fd = desk->wake, .events = POLLIN}};
    int64_t chores = 0;
    while (!(fd[0].revents & POLLIN)) {
        SCOPE(s);
        db_notified(s, desk->db);
        if (db_socket(desk->db) >= 0)
            try_statement(desk, &signup_settle_all);
        if (db_socket(desk->db) >= 0 && clock_monotonic() - chores > CHORES_US) {
            try_statement(desk, &signup_chores);
            chores = clock_monotonic();
        }
        fd[1] = (struct pollfd){.fd = db_socket(desk->db), .events = POLLIN};
        poll(fd, 2, LOOK_MS);
    }
    return NULL;
}

struct signup_desk *signup_desk_start(const struct api *api)
{
    struct signup_desk *desk = calloc(1, sizeof(*desk));
    if (!desk)
        abort();
    desk->db = db_new(api->config->database_url, "api");
    db_listen(desk->db, channels);
    desk->wake = eventfd(0, EFD_CLOEXEC);
    if (desk->wake < 0 || pthread_create(&desk->thread, NULL, desk_loop, desk))
        abort();
    return desk;
}

void signup_desk_stop(struct signup_desk *desk)
{
    uint64_t one = 1;
    if (write(desk->wake, &one, sizeof(one)) != sizeof(one))
        abort();
    pthread_join(desk->thread, NULL);
    close(desk->wake);
    db_free(desk->db);
    free(desk);
}
