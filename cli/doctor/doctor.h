#ifndef CLI_DOCTOR_DOCTOR_H
#define CLI_DOCTOR_DOCTOR_H
/*
 * amends doctor: is what the roles need there? Each check is a row, so that a person and a
 * program read the same: what was looked at, how it is, what was seen, and what to do.
 */
#include <jansson.h>

#include "core/config.h"
#include "core/db/db.h"

enum health { HEALTH_OK, HEALTH_WARN, HEALTH_FAIL };

struct doctor {
    const struct config *config;
    struct db *db;
    const char *resolver; /* IP[:PORT] or NULL: the system's */
    json_t *rows;
    bool good; /* no row is HEALTH_FAIL */
};

/* Add a row. advice: what to do, or NULL when nothing is wrong. */
__attribute__((format(printf, 6, 7))) void doctor_row(struct scope *s, struct doctor *doctor,
    const char *check, enum health health, const char *advice, const char *fmt, ...);

/* The database, its schema, the clock, which roles are connected. */
void doctor_database(struct scope *s, struct doctor *doctor);
/* Keys, disk, public URL, SMS. */
void doctor_place(struct scope *s, struct doctor *doctor);
/* The OpenID provider, when one is configured: its description names oidc_issuer, and its keys. */
void doctor_oidc(struct scope *s, struct doctor *doctor);
/* A session with each relay: EHLO, STARTTLS, AUTH, as the notifier opens it. */
void doctor_relays(struct scope *s, struct doctor *doctor);
/* What DNS says of the domain of mail_from: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489). */
void doctor_dns(struct scope *s, struct doctor *doctor);

#endif
