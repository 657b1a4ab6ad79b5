/* Feeds of updates: /feed.atom (RFC 4287), /feed.rss (RSS 2.0), /feed.json (JSON Feed 1.1); and
 * /maintenance.ics (RFC 5545), /badge.svg. */
#include <string.h>

#include "api/public/public.h"
#include "core/clock.h"
#include "core/json.h"
#include "templates/label.h"
#include "templates/engine/template.h"

enum { ENTRIES = 50, FOLD = 75 };

STMT(feed_updates,
    "SELECT u.id, i.ref, " PUBLIC_TITLE ", i.kind, u.state, u.posted_at AS at, " PUBLIC_BODY
    ", " PUBLIC_COVERS ", u.edited_at"
    "  FROM incident_update u JOIN amends.public_incident i ON i.id = u.incident_id"
    " WHERE " PUBLIC_NEWS " ORDER BY u.posted_at DESC, u.id DESC LIMIT $1",
    .row = &public_row_shape);
/* at: time of the last update; id: number of updates, which increases with each (SEQUENCE). */
STMT(feed_maintenances,
    "SELECT (SELECT count(*) FROM incident_update x WHERE x.incident_id = i.id) AS id,"
    "   i.ref, " PUBLIC_TITLE ", i.kind, i.state, u.posted_at AS at, " PUBLIC_BODY
    ", coalesce(i.scheduled_from, (SELECT min(m.from_at)"
    "     FROM amends.current_impact m WHERE m.incident_id = i.id), i.started_at) AS from_at,"
    "   coalesce(i.scheduled_until, (SELECT max(m.to_at) FROM amends.current_impact m"
    "     WHERE m.incident_id = i.id)) AS to_at"
    "  FROM amends.public_incident i JOIN LATERAL (SELECT posted_at, body, translations, auto FROM "
    "incident_update"
    "     WHERE incident_id = i.id ORDER BY id DESC LIMIT 1) u ON true"
    " WHERE i.kind = 'maintenance' ORDER BY i.id DESC LIMIT $1",
    .row = &public_row_shape);

static enum rc render_feed(struct cached_page_job *job, const char *suffix)
{
    struct list rows;
    TRY(db_all(job->s, job->db, &feed_updates, PARAMS(P_INT(ENTRIES)), &rows));
    json_t *context = json_own(job->s, json_object());
    const struct public_row *row = rows.at;
    int64_t updated = 0;
    for (size_t i = 0; i < rows.n; i++) {
        int64_t at = row[i].edited_at > row[i].at ? row[i].edited_at : row[i].at;
        updated = at > updated ? at : updated;
    }
    json_object_set_new(context, "entries", public_rows_json(job, &rows));
    json_object_set_new(context, "updated", json_string(clock_rfc3339(job->s, updated)));
    return public_document(job, "feed", suffix, context);
}

static enum rc render_atom(struct cached_page_job *job)
{
    return render_feed(job, "atom");
}

static enum rc render_rss(struct cached_page_job *job)
{
    return render_feed(job, "rss");
}

static enum rc render_json(struct cached_page_job *job)
{
    return render_feed(job, "json");
}

/* One content line with CRLF: escaped (3.3.11) and folded (3.1) between characters. */
static void add_line(struct strbuf *b, const char *name, const char *value)
{
    STRBUF(line, 1024 * 1024);
    strbuf_addf(&line, "%s:", name);
    for (; *value; value++) {
        if (*value == '\n')
            strbuf_addstr(&line, "\\n");
        else if (strchr("\\;,", *value))
            strbuf_addf(&line, "\\%c", *value);
        else if (*value != '\r')
            strbuf_addch(&line, *value);
    }
    size_t width = FOLD;
    for (size_t at = 0; at < line.len;) {
        size_t n = line.len - at < width ? line.len - at : width;
        while (at + n < line.len && ((unsigned char)line.buf[at + n] & 0xC0) == 0x80)
            n--;
        strbuf_addstr(b, at ? "\r\n " : "");
        strbuf_add(b, line.buf + at, n);
        at += n;
        width = FOLD - 1; /* after the space */
    }
    strbuf_addstr(b, "\r\n");
}

/* "20190115T050600Z" */
static const char *instant(struct scope *s, int64_t us)
{
    const char *text = clock_rfc3339(s, us);
    return scope_printf(
        s, "%.4s%.2s%.2sT%.2s%.2s%.2sZ", text, text + 5, text + 8, text + 11, text + 14, text + 17);
}

static void add_event(struct cached_page_job *job, const struct public_row *row)
{
    struct scope *s = job->s;
    struct strbuf *b = job->out;
    char *text = NULL;
    const char *host = strstr(job->api->public_url, "://");
    host = host ? host + 3 : "amends";
    add_line(b, "BEGIN", "VEVENT");
    add_line(b, "UID", scope_printf(s, "%s@%s", row->ref, host));
    add_line(b, "DTSTAMP", instant(s, row->at));
    add_line(b, "DTSTART", instant(s, row->from_at));
    if (row->to_at != SHAPE_NONE && row->to_at > row->from_at)
        add_line(b, "DTEND", instant(s, row->to_at));
    add_line(b, "SEQUENCE", scope_printf(s, "%lld", (long long)row->id - 1));
    add_line(b, "SUMMARY", public_row_title(job, row).text);
    if (markdown_text(s, public_row_text(job, row).text, &text) == RC_OK)
        add_line(b, "DESCRIPTION", text);
    strbuf_addf(b, "URL:%s/incidents/%s\r\n", job->api->public_url, row->ref);
    bool cancelled = !strcmp(row->state, "cancelled");
    add_line(b, "STATUS", cancelled ? "CANCELLED" : "CONFIRMED");
    add_line(b, "TRANSP", "TRANSPARENT"); /* it blocks no time (RFC 5545 3.8.2.7) */
    add_line(b, "END", "VEVENT");
}

static enum rc render_calendar(struct cached_page_job *job)
{
    struct list rows;
    TRY(db_all(job->s, job->db, &feed_maintenances, PARAMS(P_INT(ENTRIES)), &rows));
    add_line(job->out, "BEGIN", "VCALENDAR");
    add_line(job->out, "VERSION", "2.0");
    add_line(job->out, "PRODID", "-//Amends//Status//EN");
    add_line(job->out, "METHOD", "PUBLISH"); /* RFC 5546 3.2.1 */
    add_line(job->out, "X-WR-CALNAME", job->api->config->brand);
    for (size_t i = 0; i < rows.n; i++)
        add_event(job, (const struct public_row *)rows.at + i);
    add_line(job->out, "END", "VCALENDAR");
    return RC_OK;
}

static enum rc render_badge(struct cached_page_job *job)
{
    const char *indicator = "none";
    TRY(public_indicator(job, &indicator));
    const char *words = label_text(job->s, "en", "indicator", indicator);
    json_t *context = json_own(job->s, json_object());
    static const struct {
        const char *indicator, *colour;
    } colours[] = {{"none", "#1a7f37"}, {"minor", "#9a6700"}, {"maintenance", "#0b62c4"},
        {"major", "#c4320a"}, {"critical", "#b42318"}};
    const char *colour = colours[0].colour;
    for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
        if (!strcmp(colours[i].indicator, indicator))
            colour = colours[i].colour;
    int width = 20 + 7 * (int)strlen(words);
    json_object_set_new(context, "words", json_string(words));
    json_object_set_new(context, "colour", json_string(colour));
    json_object_set_new(context, "right", json_integer(width));
    json_object_set_new(context, "width", json_integer(64 + width));
    json_object_set_new(context, "middle", json_integer(64 + width / 2));
    return public_document(job, "badge", "svg", context);
}

const struct cached_page_kind public_atom = {.type = "application/atom+xml; charset=utf-8",
    .localised = true,
    .warm = true,
    .render = render_atom};
const struct cached_page_kind public_rss = {.type = "application/rss+xml; charset=utf-8",
    .localised = true,
    .warm = true,
    .render = render_rss};
const struct cached_page_kind public_json = {.type = "application/feed+json; charset=utf-8",
    .localised = true,
    .warm = true,
    .render = render_json};
const struct cached_page_kind public_calendar = {.type = "text/calendar; charset=utf-8",
    .localised = true,
    .warm = true,
    .render = render_calendar};
const struct cached_page_kind public_badge = {
    .type = "image/svg+xml", .warm = true, .render = render_badge};
