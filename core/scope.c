#include "core/scope.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"

enum { BLOCK_SIZE = 4096 - 64, BLOCK_ALIGN = _Alignof(max_align_t) };

struct scope_block {
    struct scope_block *next;
    size_t used;
    size_t size;
    _Alignas(max_align_t) char bytes[];
};

struct scope_cleanup {
    struct scope_cleanup *next;
    void (*fn)(void *);
    void *ptr;
};

static struct scope_block *block_new(size_t size, struct scope_block *next)
{
    struct scope_block *block = malloc(sizeof *block + size);
    if (!block)
        abort();
    *block = (struct scope_block){.next = next, .size = size};
    return block;
}

void scope_release(struct scope *s)
{
    /* A deferred call may itself defer calls, so pop the list instead of walking it. */
    while (s->cleanups) {
        struct scope_cleanup *cleanup = s->cleanups;
        s->cleanups = cleanup->next;
        cleanup->fn(cleanup->ptr);
    }
    while (s->block) {
        struct scope_block *block = s->block;
        s->block = block->next;
        free(block);
    }
    *s = (struct scope){0};
}

struct scope *scope_new(void)
{
    struct scope *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    return s;
}

void scope_free(struct scope *s)
{
    if (!s)
        return;
    scope_release(s);
    free(s);
}

void *scope_alloc(struct scope *s, size_t size)
{
    if (size > SIZE_MAX / 2)
        abort();
    size_t need = (size + BLOCK_ALIGN - 1) / BLOCK_ALIGN * BLOCK_ALIGN;
    struct scope_block *block = s->block;
    if (!block || block->size - block->used < need) {
        /* Large objects get their own block behind the current one, so that the free space of the
         * current block stays usable. */
        if (block && need > BLOCK_SIZE / 4) {
            block->next = block_new(need, block->next);
            block = block->next;
        } else {
            block = s->block = block_new(need > BLOCK_SIZE ? need : BLOCK_SIZE, block);
        }
    }
    void *p = block->bytes + block->used;
    block->used += need;
    return memset(p, 0, need);
}

void *scope_array(struct scope *s, size_t n, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(n, size, &total))
        abort();
    return scope_alloc(s, total);
}

void *scope_memdup(struct scope *s, const void *bytes, size_t len)
{
    void *copy = scope_alloc(s, len);
    if (len)
        memcpy(copy, bytes, len);
    return copy;
}

char *scope_strndup(struct scope *s, const char *text, size_t len)
{
    char *copy = scope_alloc(s, len + 1);
    memcpy(copy, text, len);
    return copy;
}

char *scope_strdup(struct scope *s, const char *text)
{
    return text ? scope_strndup(s, text, strlen(text)) : NULL;
}

char *scope_vprintf(struct scope *s, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, ap);
    if (len < 0)
        abort();
    char *text = scope_alloc(s, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return text;
}

char *scope_printf(struct scope *s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = scope_vprintf(s, fmt, ap);
    va_end(ap);
    return text;
}

void scope_defer(struct scope *s, void (*fn)(void *), void *ptr)
{
    struct scope_cleanup *cleanup = SCOPE_NEW(s, struct scope_cleanup);
    *cleanup = (struct scope_cleanup){.next = s->cleanups, .fn = fn, .ptr = ptr};
    s->cleanups = cleanup;
}

static void add_fault(struct scope *s, const struct fault *fault)
{
    struct fault **last = &s->fault.more;
    for (size_t n = 1; *last; n++, last = &(*last)->more)
        if (n == SCOPE_FAULTS)
            return;
    *last = scope_memdup(s, fault, sizeof(*fault));
}

/* Message and field quote input, cut by %.100s: what is no UTF-8, or half a character of it, goes.
 */
void scope_fail(struct scope *s, enum rc rc, const char *field, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *message = scope_vprintf(s, fmt, ap);
    va_end(ap);
    char *place = scope_strdup(s, field);
    utf8_drop_invalid(message);
    if (place)
        utf8_drop_invalid(place);
    const struct fault fault = {.rc = rc, .field = place, .message = message};
    if (s->gathers && s->fault.field && field)
        add_fault(s, &fault);
    else
        s->fault = fault;
}

void fail_gather(struct scope *s, bool on)
{
    s->gathers = on;
    if (on)
        s->fault = (struct fault){0};
}

enum rc fail_from(struct scope *s, const struct scope *inner)
{
    s->fault = (struct fault){.rc = inner->fault.rc,
        .field = scope_strdup(s, inner->fault.field),
        .message = scope_strdup(s, inner->fault.message)};
    return s->fault.rc;
}

void file_close(FILE **file)
{
    if (*file)
        fclose(*file);
}
