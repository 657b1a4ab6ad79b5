#include "api/claims/evidence.h"

#include <string.h>

#include "core/utf8.h"

STMT(evidence_store,
    "INSERT INTO claim_evidence (claim_id, type, name, size, sealed)"
    " VALUES ($1, $2, $3, $4, $5::bytea) ON CONFLICT (claim_id) DO UPDATE SET type = $2, name = $3,"
    "   size = $4, sealed = $5::bytea, created_at = now()");

static bool begins(const char *bytes, size_t len, const char *magic, size_t n)
{
    return len >= n && !memcmp(bytes, magic, n);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Control characters, but for those of plain text, are no text. */
static bool is_text(const char *bytes, size_t len)
{
    size_t at = begins(bytes, len, "\xef\xbb\xbf", 3) ? 3 : 0;
    for (size_t i = at; i < len; i++)
        if ((unsigned char)bytes[i] < ' ' && !is_space(bytes[i]))
            return false;
    while (at < len && is_space(bytes[at]))
        at++;
    return at < len && bytes[at] != '<' && utf8_is_valid(bytes, len);
}

const char *evidence_type(const char *bytes, size_t len)
{
    if (begins(bytes, len, "%PDF-", 5))
        return "pdf";
    if (begins(bytes, len, "\x89PNG\r\n\x1a\n", 8))
        return "png";
    if (begins(bytes, len, "\xff\xd8\xff", 3))
        return "jpeg";
    return is_text(bytes, len) ? "txt" : NULL;
}

/* Without folders and control characters, cut at a whole character. */
static const char *base_name(struct scope *s, const char *name)
{
    char *base = scope_strdup(s, name ? name : "");
    for (const char *at = base; *at; at++)
        if (*at == '/' || *at == '\\')
            base = (char *)at + 1;
    size_t len = strlen(base);
    if (len > EVIDENCE_NAME_MAX)
        for (len = EVIDENCE_NAME_MAX; len && ((unsigned char)base[len] & 0xc0) == 0x80;)
            len--;
    base[len] = '\0';
    for (char *at = base; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
    return *base ? base : "file";
}

enum rc evidence_keep(struct scope *s, struct db *db, const struct sign *keys, int64_t claim,
    const struct evidence *in)
{
    const char *type = evidence_type(in->bytes, in->len);
    unsigned char *sealed;
    size_t len;
    if (in->len > EVIDENCE_MAX)
        return fail_field(
            s, RC_INVALID, "evidence", "is larger than %d MiB", EVIDENCE_MAX / 1024 / 1024);
    if (!in->len || !type)
        return fail_field(s, RC_INVALID, "evidence", "must be a PDF, a PNG, a JPEG or plain text");
    const char *aad = scope_printf(s, "claim_evidence:%lld", (long long)claim);
    sign_seal(s, keys, aad, in->bytes, in->len, &sealed, &len);
    return db_do(s, db, &evidence_store,
        PARAMS(P_INT(claim), P_TEXT(type), P_TEXT(base_name(s, in->name)), P_INT((int64_t)in->len),
            P_BYTES(sealed, len)),
        NULL);
}
