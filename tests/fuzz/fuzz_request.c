/* No target, query or CSV crashes, and accepted input is clean. The
 * first line is the request target, the rest a body: JSON for the largest shape, and CSV. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/incidents/incidents.h"
#include "api/call/route.h"
#include "core/csv.h"
#include "core/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_clean(const char *text)
{
    if (!utf8_is_valid(text, strlen(text)))
        abort();
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            abort();
}

static void read_target(struct scope *s, const char *target)
{
    struct request r = {.verb = "GET"};
    if (request_target(s, target, &r) != RC_OK)
        return;
    for (size_t i = 0; i < r.n_segments && i < REQUEST_SEGMENTS; i++) {
        check_clean(r.segment[i]);
        if (strpbrk(r.segment[i], "/\\"))
            abort();
    }
    for (size_t i = 0; i < r.n_query; i++)
        check_clean(r.query[i].value);
    struct route_match match = route_find(&r);
    if (match.route && match.route->query) {
        void *query = scope_alloc(s, match.route->query->size);
        (void)request_query(s, &r, match.route->query, query);
    }
}

static void read_body(struct scope *s, const char *body, size_t len)
{
    void *incident = scope_alloc(s, new_incident_shape.size);
    (void)shape_parse(s, &new_incident_shape, body, len, incident);
    struct csv csv;
    struct texts fields;
    FILE *in = fmemopen((char *)(uintptr_t)body, len ? len : 1, "r");
    if (!in)
        abort();
    csv_open(&csv, in);
    while (csv_next(s, &csv, &fields) == RC_OK)
        for (size_t i = 0; i < fields.n; i++)
            if (!utf8_is_valid(fields.at[i], strlen(fields.at[i])))
                abort();
    csv_close(&csv);
    fclose(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    SCOPE(s);
    const char *text = scope_strndup(s, (const char *)bytes, size);
    size_t target = strcspn(text, "\n");
    read_target(s, scope_strndup(s, text, target));
    if (target < size)
        read_body(s, text + target + 1, strlen(text + target + 1));
    return 0;
}
