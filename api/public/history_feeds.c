/* /history.atom and /history.rss, at Statuspage's paths: an entry per incident with all its
 * updates. */
#include <string.h>

#include "api/public/public.h"
#include "core/clock.h"
#include "core/json.h"
#include "templates/label.h"

enum { INCIDENTS = 50, ENTRY_MAX = 1024 * 1024 };

/* Updates of the incidents that were updated last, latest first; from_at: of the first one. */
STMT(history_updates,
    "SELECT u.id, i.ref, " PUBLIC_TITLE ", i.kind, u.state, u.posted_at AS at, " PUBLIC_BODY
    ", " PUBLIC_COVERS ", u.edited_at, x.from_at"
    "  FROM (SELECT u.incident_id, min(u.posted_at) AS from_at, max(u.posted_at) AS last"
    "    FROM incident_update u WHERE EXISTS (SELECT FROM amends.public_incident p"
    "      WHERE p.id = u.incident_id) AND " PUBLIC_NEWS
    "    GROUP BY u.incident_id ORDER BY last DESC LIMIT $1) x"
    "  JOIN incident i ON i.id = x.incident_id JOIN incident_update u ON u.incident_id = i.id"
    " ORDER BY x.last DESC, i.id DESC, u.posted_at DESC, u.id DESC",
    .row = &public_row_shape);

static void add_update(
    const struct cached_page_job *job, const struct public_row *row, struct strbuf *b)
{
    struct scope *s = job->s;
    const char *html = public_row_html(job, row, public_row_text(job, row).text);
    strbuf_addf(b, "<p><small>%s</small><br/><strong>%s</strong></p>%s",
        clock_local(s, row->at, "UTC"), label_text(s, job->locale, "state", row->state),
        html ? html : "");
}

/* The entry of the incident whose updates begin at row; *n: their number. */
static json_t *entry(
    const struct cached_page_job *job, const struct public_row *row, size_t most, size_t *n)
{
    STRBUF(b, ENTRY_MAX);
    for (*n = 0; *n < most && !strcmp(row[*n].ref, row->ref); ++*n)
        add_update(job, &row[*n], &b);
    json_t *json = public_row_json(job, row);
    json_object_set_new(json, "updates_html", json_string(strbuf_copy(&b, job->s)));
    return json;
}

static enum rc render(struct cached_page_job *job, const char *suffix)
{
    struct list rows;
    TRY(db_all(job->s, job->db, &history_updates, PARAMS(P_INT(INCIDENTS)), &rows));
    const struct public_row *row = rows.at;
    json_t *context = json_own(job->s, json_object()), *entries = json_array();
    for (size_t i = 0, n; i < rows.n; i += n)
        json_array_append_new(entries, entry(job, row + i, rows.n - i, &n));
    json_object_set_new(context, "entries", entries);
    json_object_set_new(
        context, "updated", json_string(clock_rfc3339(job->s, rows.n ? row->at : 0)));
    return public_document(job, "history", suffix, context);
}

static enum rc render_atom(struct cached_page_job *job)
{
    return render(job, "atom");
}

static enum rc render_rss(struct cached_page_job *job)
{
    return render(job, "rss");
}

const struct cached_page_kind history_atom = {.type = "application/atom+xml; charset=utf-8",
    .localised = true,
    .warm = true,
    .render = render_atom};
const struct cached_page_kind history_rss = {.type = "application/rss+xml; charset=utf-8",
    .localised = true,
    .warm = true,
    .render = render_rss};
