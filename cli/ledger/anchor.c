/* amends ledger anchor, key, adopt. */
#include "cli/ledger/anchor.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/ledger/timestamp.h"
#include "core/ledger/chain.h"
#include "core/ledger/note.h"

enum { NOTE_MAX = 10000, STAMP_MAX = 64 * 1024 };

/* To the staff's addresses, by a notifier. Once per entry. */
STMT(anchor_mail, "SELECT amends.staff_report('anchor:' || $1::bigint, $2, $3)");

static enum rc write_new(struct scope *s, const char *path, const struct strbuf *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return fail(s, RC_INVALID, "cannot create %s: %m", path);
    bool good = write(fd, text->buf, text->len) == (ssize_t)text->len && fsync(fd) == 0;
    return close(fd) == 0 && good ? RC_OK : fail(s, RC_INVALID, "cannot write %s: %m", path);
}

static enum rc mail(struct scope *s, struct db *db, int64_t seq, const struct strbuf *note)
{
    const char *subject = scope_printf(s, "Anchor of the ledger: entry %lld", (long long)seq);
    const char *body = scope_printf(s,
        "Keep this mail. `amends ledger verify --anchor FILE`, with these lines in FILE, finds "
        "whether the ledger lost or changed anything of before.\n\n```\n%s```\n",
        note->buf);
    return db_do(s, db, &anchor_mail, PARAMS(P_INT(seq), P_TEXT(subject), P_TEXT(body)), NULL);
}

static enum rc stamp(struct scope *s, struct invocation *in, const struct strbuf *note)
{
    STRBUF(der, STAMP_MAX);
    if (!*in->config.ledger_tsa_url || !in->arg)
        return RC_OK;
    TRY(timestamp_get(s, &in->config, note->buf, note->len, &der));
    return write_new(s, scope_printf(s, "%s.tsr", in->arg), &der);
}

/* The signature is that of the newest entry, so this needs no key. */
enum rc ledger_anchor(struct scope *s, struct invocation *in, bool by_mail)
{
    struct entry head;
    STRBUF(note, NOTE_MAX);
    enum rc rc = entry_head(s, in->db, &head);
    if (rc == RC_NOT_FOUND)
        return fail(s, RC_NOT_FOUND, "the ledger's chain is not begun: billing begins it");
    if (rc != RC_OK)
        return rc;
    if (!entry_is_signed(&head))
        return fail(s, RC_CONFLICT,
            "ledger_chain: entry %lld has a wrong signature: run amends "
            "ledger verify",
            (long long)head.seq);
    note_print(&note, &head);
    if (in->arg)
        TRY(write_new(s, in->arg, &note));
    else
        fputs(note.buf, stdout);
    TRY(stamp(s, in, &note));
    return by_mail ? mail(s, in->db, head.seq, &note) : RC_OK;
}

static enum rc load(struct scope *s, const struct invocation *in, struct sign **ret)
{
    if (!*in->config.key_file)
        return fail(s, RC_INVALID, "key_file is not set");
    return sign_load(s, in->config.key_file, false, ret);
}

enum rc ledger_key(struct scope *s, struct invocation *in)
{
    struct sign *keys;
    unsigned char public[SIGN_PUBLIC];
    TRY(load(s, in, &keys));
    for (size_t i = 0; sign_public(keys, i, public); i++)
        puts(note_key(s, public));
    sign_free(keys);
    return RC_OK;
}

static enum rc adopt(struct scope *s, struct db *db, void *arg)
{
    return ledger_adopt(s, db, arg, "cli");
}

enum rc ledger_take_over(struct scope *s, struct invocation *in)
{
    struct sign *keys;
    TRY(load(s, in, &keys));
    enum rc rc = db_txn(s, in->db, adopt, keys);
    sign_free(keys);
    return rc;
}
