#pragma once
/*
 * The file that a customer sends with a claim. Its type is what its octets are, never what its
 * sender says; it is sealed before it is stored, and leaves only as an attachment.
 *
 *     TRY(evidence_keep(s, db, keys, claim, &(struct evidence){.name = name, .bytes = b, .len =
 * n}));
 */
#include "core/db/db.h"
#include "core/sign.h"

enum { EVIDENCE_MAX = 5 * 1024 * 1024, EVIDENCE_NAME_MAX = 100 };

struct evidence {
    const char *name; /* any; only what follows the last slash is kept */
    const char *bytes;
    size_t len;
};

/* "pdf", "png", "jpeg" or "txt"; NULL for anything else: text that begins like a mark-up (HTML,
 * SVG), and what is no UTF-8. */
const char *evidence_type(const char *bytes, size_t len);

/* Store it in the running transaction, in place of an older one. RC_INVALID on the field
 * "evidence": empty, too large, another type. */
enum rc evidence_keep(struct scope *s, struct db *db, const struct sign *keys, int64_t claim,
    const struct evidence *in);
