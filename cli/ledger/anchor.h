#pragma once
#include "cli/options.h"

/* amends ledger anchor [FILE] */
enum rc ledger_anchor(struct scope *s, struct invocation *in, bool mail);
/* amends ledger key */
enum rc ledger_key(struct scope *s, struct invocation *in);
/* amends ledger adopt */
enum rc ledger_take_over(struct scope *s, struct invocation *in);
