#include "api/call/created_broadcast.h"

struct created_broadcast {
    int64_t broadcast;
};
#define SHAPE_STRUCT struct created_broadcast
static const struct field created_broadcast_fields[] = {
    FIELD(INT, broadcast, .required = true, .doc = "Id of the broadcast."),
};
const struct shape created_broadcast_shape = SHAPE("CreatedBroadcast", created_broadcast_fields);
#undef SHAPE_STRUCT

enum rc reply_created_broadcast(struct call *c, int64_t id)
{
    return reply_object(c, &(struct created_broadcast){.broadcast = id});
}
