#include "api/http/workers.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

/* Longer than deadlock_timeout, so that a deadlock is detected and retried. */
enum { WORKERS_MAX = 16, LOCK_WAIT_MS = 2000 };

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct work *first, **last;
    bool ending;
    const char *url;
    int n;
    pthread_t thread[WORKERS_MAX];
};

static struct work *next_work(struct workers *w)
{
    pthread_mutex_lock(&w->lock);
    while (!w->first && !w->ending)
        pthread_cond_wait(&w->wake, &w->lock);
    struct work *work = w->first;
    if (work) {
        w->first = work->next;
        if (!w->first)
            w->last = &w->first;
    }
    pthread_mutex_unlock(&w->lock);
    return work;
}

static void *work_loop(void *arg)
{
    struct workers *w = arg;
    struct db *db = db_new(w->url, "api");
    db_limit_waits(db, LOCK_WAIT_MS);
    for (struct work *work; (work = next_work(w));)
        work->run(work, db);
    db_free(db);
    return NULL;
}

struct workers *workers_new(const char *database_url, int n)
{
    struct workers *w = calloc(1, sizeof(*w));
    if (!w)
        abort();
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    w->last = &w->first;
    w->url = database_url;
    for (int i = 0; i < n && i < WORKERS_MAX; i++)
        if (!pthread_create(&w->thread[w->n], NULL, work_loop, w))
            w->n++;
    if (!w->n)
        abort();
    return w;
}

void workers_add(struct workers *w, struct work *work)
{
    pthread_mutex_lock(&w->lock);
    work->next = NULL;
    *w->last = work;
    w->last = &work->next;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

void workers_free(struct workers *w)
{
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_broadcast(&w->wake);
    pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < w->n; i++)
        pthread_join(w->thread[i], NULL);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->wake);
    free(w);
}
