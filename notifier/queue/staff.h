#pragma once
/*
 * The places where staff are reached: staff_email, staff_slack_url and slack_channel (where
 * messages may be cards with buttons, sql/cards.sql) of the configuration, and for promises that
 * are late those of each person (staff.alerts). amends.staff_report makes broadcasts to them
 * without recipients.
 *
 *     SELECT amends.staff_report('promise:17', 'An update is overdue', 'Promised for 12:30 UTC.');
 *
 * Their recipient ids are negative (amends.staff_recipient): no row of the database has them.
 */
#include "core/config.h"
#include "core/db/db.h"

struct staff {
    struct texts channels;  /* the schema's words */
    struct texts addresses; /* as many */
};

/* Owned by s or the configuration; empty when nothing is configured. */
struct staff staff_places(struct scope *s, const struct config *config);

/* Give the broadcasts that wait for it their recipients. Several notifiers may call it at once. */
enum rc staff_expand(struct scope *s, struct db *db, const struct config *config);
