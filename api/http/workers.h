#ifndef API_HTTP_WORKERS_H
#define API_HTTP_WORKERS_H
/* A small pool of threads for requests that wait: each has its own database connection. */
#include "core/db/db.h"

struct workers;

struct work {
    void (*run)(struct work *work, struct db *db); /* owns the work from here on */
    struct work *next;
};

struct workers *workers_new(const char *database_url, int n);
void workers_add(struct workers *workers, struct work *work);
void workers_free(struct workers *workers); /* ends what is queued first */

#endif
