#pragma once
/*
 * Lists are read page by page: the filter of a list begins with the position and size of the page.
 *
 *     struct review_filter {
 *         struct list_page page;
 *         const char *state;
 *     };
 *     const struct shape review_filter_shape = SHAPE("ReviewFilter", struct review_filter,
 *         PAGE_FIELDS("100", 1000),
 *         FIELD(TEXT, state, .one_of = states, .doc = "Only this state."));
 *
 *     TRY(page_open(c, "reviews", &after));
 *     TRY(db_all(c->s, c->db, &review_page, PARAMS(P_INT(after), P_INT(filter->page.limit)),
 * &rows)); return reply_page(c, "reviews", rows, offsetof(struct review, id));
 */
#include "api/call/call.h"

struct list_page {
    const char *cursor;
    int64_t limit;
};
#define PAGE_FIELDS(usual, most) \
    FIELD_AS(TEXT, "cursor", page.cursor, .max = 256, .doc = "next_cursor of the previous page."), \
        FIELD_AS(INT, "limit", page.limit, .min = 1, .max = most, .def = usual, \
            .doc = "Size of a page.")

/* For lists without other filters; they fill a struct page_filter. */
struct page_filter {
    struct list_page page;
};
extern const struct shape page_filter_shape;      /* 50 rows, at most 200 */
extern const struct shape long_page_filter_shape; /* 100 rows, at most 1000 */

/* The id after which the requested page begins, 0 for the first page; list: see cursor.h. */
enum rc page_open(struct call *c, const char *list, int64_t *ret_after);

/* Reply with rows, and a cursor after the last one if the page is full; id: offset of the int64_t
 * in a row that orders the list. */
enum rc reply_page(struct call *c, const char *list, struct list rows, size_t id);
