/* The output of `amends credit explain` for one line. */
#include <string.h>

#include "cli/credit_words.h"
#include "core/json.h"
#include "tests/unit/tap.h"

static const char explain[] =
    "{\"timezone\":\"Asia/Kuwait\",\"period\":{\"from\":\"2018-01-15\",\"to\":\"2018-02-15\","
    "\"dates\":31,\"seconds\":\"2678400\"},\"prices\":[{\"price_minor\":13500,"
    "\"from\":\"2018-01-14T21:00:00Z\",\"to\":\"2018-02-14T21:00:00Z\"}],"
    "\"impacts\":[{\"incident\":\"x\",\"component\":\"login\",\"level\":\"partial_outage\","
    "\"weight_bp\":5050,\"from\":\"2018-01-29T18:30:00Z\",\"to\":\"2018-01-29T22:30:00Z\"}],"
    "\"windows\":[{\"from\":\"2018-01-29T18:30:00Z\",\"to\":\"2018-01-29T22:30:00Z\","
    "\"seconds\":\"14400\",\"weight_bp\":5050,\"price_minor\":13500}],"
    "\"weighted_seconds\":\"7272\",\"entitled_seconds\":\"2678400\","
    "\"claims\":[{\"at\":\"2018-01-29T18:30:00Z\",\"price_minor\":13500,\"affected\":true},"
    "{\"at\":\"2018-01-29T18:30:00Z\",\"price_minor\":13500,\"affected\":false,"
    "\"incident\":\"y\"}],\"formula\":\"2 day(s) x price\",\"exact\":{\"numerator\":\"27000\","
    "\"denominator\":\"31\",\"decimal\":\"870.967741935484\"},\"rounding\":\"half_up\","
    "\"rounded_minor\":871,\"earlier_minor\":1,\"issued_minor\":500,\"cap_percent\":\"100\","
    "\"cap_minor\":13500,\"amount_minor\":870}";

static const char *const lines[] = {
    "Period 2018-01-15 to 2018-02-15 in Asia/Kuwait: 31 dates, 2678400 seconds",
    "  price       13.500 KWD from 2018-01-14T21:00:00Z (2018-01-15 00:00 +03:00) to "
    "2018-02-14T21:00:00Z (2018-02-15 00:00 +03:00)",
    "  impact      login partial_outage of x, counts 50.50 %: 2018-01-29T18:30:00Z to "
    "2018-01-29T22:30:00Z",
    "  time        2018-01-29T18:30:00Z (2018-01-29 21:30 +03:00) to 2018-01-29T22:30:00Z "
    "(2018-01-30 01:30 +03:00): 14400 seconds at 50.50 %, price 13.500 KWD",
    "  weighted    7272 seconds of 2678400 that had a price",
    "  paid for    2018-01-29T18:30:00Z (2018-01-29 21:30 +03:00), price 13.500 KWD",
    "  paid for    2018-01-29T18:30:00Z (2018-01-29 21:30 +03:00), price 13.500 KWD, y, not "
    "affected itself: start of the outage",
    "  formula     2 day(s) x price",
    "  exact       27000 / 31 = 870.967741935484 minor units",
    "  rounded     0.871 KWD (half_up)",
    "  earlier     0.001 KWD already issued by this policy for the period, subtracted",
    "  cap         100 % of the period's price = 13.500 KWD, less 0.500 KWD issued: 13.000 KWD",
    "  line        0.870 KWD",
};

int main(void)
{
    SCOPE(s);
    json_t *json = NULL;
    ok(json_parse(s, explain, strlen(explain), &json) == RC_OK, "the explanation is JSON");
    STRBUF(b, 64 * 1024);
    credit_words(s, &b, json, "KWD");
    char *rest = strbuf_copy(&b, s);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        is_text(strsep(&rest, "\n"), lines[i], lines[i]);
    is_text(rest, "", "and nothing else");
    return tap_end();
}
