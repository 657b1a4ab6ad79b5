#include "core/mail/words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/strbuf.h"

enum { TEXT_MAX = 16 * 1024, PART_MAX = 60, GAP = 48 };

/* Addresses, URLs and names of hosts say nothing about the reason. */
static bool is_name(const char *word, size_t len)
{
    bool upper = false, dotted = false;
    for (size_t i = 0; i < len; i++) {
        if (word[i] == '@' || !strncmp(word + i, "://", 3))
            return true;
        upper = upper || isupper((unsigned char)word[i]);
        dotted =
            dotted || (i && i + 1 < len && word[i] == '.' && isalpha((unsigned char)word[i - 1]) &&
                          isalpha((unsigned char)word[i + 1]));
    }
    return dotted && !upper; /* RESOLVER.ADR.RecipientNotFound is a reason */
}

/* Lower-case words with a space around each. */
static void add_words(struct strbuf *b, const char *text)
{
    strbuf_addch(b, ' ');
    while (*text) {
        size_t len = strcspn(text, " \t\r\n<>()[]\"");
        for (size_t i = 0; i < len && !is_name(text, len); i++) {
            unsigned char c = (unsigned char)text[i];
            if (isalnum(c) || c >= 0x80)
                strbuf_addch(b, (char)tolower(c));
            else if (c != '\'' && b->buf[b->len - 1] != ' ')
                strbuf_addch(b, ' ');
        }
        if (b->len && b->buf[b->len - 1] != ' ')
            strbuf_addch(b, ' ');
        text += len + (text[len] != '\0');
    }
}

/* One alternative of len characters. Its parts stand in this order, each near the one before. */
static bool has_phrase(const char *text, const char *phrase, size_t len)
{
    char part[PART_MAX + 3];
    const char *from = text;
    while (len) {
        const char *dots = memmem(phrase, len, " .. ", 4);
        size_t n = dots ? (size_t)(dots - phrase) : len;
        bool open = phrase[n - 1] == '*';
        if (n > PART_MAX)
            abort();
        snprintf(part, sizeof part, " %.*s%s", (int)(n - open), phrase, open ? "" : " ");
        const char *at = strstr(from, part);
        if (!at || (from != text && at - from > GAP))
            return false;
        from = at + strlen(part) - 1;
        phrase += n + (dots ? 4 : 0);
        len -= n + (dots ? 4 : 0);
    }
    return true;
}

bool words_have(const char *words, const char *phrases)
{
    for (const char *at = phrases; *at; at += at[0] == '|') {
        size_t len = strcspn(at, "|");
        if (has_phrase(words, at, len))
            return true;
        at += len;
    }
    return false;
}

const char *words_of(struct scope *s, const char *text)
{
    STRBUF(b, TEXT_MAX);
    add_words(&b, text);
    return strbuf_copy(&b, s);
}
