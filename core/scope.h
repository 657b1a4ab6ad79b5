#pragma once
/*
 * Memory and failure of one unit of work: a request, a cycle, a message.
 *
 * Everything allocated from a scope lives until the scope is released; nothing allocated from it is
 * freed singly. Allocation never fails: out of memory aborts. A scope belongs to one thread at a
 * time.
 *
 *     SCOPE(s);                              // released at the closing brace
 *     char *greeting = scope_printf(s, "Hello %s", name);
 *     if (!known(name))
 *         return fail(s, RC_NOT_FOUND, "no subscriber %s", name);
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/rc.h"

struct scope_block;
struct scope_cleanup;

/* A failure. field is NULL unless it concerns a single input field; more: what is wrong with others
 * of the same input (fail_gather). */
struct fault {
    enum rc rc;
    const char *field;
    const char *message;
    struct fault *more;
};

struct scope {
    struct scope_block *block;
    struct scope_cleanup *cleanups;
    struct fault fault;
    bool gathers;
};

#define CLEANUP(fn) __attribute__((cleanup(fn)))
void file_close(FILE **file); /* NULL is fine */

/* Move the value out of a cleanup variable, which becomes NULL. */
#define TAKE(p) \
    __extension__({ \
        __typeof__(p) *from_ = &(p), taken_ = *from_; \
        *from_ = NULL; \
        taken_; \
    })

#define SCOPE(name) \
    CLEANUP(scope_release) struct scope name##_storage = {0}; \
    struct scope *const name = &name##_storage

/* Release everything, last deferred first. The scope is then empty and usable again. */
void scope_release(struct scope *s);

/* A scope on the heap, for work that outlives a function (a batch in flight). */
struct scope *scope_new(void);
void scope_free(struct scope *s); /* NULL is fine */

/* size zeroed bytes, aligned for any type. Never NULL. */
void *scope_alloc(struct scope *s, size_t size);
#define SCOPE_NEW(s, type) ((type *)scope_alloc((s), sizeof(type)))
#define SCOPE_ARRAY(s, type, n) ((type *)scope_array((s), (n), sizeof(type)))
void *scope_array(struct scope *s, size_t n, size_t size); /* aborts on overflow */

char *scope_strdup(struct scope *s, const char *text); /* NULL stays NULL */
char *scope_strndup(struct scope *s, const char *text, size_t len);
void *scope_memdup(struct scope *s, const void *bytes, size_t len);
char *scope_printf(struct scope *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *scope_vprintf(struct scope *s, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* Call fn(ptr) when the scope is released: ties a library's object to it. */
void scope_defer(struct scope *s, void (*fn)(void *), void *ptr);

/* Record a failure and return rc, so that the compiler sees that `return fail(...)` is never RC_OK.
 */
#define fail(s, rc, ...) fail_field(s, rc, NULL, __VA_ARGS__)

/* The same for a single input field; field is a path: "components[0].level". */
#ifdef __cppcheck__ /* it takes nothing in a statement expression for initialized */
#define fail_field(s, rc, field, ...) (scope_fail((s), (rc), (field), __VA_ARGS__), (rc))
#else
#define fail_field(s, rc, field, ...) \
    __extension__({ \
        const __typeof__(rc) failed_ = (rc); \
        scope_fail((s), failed_, (field), __VA_ARGS__); \
        failed_; \
    })
#endif

void scope_fail(struct scope *s, enum rc rc, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* While on, failures of further fields are kept behind the first (at most SCOPE_FAULTS), so that a
 * form is told all that is wrong with it. Turning it on forgets an older fault. */
enum { SCOPE_FAULTS = 20 };
void fail_gather(struct scope *s, bool on);

/* Copy the fault of an inner scope, which is about to end, to this one. */
enum rc fail_from(struct scope *s, const struct scope *inner);
