#ifndef CLI_UP_CLUSTER_H
#define CLI_UP_CLUSTER_H
/* The private PostgreSQL cluster of `amends up`: reachable through a Unix socket in a
 * directory that only its user can enter, and over no network. */
#include "cli/up_place.h"
#include "cli/up_spawn.h"

/* Make DIR/pg when it is missing (initdb, all or nothing) and put what runs the server
 * into *ret. RC_UPSTREAM: no PostgreSQL installed, or one of another major version than
 * the cluster's. */
enum rc cluster_prepare(struct scope *s, const struct place *place, struct spawn *ret);

/* True once the server takes connections. */
bool cluster_accepts(struct scope *s, const struct place *place);

/* Make the database when it is missing. */
enum rc cluster_database(struct scope *s, const struct place *place);

/* libpq conninfo of the database. */
const char *cluster_url(struct scope *s, const struct place *place);

#endif
