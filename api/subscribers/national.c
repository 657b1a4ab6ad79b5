#include "api/subscribers/national.h"

#include <ctype.h>
#include <string.h>

/* Calling code of each country (ITU-T E.164): Statuspage writes national numbers. */
static const char calling_codes[] =
    " AE971 AR54 AT43 AU61 BA387 BD880 BE32 BG359 BH973 BO591 BR55 BY375 CA1 CH41 CL56 CN86 CO57"
    " CR506 CY357 CZ420 DE49 DK45 DO1 DZ213 EC593 EE372 EG20 ES34 ET251 FI358 FR33 GB44 GE995"
    " GH233 GR30 GT502 HK852 HN504 HR385 HU36 ID62 IE353 IL972 IN91 IQ964 IR98 IS354 IT39 JM1"
    " JO962 JP81 KE254 KH855 KR82 KW965 KZ7 LB961 LI423 LK94 LT370 LU352 LV371 MA212 MC377 MD373"
    " MK389 MM95 MO853 MT356 MU230 MX52 MY60 NG234 NI505 NL31 NO47 NP977 NZ64 OM968 PA507 PE51"
    " PH63 PK92 PL48 PR1 PT351 PY595 QA974 RO40 RS381 RU7 SA966 SE46 SG65 SI386 SK421 SN221 SV503"
    " TH66 TN216 TR90 TT1 TW886 TZ255 UA380 UG256 US1 UY598 UZ998 VE58 VN84 ZA27 ZM260 ZW263 ";

enum rc national_number(struct scope *s, const char *number, const char *country, const char **ret)
{
    if (*number == '+') {
        *ret = number;
        return RC_OK;
    }
    char wanted[4] = {' ', (char)toupper((unsigned char)country[0]),
        (char)(country[0] ? toupper((unsigned char)country[1]) : 0), 0};
    const char *found = strlen(wanted) == 3 ? strstr(calling_codes, wanted) : NULL;
    if (!found)
        return fail_field(s, RC_INVALID, "phone_country", "no calling code of \"%.20s\"", country);
    found += 3;
    /* The national prefix 0 is not dialled from abroad; Italy's is part of the number. */
    number += !strncmp(found, "39 ", 3) ? 0 : strspn(number, "0");
    *ret = scope_printf(s, "+%.*s%s", (int)strcspn(found, " "), found, number);
    return RC_OK;
}
