/* The effect of a lost connection to the database. The server is a few lines of its protocol
 * (PostgreSQL, "Frontend/Backend Protocol"), so that it goes away exactly when it shall. */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/db/db.h"
#include "tests/unit/tap.h"

enum { PORT = 5432, STEP_US = 100000 };

STMT(lost_any, "SELECT 1");

/* What the server does at the BEGIN of each connection, one letter a connection: w answers,
 * reads no more, warns that it crashes and closes, c closes, a answers for good. */
struct server {
    int fd;
    const char *acts;
};

static void put(int fd, char type, const void *body, size_t len)
{
    char message[256];
    uint32_t n = htonl((uint32_t)len + 4);
    message[0] = type;
    memcpy(message + 1, &n, sizeof n);
    memcpy(message + 5, body, len);
    if (write(fd, message, len + 5) < 0)
        perror("write");
}

static void put_done(int fd, const char *tag)
{
    put(fd, 'C', tag, strlen(tag) + 1);
    put(fd, 'Z', "I", 1);
}

/* One message; type 0 for the first one, which has none. False: closed. */
static bool take(int fd, char *type, char body[1024])
{
    uint32_t n;
    if ((*type && read(fd, type, 1) != 1) || recv(fd, &n, sizeof n, MSG_WAITALL) != sizeof n)
        return false;
    n = ntohl(n) - 4;
    return n < 1024 && (!n || recv(fd, body, n, MSG_WAITALL) == (ssize_t)n);
}

static void converse(int fd, char act)
{
    static const char crash[] = "SWARNING\0C57P02\0Mterminating connection\0";
    char type = 0, body[1024];
    if (!take(fd, &type, body))
        return;
    put(fd, 'R', "\0\0\0", 4);
    put(fd, 'Z', "I", 1);
    for (type = 'Q'; take(fd, &type, body);) {
        bool begins = !strcmp(body, "BEGIN");
        if (begins && act == 'c')
            return;
        if (begins && act == 'w')
            shutdown(fd, SHUT_RD);
        put_done(fd, strchr("BC", *body) ? body : "SET");
        if (!begins || act != 'w')
            continue;
        usleep(STEP_US);
        put(fd, 'N', crash, sizeof crash);
        usleep(STEP_US);
        return;
    }
}

static void *serve(void *arg)
{
    struct server *server = arg;
    for (const char *act = server->acts; *act; act++) {
        int fd = accept(server->fd, NULL, NULL);
        converse(fd, *act);
        close(fd);
    }
    return NULL;
}

static enum rc one_statement(struct scope *s, struct db *db, void *arg)
{
    (void)arg;
    return db_do(s, db, &lost_any, NO_PARAMS, NULL);
}

static enum rc no_statement(struct scope *s, struct db *db, void *arg)
{
    (void)s, (void)db, (void)arg;
    return RC_OK;
}

static enum rc play(const char *dir, const char *acts, db_txn_fn *fn)
{
    SCOPE(s);
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s/.s.PGSQL.%d", dir, PORT);
    struct server server = {.fd = socket(AF_UNIX, SOCK_STREAM, 0), .acts = acts};
    pthread_t thread;
    unlink(at.sun_path);
    if (bind(server.fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(server.fd, 4) < 0 ||
        pthread_create(&thread, NULL, serve, &server) != 0)
        abort();
    struct db *db = db_new(scope_printf(s, "host=%s port=%d user=x dbname=x", dir, PORT), "test");
    enum rc rc = db_txn(s, db, fn, NULL);
    db_free(db);
    shutdown(server.fd, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(server.fd);
    unlink(at.sun_path);
    return rc;
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); /* as the roles do: the server may write to a closed connection */
    char dir[] = "/tmp/amends-db-XXXXXX";
    if (!mkdtemp(dir))
        abort();
    ok(play(dir, "a", no_statement) == RC_OK, "a transaction");
    ok(play(dir, "w", one_statement) == RC_RETRY,
        "a server that warns of its crash while we write: later, not never");
    ok(play(dir, "ca", no_statement) == RC_OK, "closed at BEGIN: another connection does it");
    ok(play(dir, "cc", no_statement) == RC_RETRY, "closed twice: later");
    rmdir(dir);
    return tap_end();
}
