#pragma once
/* The customer's page behind a signed link. */
#include "api/call/call.h"

route_fn page_claims, page_claims_post;
