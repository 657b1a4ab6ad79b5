#pragma once
/* The checks of amends doctor, one file per check. */
#include "cli/doctor/report.h"

/* The database, its schema, the clock, the connected roles. */
void doctor_database(struct scope *s, struct doctor *doctor);
/* The settings, as the roles check them before they start (core/settings/checks.h). */
void doctor_settings(struct scope *s, struct doctor *doctor);
/* Keys, disk, public URL, SMS; of a wrong setting doctor_settings has the row. */
void doctor_place(struct scope *s, struct doctor *doctor);
/* The OpenID provider, if configured: its metadata names oidc_issuer and keys. */
void doctor_oidc(struct scope *s, struct doctor *doctor);
/* The same of the accounts that have one; a row for each that fails, and one for the others. */
void doctor_account_oidc(struct scope *s, struct doctor *doctor);
/* Claims of customers that wait for a decision; none: no row. */
void doctor_claims(struct scope *s, struct doctor *doctor);
/* The Slack app, if it has a token: whether Slack knows it. */
void doctor_slack(struct scope *s, struct doctor *doctor);
/* A session with each relay: EHLO, STARTTLS, AUTH, as the notifier opens it. */
void doctor_relays(struct scope *s, struct doctor *doctor);
/* The DNS records of the domain of mail_from: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489). */
void doctor_dns(struct scope *s, struct doctor *doctor);
