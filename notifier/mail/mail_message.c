#include "notifier/mail/mail_message.h"

#include "core/log.h"
#include "core/mail/verp.h"
#include "messages/broadcast.h"
#include "messages/content.h"
#include "notifier/handover/links.h"

enum { TOKEN_MAX = 512, ID_MAX = 64, ADDRESS_MAX = 512 };

/* The return path names the recipient of a bounce. The batch's scope is the sender's as long as the
 * batch is. */
static enum rc set_sender(struct scope *s, const struct sender *sender, const char *domain,
    struct recipient *r, struct smtp_message *m)
{
    const struct broadcast *b = r->batch->broadcast;
    struct verp verp = {
        .broadcast = b->id,
        .recipient = r->id < 0 ? 0 : r->id, /* staff: a bounce has no recipient */
        .channel = kinds[b->kind].recipient == RECIPIENT_CONTACT,
    };
    STRBUF(address, ADDRESS_MAX);
    TRY(verp_address(s, sender->keys, domain, &verp, &address));
    m->mail_from = strbuf_copy(&address, r->batch->scope);
    return RC_OK;
}

bool mail_message_build(
    const struct sender *sender, const char *domain, struct recipient *r, struct smtp_message *m)
{
    SCOPE(s);
    STRBUF(token, TOKEN_MAX);
    STRBUF(claim, TOKEN_MAX);
    STRBUF(account, TOKEN_MAX);
    STRBUF(id, ID_MAX);
    const char *values[PLACEHOLDER_MAX] = {[PLACEHOLDER_ADDRESS] = r->address};
    links_token(sender->keys, r, &token);
    sign_message_id(sender->keys, r->batch->broadcast->id, r->id, &id);
    links_claim(sender->keys, r, &claim);
    links_account(sender->keys, r, &account);
    values[PLACEHOLDER_TOKEN] = token.buf;
    values[PLACEHOLDER_CLAIM] = claim.buf;
    values[PLACEHOLDER_ACCOUNT] = account.buf;
    values[PLACEHOLDER_MESSAGE_ID] = id.buf;
    for (int i = 0; r->fields && r->fields[i]; i++)
        values[PLACEHOLDER_FIELD + i] = r->fields[i];
    if (set_sender(s, sender, domain, r, m) == RC_OK &&
        mime_fill(s, r->content->mail, values, &m->wire) == RC_OK)
        return true;
    log_context(LOG_INT("broadcast", r->batch->broadcast->id));
    log_fault("a mail cannot be made", s);
    log_context_end();
    return false;
}
