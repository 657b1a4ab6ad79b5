#ifndef API_READERS_SIGNUP_SETTLER_H
#define API_READERS_SIGNUP_SETTLER_H
/* A thread that settles what the public forms asked for (api/readers/sql/signup.sql), away
 * from the requests, so that their time tells nothing; and what time does: pauses end. */
#include "api/call/api.h"

struct signup_settler;
struct signup_settler *signup_settler_start(const struct api *api);
void signup_settler_stop(struct signup_settler *settler);

#endif
