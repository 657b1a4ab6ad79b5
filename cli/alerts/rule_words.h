#pragma once
/* A rule, and what it would do with an alert, as lines of a terminal. */
#include <jansson.h>

void rule_print(const json_t *rule);

/* A row of POST /v1/alert-rules/test. */
void rule_print_tested(const json_t *row);
