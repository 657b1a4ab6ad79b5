#include "api/http/multipart.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/strbuf.h"
#include "core/utf8.h"

enum { BUFFER = 32 * 1024 };

struct multipart {
    struct scope *s;
    struct request *request;
    struct MHD_PostProcessor *processor;
    struct strbuf value;  /* of the current field */
    const char *name;     /* its name; NULL: none */
    size_t pieces, begun; /* of the body so far; that in which the field began */
    size_t fields;        /* octets of completed fields */
    size_t files;         /* that is not empty */
    enum rc rc;
};

bool multipart_is(const char *content_type)
{
    static const char type[] = "multipart/form-data";
    return content_type && !strncasecmp(content_type, type, sizeof(type) - 1);
}

static enum rc end_field(struct multipart *m)
{
    struct request *r = m->request;
    if (!m->name)
        return RC_OK;
    if (r->n_parts == REQUEST_PARTS)
        return fail(m->s, RC_INVALID, "the form has more than %d fields", REQUEST_PARTS);
    if (m->value.overflow)
        return fail(m->s, RC_INVALID, "the fields of the form are longer than %d octets",
            MULTIPART_FIELDS_MAX);
    if (memchr(m->value.buf, '\0', m->value.len) || !utf8_is_valid(m->value.buf, m->value.len))
        return fail(m->s, RC_INVALID, "a field of the form is not valid UTF-8");
    r->part[r->n_parts++] =
        (struct request_pair){.name = m->name, .value = strbuf_copy(&m->value, m->s)};
    m->fields += m->value.len;
    m->value.max = MULTIPART_FIELDS_MAX - m->fields;
    m->name = NULL;
    return RC_OK;
}

/* libmicrohttpd reports a field whose head ends a piece of the body as empty, and its value from
 * the next piece as another beginning. */
static bool continues(const struct multipart *m, const char *name)
{
    return m->name && !m->value.len && m->begun + 1 == m->pieces && !strcmp(m->name, name);
}

/* A value arrives in chunks; at is the offset of this one. */
static enum rc take_field(
    struct multipart *m, const char *name, const char *bytes, size_t len, uint64_t at)
{
    if (at == 0 && !continues(m, name)) {
        m->begun = m->pieces;
        TRY(end_field(m));
        strbuf_clear(&m->value);
        m->name = scope_strdup(m->s, name);
    }
    strbuf_add(&m->value, bytes, len);
    return RC_OK;
}

/* A file field without a selected file is present and empty. */
static enum rc take_file(
    struct multipart *m, const char *name, const char *bytes, size_t len, uint64_t at)
{
    TRY(end_field(m));
    if (!len)
        return RC_OK;
    m->files += at == 0;
    if (m->files > 1)
        return fail(m->s, RC_INVALID, "the form has more than one file");
    if (at == 0 && utf8_is_valid(name, strlen(name)))
        m->request->upload_name = scope_strdup(m->s, name);
    if (fwrite(bytes, 1, len, m->request->upload) != len)
        return fail(m->s, RC_RETRY, "cannot store the file: %m");
    return RC_OK;
}

static enum MHD_Result on_part(void *arg, enum MHD_ValueKind kind, const char *name,
    const char *file, const char *type, const char *encoding, const char *bytes, uint64_t at,
    size_t len)
{
    struct multipart *m = arg;
    (void)kind, (void)type, (void)encoding;
    if (m->rc == RC_OK)
        m->rc = file ? take_file(m, file, bytes, len, at)
                     : take_field(m, name ? name : "", bytes, len, at);
    return m->rc == RC_OK ? MHD_YES : MHD_NO;
}

struct multipart *multipart_new(
    struct scope *s, struct MHD_Connection *connection, struct request *request)
{
    struct multipart *m = calloc(1, sizeof(*m));
    if (!m)
        abort();
    *m = (struct multipart){.s = s, .request = request, .value = STRBUF_INIT(MULTIPART_FIELDS_MAX)};
    m->processor = MHD_create_post_processor(connection, BUFFER, on_part, m);
    if (m->processor)
        return m;
    multipart_free(m);
    return NULL;
}

static enum rc malformed(struct multipart *m)
{
    return m->rc == RC_OK ? fail(m->s, RC_INVALID, "the form is not well-formed") : m->rc;
}

enum rc multipart_take(struct multipart *m, const char *bytes, size_t len)
{
    m->pieces++;
    return MHD_post_process(m->processor, bytes, len) == MHD_YES ? RC_OK : malformed(m);
}

enum rc multipart_end(struct multipart *m)
{
    enum MHD_Result whole = MHD_destroy_post_processor(m->processor);
    m->processor = NULL;
    return whole == MHD_YES ? end_field(m) : malformed(m);
}

void multipart_free(struct multipart *m)
{
    if (!m)
        return;
    if (m->processor)
        MHD_destroy_post_processor(m->processor);
    strbuf_release(&m->value);
    free(m);
}
