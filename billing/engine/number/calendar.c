#include "billing/engine/number/calendar.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

struct civil {
    int64_t year;
    int month, day;
};

static bool leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap(year) ? 29 : days[month - 1];
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Years are counted from 1 March, so that the leap day is the last of its year. */
static int64_t from_civil(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year, era = floor_div(y, 400), of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static struct civil to_civil(int64_t day)
{
    int64_t z = day + 719468, era = floor_div(z, 146097), of_era = z - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), m = (5 * of_year + 2) / 153;
    struct civil c = {.month = (int)(m < 10 ? m + 3 : m - 9)};
    c.day = (int)(of_year - (153 * m + 2) / 5 + 1);
    c.year = year + era * 400 + (c.month <= 2);
    return c;
}

bool day_parse(const char *text, int64_t *ret)
{
    if (!clock_is_date(text))
        return false;
    *ret = from_civil(atoi(text), atoi(text + 5), atoi(text + 8));
    return true;
}

char *day_text(struct scope *s, int64_t day)
{
    struct civil c = to_civil(day);
    return scope_printf(s, "%04lld-%02d-%02d", (long long)c.year, c.month, c.day);
}

void day_print(struct strbuf *b, int64_t day)
{
    struct civil c = to_civil(day);
    int64_t year = c.year;
    char text[] = "0000-00-00";
    if (year < 0 || year > 9999) {
        strbuf_addf(b, "%04lld-%02d-%02d", (long long)year, c.month, c.day);
        return;
    }
    for (int i = 3; i >= 0; i--, year /= 10)
        text[i] = (char)('0' + year % 10);
    text[5] = (char)('0' + c.month / 10);
    text[6] = (char)('0' + c.month % 10);
    text[8] = (char)('0' + c.day / 10);
    text[9] = (char)('0' + c.day % 10);
    strbuf_add(b, text, strlen(text));
}

int64_t day_add_months(int64_t day, int64_t n)
{
    struct civil c = to_civil(day);
    int64_t months = c.year * 12 + c.month - 1 + n, year = floor_div(months, 12);
    int month = (int)(months - year * 12) + 1, last = month_days(year, month);
    return from_civil(year, month, c.day < last ? c.day : last);
}

int64_t day_months_between(int64_t from, int64_t to)
{
    struct civil a = to_civil(from), b = to_civil(to);
    int64_t months = (b.year - a.year) * 12 + b.month - a.month;
    return months > 0 ? months : 0;
}

int64_t day_block(int64_t day, int months)
{
    struct civil c = to_civil(day);
    return from_civil(c.year, (c.month - 1) / months * months + 1, 1);
}

int day_weekday(int64_t day)
{
    int64_t of_week = (day + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(of_week < 0 ? of_week + 7 : of_week) + 1;
}
