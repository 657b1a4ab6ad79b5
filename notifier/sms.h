#ifndef NOTIFIER_SMS_H
#define NOTIFIER_SMS_H
/*
 * SMS providers as tables: how a request looks and what a reply means. SPEC.md
 * 3.1 to 3.3. Pure. No provider of ours knows idempotent requests, so whatever may
 * have arrived is OUTCOME_UNKNOWN and is never sent again.
 */
#include "core/scope.h"
#include "core/strbuf.h"
#include "notifier/outcome.h"

struct sms_error {
    int code; /* the provider's own */
    enum outcome_state state;
    const char *reason;
    int64_t pause; /* us for the whole channel */
};

struct sms_provider {
    const char *name;
    const char *path;             /* behind the base URL; {account} is put in */
    const char *to, *from, *body; /* names of form fields */
    const char *id_pointer; /* where the reply has the message's id: without one it is no success */
    const char *code_pointer;       /* where an error has the provider's code */
    const struct sms_error *errors; /* ends with code 0 */
};

const struct sms_provider *sms_provider(const char *name); /* NULL: unknown */

/* The URL to post to. */
char *sms_url(
    struct scope *s, const struct sms_provider *provider, const char *base, const char *account);

/* Append the application/x-www-form-urlencoded body. */
void sms_form(const struct sms_provider *provider, const char *from, const char *to,
    const char *text, struct strbuf *b);

struct outcome sms_judge(const struct sms_provider *provider, const struct http_reply *reply);

#endif
