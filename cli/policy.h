#pragma once
/* Verbs of `amends policy` with a file of their own. */
#include "cli/command.h"

enum rc policy_library(struct scope *s, struct invocation *in); /* [NAME] */
