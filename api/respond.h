#pragma once
/* A reply as libmicrohttpd sends it. */
#include <microhttpd.h>

#include "api/call/call.h"

/* Queue the reply. closing: the connection ends with it. MHD_NO: it cannot be made, so close. */
enum MHD_Result respond(
    struct MHD_Connection *connection, struct reply *reply, const char *request_id, bool closing);
