#include "api/outbox/outbox.h"

static const struct route rows[] = {
    {.verb = GET,
        .path = "/v1/outbox",
        .id = "listOutboxMessages",
        .scope = "subscribers:read",
        .slow = true,
        .query = &outbox_filter_shape,
        .reply = &outbox_line_shape,
        .list = true,
        .run = outbox_list,
        .doc = "Messages kept instead of sent while no relay is configured, newest first."},
    {.verb = GET,
        .path = "/v1/outbox/{id}",
        .id = "getOutboxMessage",
        .scope = "subscribers:write",
        .reply = &outbox_message_shape,
        .run = outbox_get,
        .doc = "One of them, as its reader would get it. Its links act for the reader."},
};
const struct route_list outbox_routes = ROUTE_LIST(rows);
