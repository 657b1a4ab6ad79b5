#pragma once
/*
 * How a source writes its alerts is a document (templates/alerts/NAME.json, or one of the source's
 * own), not code: where the list is, and for each alert its fingerprint, status, times, labels and
 * texts; and how requests are authenticated. Pure.
 *
 * A text is found by JSON pointers (RFC 6901) into the alert, of which the first that is there
 * counts. Times are RFC 3339, "2024-05-01 10:00:00" (UTC) or a number since 1970 whose size tells
 * its unit. Labels are an object, a list of {name, value}, or "key:value" in a list or separated by
 * commas.
 *
 *     const struct alert_format *format;
 *     TRY(alert_format_load(s, "alertmanager", &format));
 *     TRY(alert_format_read(s, format, body, clock_now(), &alerts));
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/scope.h"
#include "core/shape.h"

struct alert_auth {
    const char *type;   /* token, hmac (SHA-256 of the body, in hexadecimal digits), sns (sns.h) */
    const char *header; /* hmac: of the signature; several are separated by commas */
    /* hmac: where a request has it, "TIMESTAMP:BODY" is signed, and not older than five minutes */
    const char *timestamp_header;
    const char *prefix; /* before the digits: "v1=" */
    bool or_token;      /* a request without the header may have the token */
    struct texts hosts; /* sns: trusted beside those of Amazon */
};

struct alert_format {
    const char *name;
    const struct alert_auth *auth;
    const char *alerts; /* pointer to the list, or to the one alert; "": the body */
    struct texts fingerprint, status;
    struct texts firing, resolved; /* values of status; others are ignored */
    bool status_optional;          /* a request without one is a test, and ignored */
    bool status_strict;            /* other values are refused */
    struct texts starts_at, ends_at;
    struct texts at; /* of the event: its start if it fires, its end if it is resolved */
    struct texts labels;
    const json_t *label_fields; /* {label: [pointer]} */
    struct texts title, text;
};

/* The document of the executable; RC_NOT_FOUND: none has that name. */
enum rc alert_format_load(struct scope *s, const char *name, const struct alert_format **ret);
/* One of a source's own. RC_INVALID names the field. */
enum rc alert_format_parse(struct scope *s, const json_t *json, const struct alert_format **ret);

/* Read a request: *ret is a list of {fingerprint, labels, title, text, starts_at?, ends_at?}, owned
 * by s. now: the time of an alert that has none. RC_INVALID names the field of the request. */
enum rc alert_format_read(struct scope *s, const struct alert_format *format, const json_t *body,
    int64_t now, json_t **ret);
