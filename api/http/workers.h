#pragma once
/* A small pool of threads for requests that block; each has its own database connection. */
#include "core/db/db.h"

struct workers;

struct work {
    void (*run)(struct work *work, struct db *db); /* takes ownership of the work */
    struct work *next;
};

struct workers *workers_new(const char *database_url, int n);
void workers_add(struct workers *workers, struct work *work);
void workers_free(struct workers *workers); /* completes queued work first */
