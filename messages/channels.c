#include "messages/channels.h"

#include <string.h>

#include "core/strbuf.h"
#include "messages/channel.h"
#include "messages/chat_message.h"
#include "templates/files.h"
#include "templates/label.h"

#define FOLDER "templates/channels/"
enum { FAULTS_MAX = 64 * 1024, FILE_MAX = 256 * 1024 };

/* Of the process: they live as long as threads may send. */
static struct scope owner;
enum { DOCUMENTS_MAX = CHANNEL_COUNT - CHANNEL_DOCUMENTS };

struct reading {
    struct scope own; /* becomes the owner */
    const struct provider *at[DOCUMENTS_MAX];
    const char *names[DOCUMENTS_MAX];
    size_t n;
    struct strbuf faults;
};

static bool is_built_in(const char *name)
{
    return channel_of(name) < CHANNEL_DOCUMENTS;
}

static void add_fault(struct reading *r, const char *path, const struct fault *fault)
{
    strbuf_addf(&r->faults, "%s%s: %s%s%s", r->faults.len ? "\n" : "", path,
        fault->field ? fault->field : "", fault->field ? ": " : "", fault->message);
}

/* path: of the file where it is; name: what the file is named for. */
static void read_one(struct reading *r, const struct embed *file, const char *path)
{
    const struct provider *document = NULL;
    const char *name = path + strlen(FOLDER);
    enum rc rc = channel_parse(&r->own, file->text, file->len, &document);
    if (rc == RC_OK && (strncmp(document->name, name, strlen(document->name)) != 0 ||
                           strcmp(name + strlen(document->name), ".json") != 0))
        rc = fail_field(&r->own, RC_INVALID, "name", "must be that of the file");
    if (rc == RC_OK && is_built_in(document->name))
        rc = fail_field(&r->own, RC_INVALID, "name", "\"%s\" is built in", document->name);
    if (rc == RC_OK && r->n == DOCUMENTS_MAX)
        rc = fail(&r->own, RC_INVALID, "more than %d channels", DOCUMENTS_MAX);
    if (rc == RC_OK)
        rc = chat_message_check(&r->own, document);
    if (rc == RC_OK) {
        r->names[r->n] = document->name;
        r->at[r->n++] = document;
    } else
        add_fault(r, file->path, &r->own.fault);
}

static void read_all(struct scope *s, struct reading *r)
{
    size_t n;
    const struct embed *own = template_files(&n);
    for (size_t i = 0; i < embed_count; i++)
        if (!strncmp(embed_files[i].path, FOLDER, strlen(FOLDER)) &&
            !template_files_own(embed_files[i].path))
            read_one(r, &embed_files[i], embed_files[i].path);
    for (size_t i = 0; i < n; i++) {
        const char *path = template_files_path(s, &own[i]);
        if (!strncmp(path, FOLDER, strlen(FOLDER)))
            read_one(r, &own[i], path);
    }
}

static enum rc close_reading(struct scope *s, struct reading *r)
{
    enum rc rc = r->faults.len ? fail(s, RC_INVALID, "%s", r->faults.buf) : RC_OK;
    strbuf_release(&r->faults);
    return rc;
}

enum rc channel_lint(struct scope *s, const char *path)
{
    struct reading r = {.faults = STRBUF_INIT(FAULTS_MAX)};
    STRBUF(b, FILE_MAX);
    TRY(strbuf_read(s, path, &b));
    const struct embed file = {.path = path, .text = b.buf, .len = b.len};
    const char *slash = strrchr(path, '/');
    read_one(&r, &file, scope_printf(s, FOLDER "%s", slash ? slash + 1 : path));
    scope_release(&r.own);
    return close_reading(s, &r);
}

enum rc channels_use(struct scope *s)
{
    struct reading r = {.faults = STRBUF_INIT(FAULTS_MAX)};
    read_all(s, &r);
    enum rc rc = close_reading(s, &r);
    if (rc != RC_OK) {
        scope_release(&r.own);
        return rc;
    }
    scope_release(&owner);
    owner = r.own;
    channel_register(r.at, r.names, r.n);
    for (size_t i = 0; i < r.n; i++)
        label_add("channel", r.at[i]->name, r.at[i]->channel->title);
    return RC_OK;
}

enum rc channels_setting(struct scope *s, const struct config *config)
{
    (void)config;
    return channels_use(s);
}
