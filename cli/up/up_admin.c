#include "cli/up/up_admin.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/sign.h"

enum { ID_LEN = 12, SECRET_BYTES = 32, KEY_MAX = 256 };

/* A revoked key stays revoked. */
STMT(admin_key_record, "INSERT INTO api_key (name, public_id, secret_sha256, scopes)"
                       " VALUES ('admin', $1, $2, '{admin}') ON CONFLICT (public_id) DO NOTHING");

enum rc admin_master_key(struct scope *s, const struct place *place)
{
    struct sign *keys;
    TRY(sign_load(s, place->master_key, true, &keys));
    sign_free(keys);
    return place_give(s, place, place->master_key, 0600);
}

static char *new_key(struct scope *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    char id[ID_LEN + 1] = "";
    for (int i = 0; i < ID_LEN; i++)
        id[i] = letters[randombytes_uniform(sizeof letters - 1)];
    return scope_printf(s, "amends_%s_%s", id, sign_random(s, SECRET_BYTES));
}

static enum rc write_key(struct scope *s, const char *path, const char *key)
{
    char *fresh = scope_printf(s, "%s.new", path);
    unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(s, RC_INTERNAL, "cannot create %s: %m", fresh);
    char *line = scope_printf(s, "%s\n", key);
    ssize_t n = write(fd, line, strlen(line));
    bool good = n == (ssize_t)strlen(line) && fsync(fd) == 0;
    close(fd);
    if (!good || rename(fresh, path) != 0)
        return fail(s, RC_INTERNAL, "cannot write %s: %m", path);
    return RC_OK;
}

static enum rc read_key(struct scope *s, const char *path, char **ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        char *key = new_key(s);
        TRY(write_key(s, path, key));
        *ret = key;
        return RC_OK;
    }
    char *key = scope_alloc(s, KEY_MAX);
    ssize_t n = fd < 0 ? -1 : read(fd, key, KEY_MAX - 1);
    if (n < 0)
        (void)fail(s, RC_INTERNAL, "cannot read %s: %m", path);
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return RC_INTERNAL;
    key[strcspn(key, "\r\n")] = '\0';
    *ret = key;
    return RC_OK;
}

enum rc admin_api_key(struct scope *s, const struct place *place, struct db *db)
{
    char *key = NULL;
    TRY(read_key(s, place->admin_key, &key));
    char *rest = scope_strdup(s, key);
    const char *word = strsep(&rest, "_"), *id = strsep(&rest, "_");
    if (strcmp(word, "amends") != 0 || !id || strlen(id) != ID_LEN || !rest || !*rest)
        return fail(s, RC_CONFLICT, "%s is not an API key: remove the file to get a new one",
            place->admin_key);
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)rest, strlen(rest));
    return db_do(s, db, &admin_key_record, PARAMS(P_TEXT(id), P_BYTES(hash, sizeof hash)), NULL);
}
