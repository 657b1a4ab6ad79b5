#pragma once
/*
 * What the API says of a field, in words a person uses. As with gettext the English message is the
 * key: "must be one of amends, statuspage" looks up the longest key of a set that it begins with
 * ("must_be_one_of"), first with the field's name before it
 * ("to_must_be_later_than_from"). What a message quotes and its numbers are no part of the key; the
 * label may name them, {1} to {9}.
 */
#include "core/scope.h"

struct form_words {
    const char *locale;
    const char *set;   /* of labels */
    const char *field; /* its path, or NULL */
};

/* The label for a message, or NULL; and the message itself, as a sentence. Owned by s. */
const char *form_words(struct scope *s, const struct form_words *in, const char *message);
const char *form_sentence(struct scope *s, const char *message);
