#pragma once
/*
 * Configuration: one shape. Environment (AMENDS_NAME) over credentials (files amends_NAME in
 * $CREDENTIALS_DIRECTORY, for secrets) over file (INI, `name = value`) over default; an
 * unknown key in the file, an unknown AMENDS_ variable or credential is fatal.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/scope.h"
#include "core/shape.h"
#include "core/strbuf.h"

struct config {
    const char *database_url;
    const char *listen;          /* HOST:PORT; port 0 picks one */
    const char *metrics_listen;  /* HOST:PORT; "": none */
    const char *trusted_proxies; /* networks separated by spaces */
    int64_t connections_per_address;
    const char *templates_dir; /* "": only the templates of the executable */
    const char *public_url;    /* in links, no trailing slash; "" until known (amends up) */
    const char *smtp_url;      /* relays separated by spaces */
    const char *smtp_ca_file;
    int64_t smtp_rate;          /* messages per second and relay, of all notifiers; 0: no limit */
    const char *mail_from;      /* "Name <address>" or address */
    const char *dkim_selectors; /* separated by spaces; for amends doctor */
    const char *postal_address;
    const char *brand;        /* the product's name in messages */
    const char *language;     /* of the texts of staff; the others are translations */
    const char *sms_provider; /* a name of templates/providers, or a path */
    const char *sms_url;
    const char *sms_account;
    const char *sms_token;
    const char *sms_from;
    const char *sms_hook_secret;
    const char *sms_hook_token;
    int64_t sms_segments;       /* of one message */
    int64_t sms_month_segments; /* of a month; 0: no limit */
    const char *slack_signing_secret;
    const char *slack_api_url;
    const char *slack_bot_token;
    const char *slack_channel;
    int64_t approval_wait;      /* hours */
    const char *approval_total; /* EUR=500.00 USD=500 */
    const char *staff_email;    /* addresses separated by spaces */
    const char *staff_slack_url;
    const char *slack_client_id;
    const char *slack_client_secret;
    const char *slack_authorize_url;
    const char *oidc_issuer;
    const char *oidc_client_id;
    const char *oidc_client_secret;
    const char *oidc_scope;
    const char *oidc_roles_claim;
    const char *oidc_roles;
    const char *subscribe_channels;
    const char *push_services;
    const char *push_contact;
    const char *sms_countries;
    const char *key_file;
    const char *ledger_tsa_url, *ledger_tsa_ca_file;
    int64_t reminder_minutes;       /* before a maintenance begins; 0: none */
    int64_t promise_repeat_minutes; /* the first gap between reminders of staff; it doubles */
    const char *outbox;             /* auto, on, off */
    int64_t liability_seconds;      /* 0: no estimates */
    int64_t outbox_days;            /* 0: no limit */
    int64_t outbox_messages;
    int64_t retention_days;   /* of outcomes and of unsubscribed addresses; 0: no limit */
    int64_t measurement_days; /* 0: no limit */
    bool allow_loopback;
    const char *log_level;
    const char *log_format; /* logfmt, json */
};
extern const struct shape config_shape;

/* path: INI file or NULL. Failures are RC_INVALID and name the key. */
enum rc config_load(struct scope *s, const char *path, struct config *ret);
/* The annotated reference, as an INI file with every default. */
void config_reference(struct strbuf *b);
