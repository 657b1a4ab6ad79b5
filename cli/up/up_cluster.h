#ifndef CLI_UP_UP_CLUSTER_H
#define CLI_UP_UP_CLUSTER_H
/* The private PostgreSQL cluster of `amends up`: reachable through a Unix socket in a
 * directory that only its user can enter, and over no network. */
#include "cli/up/up_place.h"
#include "cli/up/up_spawn.h"
#include "core/db/db.h"

/* Make DIR/pg when it is missing (initdb, all or nothing) and put what runs the server
 * into *ret. RC_UPSTREAM: no PostgreSQL installed, or one of another major version than
 * the cluster's. */
enum rc cluster_prepare(struct scope *s, const struct place *place, struct spawn *ret);

/* True once the server takes connections. */
bool cluster_accepts(struct scope *s, const struct place *place);

/* Make the database when it is missing. */
enum rc cluster_database(struct scope *s, const struct place *place);

/* libpq conninfo of the database, as its owner. */
const char *cluster_url(struct scope *s, const struct place *place);

/* The same as the database role of a role of ours: "api", "notifier" or "billing". */
const char *cluster_role_url(struct scope *s, const struct place *place, const char *role);

/* After the migrations, as the owner: let those three log in. */
enum rc cluster_let_roles_in(struct scope *s, struct db *db);

#endif
