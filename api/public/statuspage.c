#include "api/public/statuspage.h"

#include <stdlib.h>
#include <string.h>

STMT(statuspage_document, "SELECT amends.statuspage($1, $2, $3) AS text", .row = &row_text);

STMT(statuspage_history_document, "SELECT amends.statuspage_history($1, $2, $3) AS text",
    .row = &row_text);

enum { HISTORY_PAGES = 400 };

struct history_query {
    int64_t page;
};
const struct shape statuspage_history_query = SHAPE("HistoryPage", struct history_query,
    FIELD(INT, page, .min = 1, .max = HISTORY_PAGES, .def = "1",
        .doc = "Of three months; 1: with the present month."));

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

/* Read before the query is decoded, because a page in memory needs no database. */
static const char *history_page(const struct call *c)
{
    for (size_t i = 0; i < c->request->n_query; i++)
        if (!strcmp(c->request->query[i].name, "page") &&
            strcmp(c->request->query[i].value, "1") != 0)
            return c->request->query[i].value;
    return NULL;
}

static enum rc render_months(struct cached_page_job *job)
{
    const char *text;
    int64_t page = job->param ? strtoll(job->param, NULL, 10) : 1;
    TRY(db_one(job->s, job->db, &statuspage_history_document,
        PARAMS(P_INT(page), P_TEXT(job->api->config->brand), P_TEXT(job->api->public_url)), &text));
    strbuf_addstr(job->out, text);
    return RC_OK;
}
const struct cached_page_kind statuspage_months = {.type = "application/json; charset=utf-8",
    .warm = true,
    .param = history_page,
    .render = render_months};
