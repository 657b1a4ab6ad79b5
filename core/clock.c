#include "core/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000;
}

int64_t clock_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Exactly n digits at *p as a number, or -1. Advances *p. */
static int digits(const char **p, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++, (*p)++) {
        if (**p < '0' || **p > '9')
            return -1;
        value = value * 10 + (**p - '0');
    }
    return value;
}

static bool skip(const char **p, char c)
{
    if (**p != c)
        return false;
    (*p)++;
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Days from 1970-01-01 in the proleptic Gregorian calendar. */
static int64_t day_number(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t in_era = y - era * 400;
    int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static bool parse_date(const char **p, int64_t *ret_days)
{
    int year = digits(p, 4);
    if (year < 1 || !skip(p, '-'))
        return false;
    int month = digits(p, 2);
    if (month < 1 || month > 12 || !skip(p, '-'))
        return false;
    int day = digits(p, 2);
    if (day < 1 || day > days_in_month(year, month))
        return false;
    *ret_days = day_number(year, month, day);
    return true;
}

static bool parse_time(const char **p, int64_t *ret_us)
{
    int hour = digits(p, 2);
    if (hour < 0 || hour > 23 || !skip(p, ':'))
        return false;
    int minute = digits(p, 2);
    if (minute < 0 || minute > 59 || !skip(p, ':'))
        return false;
    int second = digits(p, 2);
    if (second < 0 || second > 59)
        return false;
    int64_t us = 0;
    if (skip(p, '.')) {
        int64_t unit = CLOCK_SECOND / 10;
        if (**p < '0' || **p > '9')
            return false;
        for (; **p >= '0' && **p <= '9'; (*p)++, unit /= 10) {
            if (!unit)
                return false;
            us += (**p - '0') * unit;
        }
    }
    *ret_us = ((hour * 60 + minute) * 60 + second) * CLOCK_SECOND + us;
    return true;
}

/* "Z", "+01:00"; with sql also "+01". */
static bool parse_offset(const char **p, bool sql, int64_t *ret_us)
{
    *ret_us = 0;
    if (!sql && (skip(p, 'Z') || skip(p, 'z')))
        return true;
    int sign = **p == '-' ? -1 : 1;
    if (!skip(p, '+') && !skip(p, '-'))
        return false;
    int hour = digits(p, 2);
    int minute = 0;
    if (hour < 0 || hour > 23)
        return false;
    if (skip(p, ':'))
        minute = digits(p, 2);
    else if (!sql)
        return false;
    if (minute < 0 || minute > 59)
        return false;
    *ret_us = sign * (hour * 60 + minute) * 60 * CLOCK_SECOND;
    return true;
}

static bool parse(const char *text, bool sql, int64_t *ret_us)
{
    const char *p = text;
    int64_t days, time_us, offset;
    if (!parse_date(&p, &days))
        return false;
    if (!(sql ? skip(&p, ' ') : skip(&p, 'T') || skip(&p, 't')))
        return false;
    if (!parse_time(&p, &time_us) || !parse_offset(&p, sql, &offset) || *p)
        return false;
    *ret_us = days * 86400 * CLOCK_SECOND + time_us - offset;
    return true;
}

bool clock_parse(const char *text, int64_t *ret_us)
{
    return parse(text, false, ret_us);
}

bool clock_parse_sql(const char *text, int64_t *ret_us)
{
    return parse(text, true, ret_us);
}

bool clock_is_date(const char *text)
{
    int64_t days;
    return parse_date(&text, &days) && !*text;
}

/* Seconds and the rest, rounding towards the past, so that the rest is never negative. */
static time_t split(int64_t us, int64_t *ret_rest)
{
    int64_t rest = us % CLOCK_SECOND;
    if (rest < 0)
        rest += CLOCK_SECOND;
    *ret_rest = rest;
    return (time_t)((us - rest) / CLOCK_SECOND);
}

static struct tm broken_down(int64_t us, int64_t *ret_rest)
{
    time_t seconds = split(us, ret_rest);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    return tm;
}

char *clock_rfc3339(struct scope *s, int64_t us)
{
    int64_t rest;
    struct tm tm = broken_down(us, &rest);
    char *text = scope_printf(s, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1,
        tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return rest ? scope_printf(s, "%s.%06dZ", text, (int)rest) : scope_printf(s, "%sZ", text);
}

char *clock_rfc5322(struct scope *s, int64_t us)
{
    static const char *const day[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const month[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t rest;
    struct tm tm = broken_down(us, &rest);
    return scope_printf(s, "%s, %02d %s %04d %02d:%02d:%02d +0000", day[tm.tm_wday], tm.tm_mday,
        month[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}
