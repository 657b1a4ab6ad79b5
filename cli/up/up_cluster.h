#pragma once
/* The private PostgreSQL cluster of `amends up`: reachable through a Unix socket in a
 * directory that only its user can enter, and over no network. */
#include "cli/up/up_place.h"
#include "cli/up/up_spawn.h"
#include "core/db/db.h"

/* Create DIR/pg if it is missing (initdb, all or nothing) and fill *ret with the data to run the
 * server. RC_UPSTREAM: PostgreSQL is not installed, or not in the cluster's major version. */
enum rc cluster_prepare(struct scope *s, const struct place *place, struct spawn *ret);

/* True once the server accepts connections. */
bool cluster_accepts(struct scope *s, const struct place *place);

/* Create the database if it is missing. */
enum rc cluster_database(struct scope *s, const struct place *place);

/* libpq conninfo of the database, as its owner. */
const char *cluster_url(struct scope *s, const struct place *place);

/* The same as the database role of our role "api", "notifier" or "billing". */
const char *cluster_role_url(struct scope *s, const struct place *place, const char *role);

/* Let those three log in. Call it as the owner, after the migrations. */
enum rc cluster_let_roles_in(struct scope *s, struct db *db);
