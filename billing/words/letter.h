#pragma once
/* The calculation of the credits in a letter, in short, as one text: of each line its period and
 * amount, then the time that counts, what pays and what reduces it. Pure. */
#include "core/scope.h"

/* why: the JSON of amends.credit_letter (messages/sql/); NULL: no lines. The text is owned by s. */
const char *words_letter(struct scope *s, const char *why, const char *locale);
