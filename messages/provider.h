#pragma once
/*
 * An SMS provider is a document (templates/providers/NAME.json, or a file of the operator's), not
 * code. It defines the request, the criterion of success, the meaning of the provider's error
 * codes, and the fields of its callbacks (Twilio, "Messages resource"; Vonage, "SMS API
 * reference").
 *
 * Every text in `path`, `auth` and `fields` is a Mustache template over:
 *     to, to_digits      the number with and without its plus
 *     from, from_digits  sms_from; service: true when it begins with service_prefix
 *     text, unicode      the message; unicode: true when it is not GSM 7
 *     callback           URL for status callbacks of this message, or ""
 *     account, token     sms_account, sms_token
 * Values are escaped by context: percent-encoded in the path and in forms, as JSON strings in JSON.
 * A field that renders empty is omitted.
 */
#include <jansson.h>
#include <stdbool.h>

#include "core/scope.h"
#include "core/shape.h"
#include "core/strbuf.h"

struct provider_auth {
    const char *type;           /* basic, bearer, header, none */
    const char *user, *secret;  /* basic: both; bearer: secret */
    const char *header, *value; /* header: its name and value */
};

struct provider_error {
    const char *code;    /* the provider's code, as text */
    const char *verdict; /* suppress (the number), fail (this message), retry, pause */
    const char *reason;  /* of the delivery: a lower-case word */
};

struct provider_predicate {
    const char *pointer; /* RFC 6901 into the reply */
    const char *equals;  /* NULL: it must only be present and not empty */
};

/* Names of form fields or of members of the JSON object. */
struct provider_status {
    const char *id, *state, *error; /* error: NULL if it has none */
    struct list words;              /* struct provider_word */
};

struct provider_word {
    const char *word;
    const char *state; /* accepted, delivered, failed */
};

struct provider_inbound {
    const char *from, *text;
    const char *type;   /* media type of the response; NULL: the provider ignores it */
    const char *answer; /* Mustache over {answer}, escaped for XML; "" for no answer */
};

struct provider {
    const char *name; /* in the URL of its callbacks */
    const char *base_url;
    const char *path;
    const struct provider_auth *auth;
    const char *encoding; /* form, json */
    const json_t *fields;
    const char *service_prefix;
    const struct provider_predicate *success; /* besides HTTP 2xx */
    const char *id, *error;                   /* pointers */
    struct list errors;                       /* struct provider_error */
    /* How callbacks are signed: twilio, plivo, vonage, messagebird (api/hooks/hook_provider.h);
     * token: unsigned, so the URL contains sms_hook_token. */
    const char *signature;
    const struct provider_status *status;
    const struct provider_inbound *inbound;
};

/* Load a provider by its name, or by the path of a file if name contains a slash. RC_INVALID
 * describes the error in the document; RC_NOT_FOUND: unknown name. Owned by s. */
enum rc provider_load(struct scope *s, const char *name, const struct provider **ret);

struct provider_message {
    const char *to, *from, *text;
    bool unicode;
    const char *callback; /* or NULL */
    const char *account, *token;
};

struct provider_request {
    const char *url;
    const char *content_type;
    const char *body;
    size_t len;
    const char *header;        /* "Name: value" of the authentication, or NULL */
    const char *user, *secret; /* basic, or NULL */
};

/* base_url NULL or "": the document's. */
enum rc provider_request(struct scope *s, const struct provider *provider, const char *base_url,
    const struct provider_message *message, struct provider_request *ret);

/* Text of the string or integer at a pointer, or NULL. */
const char *provider_text(struct scope *s, const json_t *json, const char *pointer);
bool provider_succeeded(struct scope *s, const struct provider *provider, const json_t *json);
const struct provider_error *provider_error(const struct provider *provider, const char *code);
/* accepted, delivered, failed; NULL: a status that we ignore. */
const char *provider_state(const struct provider *provider, const char *word);

/* Append text with all but the unreserved characters of RFC 3986 as %XX. */
void provider_escape(struct strbuf *b, const char *text);
