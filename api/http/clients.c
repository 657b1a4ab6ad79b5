#include "api/http/clients.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"

enum { BUCKETS = 1024, HEAD_US = 15 * 1000 * 1000 };

struct clients {
    const struct proxies *proxies;
    int limit, most;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below, and of every client's due */
    pthread_cond_t ended;
    bool end;
    int n; /* of clients */
    struct client *bucket[BUCKETS];
};

/* With IPv4 as RFC 4291 2.5.5.2 maps it. */
static void read_address(const struct sockaddr *from, unsigned char ret[static 16])
{
    memset(ret, 0, 16);
    if (from->sa_family == AF_INET) {
        ret[10] = ret[11] = 0xff;
        memcpy(ret + 12, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
    } else if (from->sa_family == AF_INET6) {
        const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;
        memcpy(ret, six, sizeof(*six));
    }
}

/* What counts as one address: an IPv4 address, an IPv6 /64. */
static void widen(unsigned char address[static 16])
{
    if (!IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)(const void *)address))
        memset(address + 8, 0, 8);
}

static struct client **bucket_of(struct clients *clients, const unsigned char *address)
{
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (int i = 0; i < 16; i++)
        hash = (hash ^ address[i]) * 16777619U;
    return &clients->bucket[hash % BUCKETS];
}

static void shut(struct client *c)
{
    shutdown(c->fd, SHUT_RDWR);
    c->due = 0;
}

/* Nothing more will come. libmicrohttpd takes a short read for the last one, so it has not seen an
 * end that arrived together with bytes. */
static bool has_ended(const struct client *c)
{
    char byte;
    return recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void shut_late(struct clients *clients, int64_t now)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct client *c = clients->bucket[i]; c; c = c->next)
            if (c->due && (c->due <= now || has_ended(c)))
                shut(c);
}

/* Make room before libmicrohttpd stops to accept. */
static void shut_longest(struct clients *clients)
{
    struct client *longest = NULL;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct client *c = clients->bucket[i]; c; c = c->next)
            if (c->due && (!longest || c->since < longest->since))
                longest = c;
    if (longest)
        shut(longest);
}

static void *watch(void *arg)
{
    struct clients *clients = arg;
    pthread_mutex_lock(&clients->lock);
    while (!clients->end) {
        shut_late(clients, clock_monotonic());
        struct timespec at;
        clock_gettime(CLOCK_REALTIME, &at);
        at.tv_sec++;
        pthread_cond_timedwait(&clients->ended, &clients->lock, &at);
    }
    pthread_mutex_unlock(&clients->lock);
    return NULL;
}

struct clients *clients_new(const struct proxies *proxies, int limit, int most)
{
    struct clients *clients = calloc(1, sizeof(*clients));
    if (!clients)
        abort();
    clients->proxies = proxies;
    clients->limit = limit;
    clients->most = most;
    pthread_mutex_init(&clients->lock, NULL);
    pthread_cond_init(&clients->ended, NULL);
    if (pthread_create(&clients->thread, NULL, watch, clients) != 0)
        abort();
    return clients;
}

void clients_free(struct clients *clients)
{
    if (!clients)
        return;
    pthread_mutex_lock(&clients->lock);
    clients->end = true;
    pthread_cond_signal(&clients->ended);
    pthread_mutex_unlock(&clients->lock);
    pthread_join(clients->thread, NULL);
    pthread_cond_destroy(&clients->ended);
    pthread_mutex_destroy(&clients->lock);
    free(clients);
}

bool clients_admit(struct clients *clients, const struct sockaddr *from)
{
    unsigned char address[16];
    read_address(from, address);
    if (proxies_hold(clients->proxies, address))
        return true;
    widen(address);
    int n = 0;
    pthread_mutex_lock(&clients->lock);
    for (struct client *c = *bucket_of(clients, address); c && n < clients->limit; c = c->next)
        n += !memcmp(c->address, address, sizeof(address));
    pthread_mutex_unlock(&clients->lock);
    return n < clients->limit;
}

struct client *client_new(struct clients *clients, const struct sockaddr *from, int fd)
{
    struct client *client = calloc(1, sizeof(*client));
    if (!client)
        abort();
    client->clients = clients;
    client->fd = fd;
    client->since = clock_monotonic();
    client->due = client->since + HEAD_US;
    read_address(from, client->address);
    widen(client->address);
    struct client **bucket = bucket_of(clients, client->address);
    pthread_mutex_lock(&clients->lock);
    client->next = *bucket;
    client->self = bucket;
    if (client->next)
        client->next->self = &client->next;
    *bucket = client;
    if (++clients->n > clients->most)
        shut_longest(clients);
    pthread_mutex_unlock(&clients->lock);
    return client;
}

void client_free(struct client *client)
{
    pthread_mutex_lock(&client->clients->lock);
    *client->self = client->next;
    if (client->next)
        client->next->self = client->self;
    client->clients->n--;
    pthread_mutex_unlock(&client->clients->lock);
    free(client);
}

void client_expect(struct client *client, int64_t us)
{
    pthread_mutex_lock(&client->clients->lock);
    client->since = clock_monotonic();
    client->due = us ? client->since + us : 0;
    pthread_mutex_unlock(&client->clients->lock);
}
