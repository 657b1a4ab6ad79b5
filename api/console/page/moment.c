/* Moments in the zone of the person signed in, as datetime-local fields have them. */
#include <string.h>

#include "api/access/staff.h"
#include "api/console/console.h"
#include "api/forms/edits.h"
#include "api/forms/tags.h"
#include "core/clock.h"

const char *console_wall(struct call *c, const char *at)
{
    int64_t us;
    return at && clock_parse(at, &us) ? clock_wall(c->s, us, c->staff->timezone) : "";
}

const char *console_moment(struct call *c, const char *typed, const char *was)
{
    int64_t us;
    if (*was && !strcmp(console_wall(c, was), typed))
        return was;
    return clock_from_wall(typed, c->staff->timezone, &us) ? clock_rfc3339(c->s, us) : typed;
}

void console_times(struct call *c)
{
    if (!c->staff)
        return;
    const char *page = strbuf_copy(&c->reply.body, c->s);
    struct edits *edits = SCOPE_NEW(c->s, struct edits);
    struct tag tag;
    for (const char *at = page; tag_next(&at, &tag);) {
        const char *moment = tag_is(&tag, "time") ? tag_value(c->s, &tag, "datetime") : NULL;
        int64_t us;
        size_t len = moment ? strlen(moment) : 0;
        if (len && !strncmp(tag.end, moment, len) && tag.end[len] == '<' &&
            clock_parse(moment, &us))
            edits_add(edits, tag.end, len, clock_local(c->s, us, c->staff->timezone));
    }
    strbuf_clear(&c->reply.body);
    edits_apply(edits, page, &c->reply.body);
}
