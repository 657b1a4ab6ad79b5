#pragma once
/* Time: int64_t microseconds since 1970-01-01T00:00:00Z everywhere. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/scope.h"

#define CLOCK_SECOND INT64_C(1000000)

int64_t clock_now(void);       /* wall clock, us */
int64_t clock_monotonic(void); /* never jumps, us, any origin */

/* RFC 3339 date-time with any offset, up to 6 digits of fraction; false if it is not one. */
bool clock_parse(const char *text, int64_t *ret_us);
/* The same from PostgreSQL's ISO output with TimeZone=UTC: "2013-01-15 05:06:00.5+00". */
bool clock_parse_sql(const char *text, int64_t *ret_us);
/* "2013-01-15T05:06:00Z", or with ".500000" when there is a fraction. */
char *clock_rfc3339(struct scope *s, int64_t us);
/* "Tue, 15 Jan 2013 05:06:00 +0000" (RFC 5322 3.3). */
char *clock_rfc5322(struct scope *s, int64_t us);
/* In an IANA zone: "2013-01-15 06:06 +01:00"; NULL zone or unknown: UTC. Thread-safe. */
char *clock_local(struct scope *s, int64_t us, const char *zone);
/* The same for people, to the minute, in a language: "Jan 15, 2013, 6:06 AM GMT+1" (BCP 47 tag; an
 * unknown one: English or its base). Thread-safe. */
char *clock_text(struct scope *s, int64_t us, const char *zone, const char *locale);
/* The same with seconds where they are not 0. */
char *clock_text_seconds(struct scope *s, int64_t us, const char *zone, const char *locale);
/* From one to another, to the minute: "Jan 15, 2013, 6:06 AM – 2:30 PM GMT+1". */
char *clock_text_span(
    struct scope *s, int64_t from, int64_t to, const char *zone, const char *locale);
/* A date, "2013-01-15", for people: "Jan 15, 2013". What is no date stays as it is. */
char *clock_text_day(struct scope *s, const char *day, const char *locale);
/* As the value of a datetime-local field, "2013-01-15T06:06"; and back: false if it is not one. Of
 * an hour that a zone has twice it is the first. */
char *clock_wall(struct scope *s, int64_t us, const char *zone);
bool clock_from_wall(const char *text, const char *zone, int64_t *ret_us);
/* "YYYY-MM-DD" of an existing day. */
bool clock_is_date(const char *text);
/* Whether this system's zoneinfo has the zone "Europe/Berlin". Rejects names that leave the folder.
 */
bool clock_is_zone(const char *name);
