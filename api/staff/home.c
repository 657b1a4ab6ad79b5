/* /staff: what is due now. */
#include "api/staff/desk.h"
#include "core/json.h"

enum rc desk_home(struct call *c)
{
    json_t *context = json_own(c->s, json_object()), *list;
    TRY(desk_get(c, "/v1/incidents?open=true&limit=50", &list));
    json_object_set(context, "incidents", json_object_get(list, "data"));
    return desk_reply(c, "home", context);
}
