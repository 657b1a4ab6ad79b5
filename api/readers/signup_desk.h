#ifndef API_READERS_SIGNUP_DESK_H
#define API_READERS_SIGNUP_DESK_H
/* A thread that settles what the public forms asked for (migrations/0022_readers.sql), away
 * from the requests, so that their time tells nothing; and what time does: pauses end. */
#include "api/call/api.h"

struct signup_desk;
struct signup_desk *signup_desk_start(const struct api *api);
void signup_desk_stop(struct signup_desk *desk);

#endif
