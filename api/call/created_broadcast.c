#include "api/call/created_broadcast.h"

SHAPE_EXTERN(struct created_broadcast, created_broadcast_shape, "CreatedBroadcast",
    FIELD(INT, broadcast, .required = true, .doc = "Id of the broadcast."));

enum rc reply_created_broadcast(struct call *c, int64_t id)
{
    return reply_object(c, &(struct created_broadcast){.broadcast = id});
}
