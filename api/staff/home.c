/* /staff: what is due now. */
#include "api/staff/desk.h"
#include "core/json.h"

enum rc desk_home(struct call *c)
{
    json_t *context = json_own(c->s, json_object()), *incidents, *sending;
    TRY(desk_get(c, "/v1/incidents?open=true&limit=50", &incidents));
    TRY(desk_get(c, "/v1/broadcasts?limit=5", &sending));
    json_object_set(
        context, "incidents", desk_labelled(c, json_object_get(incidents, "data"), "state"));
    json_object_set(context, "sending", json_object_get(sending, "data"));
    return desk_reply(c, "home", context);
}
