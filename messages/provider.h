#pragma once
/*
 * A provider of SMS (templates/providers/NAME.json, or a file of the operator's) and a channel
 * (templates/channels/NAME.json, or channels/NAME.json of templates_dir) are documents, not code.
 * A document defines the request, the criterion of success, and the meaning of the errors; that of
 * a provider of SMS also the fields of its callbacks, that of a channel also its addresses, its
 * markup and its limits. Each says in `source` what it follows.
 *
 * Every text in `path`, `auth`, `headers` and `fields` is a Mustache template. A field of `fields`
 * that renders empty is omitted, and so is an object whose member "$if" renders empty. The context
 * of an SMS:
 *     to, to_digits      the number with and without its plus
 *     from, from_digits  sms_from; service: true when it begins with service_prefix
 *     text, unicode      the message; unicode: true when it is not GSM 7
 *     callback           URL for status callbacks of this message, or ""
 *     account, token     sms_account, sms_token
 * Its values are percent-encoded in the path and in forms. That of a channel: chat_message.h.
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
    const char *code;     /* the provider's code, as text; NULL: any */
    const char *contains; /* part of that code or message; NULL: any */
    int64_t status;       /* of HTTP; 0: any */
    const char *verdict;  /* suppress (the number), disable (the endpoint), fail (this message),
                             retry, pause */
    const char *reason;   /* of the delivery: a lower-case word */
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

/* What messages of a channel may have (limits.h). */
struct limits {
    int64_t title;      /* characters; longer ones are cut and end with "..." */
    int64_t body;       /* characters of the body; 0: any */
    int64_t components; /* characters of all names and levels together; 0: any */
    int64_t gap_ms;     /* between two messages to one endpoint; 0: none */
};

/* The longest text at a pointer into the body that the service takes; "": the body. */
struct provider_maximum {
    const char *pointer;
    int64_t characters, bytes; /* 0: any number */
};

/* What a channel sends in one state of an incident: the first that fits. Then `fields` has a body
 * for each name. */
struct provider_action {
    const char *name;
    struct texts when; /* kinds of broadcast, kinds and states of incidents; empty: any */
    bool first;        /* only the first message of an incident to an endpoint */
    const char *path;  /* NULL: the document's */
};

/* How long to wait. */
struct provider_pause {
    const char *pointer;            /* into the reply, besides Retry-After */
    const char *unit;               /* s, ms */
    const char *remaining, *resets; /* headers: requests left, and seconds until there are more */
};

struct provider_channel {
    const char *title;           /* for readers: "Discord" */
    const char *address;         /* pattern of the URL (channel_address.h) */
    const char *prefix;          /* before an address that is no URL; NULL: none may be given */
    const char *example;         /* an address */
    struct texts hosts;          /* ".example.com": those below it; empty: any public host */
    const char *markup;          /* of the body: markdown, html, slack, text */
    const char *escape;          /* of other texts, and of a body in text */
    struct texts mentions;       /* words that a zero-width space breaks; "@": each @name */
    const struct limits *limits; /* characters before escaping; longer texts are cut */
    struct list maxima;          /* struct provider_maximum: the body is cut until all hold */
    struct list actions;         /* struct provider_action; empty: one for all */
    const struct provider_pause *pause;
};

struct provider {
    const char *name;                       /* also in the URL of callbacks */
    const char *source;                     /* URL of the vendor's page */
    const struct provider_channel *channel; /* NULL: a provider of SMS */
    const char *base_url;                   /* of a channel also "": the host of the address */
    const char *path;                       /* of a channel also "": the address is the URL */
    const char *method;                     /* POST, PUT */
    const json_t *headers;                  /* {name: value}, or NULL */
    const struct provider_auth *auth;
    const char *encoding; /* form, json */
    const json_t *fields;
    const char *service_prefix;
    const struct provider_predicate *success; /* besides HTTP 2xx; NULL: that is enough */
    const char *id, *error;                   /* pointers; NULL: there is none */
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

/* Read the document of a channel (chat_message_check also tries its templates). RC_INVALID names
 * the field. Owned by s. */
enum rc channel_parse(struct scope *s, const char *text, size_t len, const struct provider **ret);

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
    struct texts headers;      /* "Name: value" */
    const char *user, *secret; /* basic, or NULL */
};

/* The request of an SMS. base_url NULL or "": the document's. */
enum rc provider_request(struct scope *s, const struct provider *provider, const char *base_url,
    const struct provider_message *message, struct provider_request *ret);

/* That of a channel without its body: path of the action, context with the recipient's members. */
enum rc provider_target(struct scope *s, const struct provider *provider, const char *base_url,
    const char *path, const json_t *context, struct provider_request *ret);

/* The fields, filled; every: also the sections that the context leaves out, to find unknown names.
 * RC_INVALID names the field. Owned by s. */
enum rc provider_fields(struct scope *s, const struct provider *provider, const json_t *context,
    bool every, json_t **ret);

/* Text of the string, integer or boolean at a pointer, or NULL. */
const char *provider_text(struct scope *s, const json_t *json, const char *pointer);
bool provider_succeeded(struct scope *s, const struct provider *provider, const json_t *json);
/* The first that fits a reply; status 0: that of a callback. */
const struct provider_error *provider_error(
    const struct provider *provider, int status, const char *code);
/* accepted, delivered, failed; NULL: a status that we ignore. */
const char *provider_state(const struct provider *provider, const char *word);

/* Append text with all but the unreserved characters of RFC 3986 as %XX. */
void provider_escape(struct strbuf *b, const char *text);
