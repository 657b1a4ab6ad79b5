#include "cli/up/up_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/up/up_lock.h"
#include "core/log.h"

/* sun_path includes a NUL; the socket of PostgreSQL has the longest name in it. */
enum { RUN_MAX = sizeof(((struct sockaddr_un *)0)->sun_path) - sizeof "/.s.PGSQL.5432" };

bool place_become(const struct place *place)
{
    return !place->user || (initgroups(place->user, place->gid) == 0 && setgid(place->gid) == 0 &&
                               setuid(place->uid) == 0);
}

enum rc place_give(struct scope *s, const struct place *place, const char *path, mode_t mode)
{
    if (place->user && lchown(path, place->uid, place->gid) != 0)
        return fail(s, RC_INTERNAL, "cannot change the owner of %s to %s: %m", path, place->user);
    if (chmod(path, mode) != 0)
        return fail(s, RC_INTERNAL, "cannot set the mode of %s: %m", path);
    return RC_OK;
}

static enum rc choose_user(struct scope *s, struct place *place)
{
    place->uid = geteuid();
    place->gid = getegid();
    if (place->uid != 0)
        return RC_OK;
    const struct passwd *user = getpwnam("postgres");
    if (!user)
        return fail(s, RC_UPSTREAM,
            "there is no user postgres, as which PostgreSQL and the roles run if root starts them: "
            "install PostgreSQL");
    place->user = scope_strdup(s, user->pw_name);
    place->uid = user->pw_uid;
    place->gid = user->pw_gid;
    return RC_OK;
}

static enum rc make_dir(struct scope *s, const char *dir, char **ret)
{
    char *path = scope_strdup(s, dir);
    for (char *slash = path; slash; *slash = '/') {
        slash = strchr(slash + 1, '/');
        if (slash)
            *slash = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            return fail(s, RC_INVALID, "cannot create %s: %m", path);
        if (!slash)
            break;
    }
    struct stat st;
    char *absolute = realpath(dir, NULL);
    if (!absolute || stat(absolute, &st) != 0)
        return fail(s, RC_INVALID, "%s: %m", dir);
    if (!S_ISDIR(st.st_mode)) {
        free(absolute);
        return fail(s, RC_INVALID, "%s is not a directory", dir);
    }
    *ret = scope_strdup(s, absolute);
    free(absolute);
    return RC_OK;
}

/* Runs in a child, as the user: the exit code is the length, in slashes, of the first prefix that
 * the user cannot enter; 0: none. */
static int entered(const struct place *place)
{
    char *path = strdup(place->dir);
    if (!path || !place_become(place))
        return 255;
    int slashes = 1;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (access(path, X_OK) != 0)
            return slashes;
        *slash = '/';
        slashes++;
    }
    return access(path, X_OK) == 0 ? 0 : slashes;
}

static enum rc check_entry(struct scope *s, const struct place *place)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(entered(place));
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return fail(s, RC_INTERNAL, "fork: %m");
    int slashes = WEXITSTATUS(status);
    if (slashes == 0)
        return RC_OK;
    if (slashes == 255)
        return fail(s, RC_INTERNAL, "cannot become user %s", place->user);
    char *prefix = scope_strdup(s, place->dir);
    char *end = prefix;
    while (end && slashes-- > 0)
        end = strchr(end + 1, '/');
    if (end)
        *end = '\0';
    return fail(s, RC_CONFLICT,
        "user %s, as which PostgreSQL and the roles run, cannot enter %s: choose another --data "
        "DIR (for root, /var/lib/amends is suitable) or chmod o+x %s",
        place->user ? place->user : "(you)", prefix, prefix);
}

/* Remove a flat directory, but only if the roles' user owns it: the path may be a link's target. */
static void remove_flat(const char *path, uid_t uid)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    DIR *dir = fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == uid ? fdopendir(fd) : NULL;
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (struct dirent *at; (at = readdir(dir));)
        unlinkat(fd, at->d_name, 0);
    closedir(dir);
    rmdir(path);
}

static void remove_run(const char *run, uid_t uid)
{
    char target[PATH_MAX];
    ssize_t len = readlink(run, target, sizeof target - 1);
    if (len < 0) {
        remove_flat(run, uid);
        return;
    }
    target[len] = '\0';
    remove_flat(target, uid);
    unlink(run);
}

/* A comma would end a directory in unix_socket_directories and in libpq's host. */
static bool usable(const char *run)
{
    return strlen(run) <= RUN_MAX && !strpbrk(run, ",\"'\\\n");
}

static enum rc make_run(struct scope *s, struct place *place)
{
    char *run = scope_printf(s, "%s/run", place->dir);
    remove_run(run, place->uid);
    if (usable(run)) {
        if (mkdir(run, 0700) != 0)
            return fail(s, RC_INTERNAL, "cannot create %s: %m", run);
    } else {
        const char *base = place->user ? NULL : getenv("XDG_RUNTIME_DIR");
        char *near = scope_printf(s, "%s/amends-XXXXXX", base && *base ? base : "/tmp");
        if (!usable(near))
            near = scope_strdup(s, "/tmp/amends-XXXXXX");
        if (!mkdtemp(near) || symlink(near, run) != 0)
            return fail(s, RC_INTERNAL, "cannot create a directory for sockets: %m");
        run = near;
    }
    place->run = run;
    return place_give(s, place, run, 0700);
}

enum rc place_open(struct scope *s, const char *dir, struct place *ret)
{
    struct place place = {.lock_fd = -1};
    TRY(choose_user(s, &place));
    char *absolute = NULL;
    TRY(make_dir(s, dir, &absolute));
    place.dir = absolute;
    TRY(check_entry(s, &place));
    TRY(lock_take(s, place.dir, &place.lock_fd));
    place.cluster = scope_printf(s, "%s/pg", place.dir);
    place.master_key = scope_printf(s, "%s/master.key", place.dir);
    place.admin_key = scope_printf(s, "%s/admin.key", place.dir);
    place.log = scope_printf(s, "%s/postgres.log", place.dir);
    TRY(make_run(s, &place));
    *ret = place;
    return RC_OK;
}

void place_note_url(const struct place *place, const char *url)
{
    SCOPE(s);
    FILE *file = fopen(scope_printf(s, "%s/url", place->dir), "we");
    bool good = file && fprintf(file, "%s\n", url) > 0;
    if (file && fclose(file) != 0)
        good = false;
    if (!good)
        log_event(LOG_WARN, "cannot write the url file", LOG_TEXT("dir", place->dir));
}

void place_close(const struct place *place)
{
    SCOPE(s);
    remove_run(scope_printf(s, "%s/run", place->dir), place->uid);
}
