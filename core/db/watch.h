#pragma once
/*
 * A thread that listens to the database on its own connection. It calls look() on each
 * notification, after each reconnect, and at an interval, since notifications may get lost.
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
    /* Runs on the thread; s lasts for this call. The database may be down: see db_socket. */
    void (*look)(struct scope *s, struct db *db, bool notified, void *arg);
};

struct watch;

/* The first call to look() is immediate. arg must outlive the watch. Aborts if it cannot start the
 * thread. */
struct watch *watch_start(
    const char *url, const char *role, const struct watching *watching, void *arg);
void watch_stop(struct watch *watch); /* waits for a running look(); NULL is fine */
