#pragma once
/*
 * A compiled template, private to this folder: its nodes in source order, a
 * section followed by its body. It is immutable after compilation, so threads share it.
 */
#include "templates/engine/template.h"

enum {
    TEMPLATE_SOURCE_MAX = 1 << 20, /* bytes of one template or partial */
    TEMPLATE_NESTING_MAX = 64,     /* sections within one template; partials while compiling */
    TEMPLATE_PARTIALS_MAX = 256,   /* distinct partials of one template */
    TEMPLATE_DEPTH_MAX = 256,      /* sections and partials together, while rendering */
    TEMPLATE_STEPS_MAX = 2000000,  /* nodes visited by one rendering */
};

enum op { OP_TEXT, OP_VALUE, OP_SECTION, OP_INVERTED, OP_PARTIAL };

struct path {
    const char *text;      /* as written: "a.b" */
    const char *const *at; /* its parts */
    size_t n;              /* 0: the implicit iterator "." */
};

struct node {
    enum op op;
    bool raw;         /* VALUE: {{{name}}} or {{&name}} */
    bool alone;       /* PARTIAL: standalone, so that its lines are indented */
    bool bol;         /* begins a source line, which a partial's indentation precedes */
    size_t offset;    /* position in the source, for messages */
    const char *text; /* TEXT: the bytes; PARTIAL: its own indentation */
    size_t len;
    struct path path;
    size_t end;                     /* SECTION, INVERTED: index behind the body */
    const struct template *partial; /* NULL: missing in a lenient template */
};

struct template
{
    const char *name;
    const char *text;
    const struct node *nodes;
    size_t n;
    enum escape escape;
    bool lenient;
    bool full;
    bool every;
};

/* Fail as "NAME:LINE:COLUMN: message"; lines and columns count from 1, columns in characters. */
enum rc template_fail(struct scope *s, const char *name, const char *text, size_t offset,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Append text as escape demands. raw: as {{{name}}}. False, with nothing appended, if the text is
 * not allowed there. */
bool escape_add(struct strbuf *b, enum escape escape, bool raw, const char *text, size_t len);

/* Length of the placeholder marker (0x1f DIGITS 0x1f) at the start of text, or 0. */
size_t marker_length(const char *text, size_t len);
