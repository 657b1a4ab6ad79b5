#pragma once
/* A thread that processes requests from the public forms (api/readers/sql/signup.sql) apart from
 * the HTTP requests, so that response times reveal nothing; it also ends pauses. */
#include "api/call/api.h"

struct signup_settler;
struct signup_settler *signup_settler_start(const struct api *api);
void signup_settler_stop(struct signup_settler *settler);
