#include "templates/files.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/strbuf.h"
#include "core/utf8.h"

#define ROOT "templates/"
enum { FILE_MAX = 256 * 1024, FILES_MAX = 500, FAULTS_MAX = 64 * 1024 };

/* Of the process: they live as long as threads may render. */
static struct scope owner;
static struct embed *own;
static size_t n_own;
static size_t root_len; /* of "DIR/" */

const struct embed *template_files(size_t *ret_n)
{
    *ret_n = n_own;
    return own;
}

const char *template_files_path(struct scope *s, const struct embed *file)
{
    return scope_printf(s, ROOT "%s", file->path + root_len);
}

const struct embed *template_files_own(const char *path)
{
    if (strncmp(path, ROOT, strlen(ROOT)) != 0)
        return NULL;
    for (size_t i = 0; i < n_own; i++)
        if (!strcmp(own[i].path + root_len, path + strlen(ROOT)))
            return &own[i];
    return NULL;
}

const struct embed *template_files_find(const char *path)
{
    const struct embed *file = template_files_own(path);
    return file ? file : embed_find(path);
}

bool template_files_may(const char *path)
{
    static const char *const roots[] = {ROOT "email/", ROOT "sms/", ROOT "slack/", ROOT "chat/",
        ROOT "channels/", ROOT "webhook/", ROOT "push/", ROOT "labels/", ROOT "page/header.",
        ROOT "page/footer.", NULL};
    for (const char *const *root = roots; *root; root++)
        if (!strncmp(path, *root, strlen(*root)))
            return true;
    return false;
}

static enum rc read_file(struct scope *s, const char *path)
{
    STRBUF(b, FILE_MAX);
    if (n_own == FILES_MAX)
        return fail(s, RC_INVALID, "%s: more than %d files", path, FILES_MAX);
    TRY(strbuf_read(s, path, &b));
    if (!utf8_is_valid(b.buf, b.len))
        return fail(s, RC_INVALID, "%s: is not UTF-8", path);
    own[n_own++] = (struct embed){.path = scope_strdup(&owner, path),
        .text = scope_memdup(&owner, b.buf, b.len + 1),
        .len = b.len};
    return RC_OK;
}

static int is_shown(const struct dirent *entry)
{
    return *entry->d_name != '.' && strncmp(entry->d_name, "README", 6) != 0;
}

static enum rc read_folder(struct scope *s, const char *dir, bool top, struct strbuf *faults)
{
    struct dirent **entries;
    int n = scandir(dir, &entries, is_shown, alphasort);
    if (n < 0)
        return fail(s, RC_INVALID, "%s: %m", dir);
    for (int i = 0; i < n; i++) {
        const char *path = scope_printf(s, "%s/%s", dir, entries[i]->d_name);
        struct stat about;
        bool folder = !stat(path, &about) && S_ISDIR(about.st_mode);
        if ((folder && top ? read_folder(s, path, false, faults) : read_file(s, path)) != RC_OK)
            strbuf_addf(faults, "%s%s", faults->len ? "\n" : "", s->fault.message);
        free(entries[i]);
    }
    free(entries);
    return RC_OK;
}

enum rc template_files_read(struct scope *s, const char *dir)
{
    STRBUF(faults, FAULTS_MAX);
    scope_release(&owner);
    n_own = 0;
    if (!*dir)
        return RC_OK;
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/')
        len--;
    root_len = len + 1;
    own = SCOPE_ARRAY(&owner, struct embed, FILES_MAX);
    TRY(read_folder(s, scope_strndup(s, dir, len), true, &faults));
    return faults.len ? fail(s, RC_INVALID, "%s", faults.buf) : RC_OK;
}
