#ifndef NOTIFIER_QUEUE_STAFF_H
#define NOTIFIER_QUEUE_STAFF_H
/*
 * Where staff are reached: staff_email and staff_slack_url of the configuration, and of promises
 * that are late each person as they chose (staff.alerts). Letters to them are made by staff_tell
 * (core/sql/staff_tell.sql) without recipients.
 *
 *     SELECT staff_tell('promise:17', 'An update is overdue', 'Promised for 12:30 UTC.');
 *
 * The nth place has the recipient id -n, which is no id of the database; a person STAFF_PERSON
 * and below, two each: e-mail and SMS.
 */
#include "core/config.h"
#include "core/db/db.h"

#define STAFF_PERSON "-100" /* -100 - 2 * staff.id: e-mail; one less: SMS */

struct staff {
    struct texts channels;  /* words of the schema */
    struct texts addresses; /* as many */
};

/* Owned by s or the configuration; empty when nothing is configured. */
struct staff staff_places(struct scope *s, const struct config *config);

/* Give letters that wait for it their recipients. Several notifiers may call it at once. */
enum rc staff_expand(struct scope *s, struct db *db, const struct config *config);

/* What staff are reminded of once a day (notifier/sql/ageing.sql); by any notifier, any time. */
enum rc staff_remind(struct scope *s, struct db *db);

#endif
