#include "api/public/statuspage.h"

STMT(statuspage_document, "SELECT amends.statuspage($1, $2, $3) AS text", .row = &row_text);

static enum rc render(struct cached_page_job *job, const char *what)
{
    const char *text;
    TRY(db_one(job->s, job->db, &statuspage_document,
        PARAMS(P_TEXT(what), P_TEXT(job->api->config->brand), P_TEXT(job->api->public_url)),
        &text));
    strbuf_addstr(job->out, text);
    return RC_OK;
}

#define DOCUMENT(what) \
    static enum rc render_##what(struct cached_page_job *job) \
    { \
        return render(job, #what); \
    } \
    const struct cached_page_kind statuspage_##what = { \
        .type = "application/json; charset=utf-8", .warm = true, .render = render_##what}

DOCUMENT(summary);
DOCUMENT(status);
DOCUMENT(components);
DOCUMENT(incidents);
DOCUMENT(unresolved);
DOCUMENT(maintenances);
DOCUMENT(upcoming);
DOCUMENT(active);
DOCUMENT(embed);
