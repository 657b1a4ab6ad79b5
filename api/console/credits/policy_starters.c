#include "api/console/credits/policy_starters.h"

const struct policy_starter policy_starters[] = {
    {"uptime_tiers",
        "{\"name\":\"uptime-tiers\",\"model\":\"tiered\",\"tiers\":["
        "{\"uptime_below\":\"99.99\",\"percent\":\"5\"},{\"uptime_below\":\"99.9\",\"percent\":"
        "\"10\"},{\"uptime_below\":\"99\",\"percent\":\"20\"},{\"uptime_below\":\"95\","
        "\"percent\":\"50\"}]}"},
    {"ten_times", "{\"name\":\"ten-times\",\"model\":\"prorata\",\"multiplier\":\"10\"}"},
    {"lost_time", "{\"name\":\"lost-time\",\"model\":\"prorata\",\"multiplier\":\"1\","
                  "\"min_block_seconds\":300,\"maintenance_notice_hours\":48}"},
    {"day_per_day", "{\"name\":\"day-per-day\",\"model\":\"days\",\"days\":\"1\",\"per\":"
                    "\"affected_day\"}"},
    {"two_days_for_all", "{\"name\":\"two-days-for-all\",\"model\":\"days\",\"days\":\"2\","
                         "\"audience\":\"all\"}"},
    {"ten_each", "{\"name\":\"ten-each\",\"model\":\"fixed\",\"amounts\":{\"EUR\":1000,\"USD\":"
                 "1000}}"},
    {0},
};
