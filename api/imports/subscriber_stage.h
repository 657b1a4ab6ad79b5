#pragma once
/* Lines of subscribers: normalised, hashed, their secrets sealed, words of the catalogue as ids. */
#include "api/imports/import.h"

struct subscriber_stage {
    struct import import; /* first */
    struct strbuf zone;   /* the time zone that was checked last */
    int64_t letters;      /* lines whose subscriber is asked to confirm */
    int64_t sealed;       /* lines with something sealed */
};
extern const struct import_kind subscriber_kind;

/* The text that was sealed for a line of the stage; NULL for NULL. */
enum rc subscriber_stage_open(struct scope *s, const struct api *api, const char *what,
    int64_t line, const char *hex, char **ret);
