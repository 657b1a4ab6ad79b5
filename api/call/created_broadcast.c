#include "api/call/created_broadcast.h"

struct created_broadcast {
    int64_t broadcast;
};
const struct shape created_broadcast_shape = SHAPE("CreatedBroadcast", struct created_broadcast,
    FIELD(INT, broadcast, .required = true, .doc = "Id of the broadcast."));

enum rc reply_created_broadcast(struct call *c, int64_t id)
{
    return reply_object(c, &(struct created_broadcast){.broadcast = id});
}
