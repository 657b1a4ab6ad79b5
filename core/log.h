#pragma once
/*
 * logfmt lines on stderr: `time=... level=info role=api msg="listening" port=8080`.
 * Only the top of a unit of work logs. Never log tokens, URLs of endpoints,
 * bodies or whole addresses. Thread-safe: one write(2) per line.
 *
 *     log_event(LOG_INFO, "batch settled", LOG_INT("broadcast", id), LOG_INT("n", n));
 */
#include <stdint.h>

#include "core/scope.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_pair {
    const char *key;
    const char *text; /* NULL: use number */
    int64_t number;
};
/* Functions, so that the value is evaluated once. */
static inline struct log_pair log_text(const char *key, const char *text)
{
    return (struct log_pair){.key = key, .text = text ? text : "-"};
}
static inline struct log_pair log_int(const char *key, int64_t number)
{
    return (struct log_pair){.key = key, .number = number};
}
#define LOG_TEXT(k, v) log_text((k), (v))
#define LOG_INT(k, v) log_int((k), (v))

/* role: the first pair of each line. json: one JSON object per line instead of logfmt. */
void log_open(const char *role, enum log_level least, bool json);
void log_write(enum log_level level, const char *msg, const struct log_pair *pairs, size_t n);
#define log_event(level, msg, ...) \
    log_write((level), (msg), (const struct log_pair[]){__VA_ARGS__}, \
        sizeof((const struct log_pair[]){__VA_ARGS__}) / sizeof(struct log_pair))
/* Add a pair that names the current task to every line that this thread logs until log_context_end.
 * The pair's text is borrowed until then. */
void log_context(struct log_pair pair);
void log_context_end(void);
/* Log the fault of a scope: at level warn for RC_RETRY and RC_UPSTREAM, else at level error. */
void log_fault(const char *msg, const struct scope *s);
