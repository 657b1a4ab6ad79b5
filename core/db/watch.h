#ifndef CORE_DB_WATCH_H
#define CORE_DB_WATCH_H
/*
 * A thread that listens to the database: with a connection of its own it looks whenever a
 * channel speaks, when the connection was lost and is there again, and every so often anyway,
 * because a notification may be missed and polling is the truth.
 *
 *     static const char *const channels[] = {"signup", NULL};
 *     static void look(struct scope *s, struct db *db, bool notified, void *arg) { ... }
 *     const struct watching watching = {.channels = channels, .every_ms = 5000, .look = look};
 *     struct watch *watch = watch_start(url, "api", &watching, arg);
 */
#include "core/db/db.h"

struct watching {
    const char *const *channels; /* NULL-terminated, static */
    int every_ms;
    /* On the thread; s lasts for this look. The database may be away: db_socket says so. */
    void (*look)(struct scope *s, struct db *db, bool notified, void *arg);
};

struct watch;

/* The first look comes at once. arg outlives the watch; it aborts without a thread. */
struct watch *watch_start(
    const char *url, const char *role, const struct watching *watching, void *arg);
void watch_stop(struct watch *watch); /* after a look that has begun; NULL is fine */

#endif
