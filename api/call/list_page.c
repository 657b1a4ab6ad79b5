#include "api/call/list_page.h"

#include "api/call/cursor.h"

const struct shape page_filter_shape =
    SHAPE("PageFilter", struct page_filter, PAGE_FIELDS("50", 200));
const struct shape long_page_filter_shape =
    SHAPE("LongPageFilter", struct page_filter, PAGE_FIELDS("100", 1000));

enum rc page_open(struct call *c, const char *list, int64_t *ret_after)
{
    const struct list_page *page = c->query;
    return cursor_open(c->s, c->api->keys, list, page->cursor, ret_after);
}

enum rc reply_page(struct call *c, const char *list, struct list rows, size_t id)
{
    const struct list_page *page = c->query;
    if ((int64_t)rows.n < page->limit)
        return reply_list(c, rows, NULL);
    const char *last = (const char *)rows.at + (rows.n - 1) * c->route->reply->size;
    int64_t after = *(const int64_t *)(const void *)(last + id);
    return reply_list(c, rows, cursor_make(c->s, c->api->keys, list, after));
}
