#pragma once
/*
 * A shape is a table of the typed fields of a struct, written once. The same rows read a JSON body,
 * fill the struct from an SQL row, load configuration, feed a template and print the OpenAPI
 * schema.
 *
 *     struct new_subscriber {
 *         const char *channel;
 *         const char *address;
 *         struct texts components;
 *         bool confirmed;
 *     };
 *     static const struct shape new_subscriber_shape = SHAPE("SubscriberCreate",
 *         struct new_subscriber,
 *         FIELD(TEXT, channel, .required = true, .one_of = channels, .doc = "Of the address."),
 *         FIELD(TEXT, address, .required = true, .max = 320, .doc = "E-mail address or URL."),
 *         FIELD(TEXTS, components, .max = 1000, .doc = "Component slugs."),
 *         FIELD(BOOL, confirmed, .doc = "Skip double opt-in."));
 *
 * Absence: a TEXT, JSON, TEXTS, OBJECT or LIST that was not given is NULL (its .at pointer), an INT
 * or TIME is SHAPE_NONE unless .def says otherwise, a BOOL is false. Absent fields are
 * not printed; JSON null is refused, as by the schema.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/scope.h"
#include "core/strbuf.h"

#define SHAPE_NONE INT64_MIN

/* Member type of the struct:          JSON form: */
enum field_type {
    FIELD_TEXT,    /* const char *             string, valid UTF-8, no NUL */
    FIELD_INT,     /* int64_t                  integer; reals are refused */
    FIELD_BOOL,    /* bool                     true, false */
    FIELD_TIME,    /* int64_t, us since 1970   RFC 3339 string, any offset in, UTC out */
    FIELD_DATE,    /* const char *             "YYYY-MM-DD", checked */
    FIELD_DECIMAL, /* const char *             string of an exact decimal number: "99.9" */
    FIELD_JSON,    /* const json_t * in, const char * never: use RAW for output; JSON of .form */
    FIELD_RAW,     /* const char *             JSON of .form, as its text (SQL json columns) */
    FIELD_TEXTS,   /* struct texts             array of strings */
    FIELD_OBJECT,  /* pointer to a struct      object of shape .of */
    FIELD_LIST,    /* struct list              array of objects of shape .of */
};

/* What a JSON or RAW field holds: only the schema knows, the handler or SQL sees to it. */
enum json_form {
    FORM_ANY,        /* any JSON: openapi.js in tests lists these fields, with their reasons */
    FORM_OBJECT,     /* object of shape .of; without .of: object of any members */
    FORM_LIST,       /* array of objects of shape .of */
    FORM_MAP,        /* object whose members are objects of shape .of */
    FORM_INT_MAP,    /* object whose members are integers */
    FORM_COUNTS_MAP, /* object whose members are objects whose members are integers */
    FORM_WORD,       /* string, or object of shape .of */
    FORM_TEXTS,      /* array of strings */
    FORM_INTS,       /* array of integers */
    FORM_IDS,        /* array of integers or strings */
    FORM_TEXT,       /* string */
    FORM_INT,        /* integer */
    FORM_BOOL,       /* true, false */
};

struct texts {
    const char *const *at; /* NULL when absent; not NULL when given, even if empty */
    size_t n;
};

struct list {
    void *at; /* n structs of the element's shape, in one array; NULL when absent */
    size_t n;
};

struct shape;

struct field {
    const char *name;
    enum field_type type;
    size_t offset;
    bool required;
    bool secret;      /* never printed or logged */
    bool reload;      /* configuration: may change on SIGHUP */
    bool multiline;   /* TEXT: may hold line breaks and tabs; else no control character */
    int64_t min, max; /* TEXT: characters, default 1..1000, min -1 allows the empty text; INT:
                         value; TEXTS, LIST: elements, default 0..1000 */
    const char *const *one_of; /* TEXT, TEXTS: NULL-terminated */
    const char *def;           /* default, as text */
    const char *doc;
    const struct shape *of;
    enum json_form form;
    bool nullable; /* printed as null instead of being left out (by SQL) */
};

struct shape {
    const char *name; /* of the OpenAPI schema */
    size_t size;
    const struct field *fields;
    size_t n;
};

/* SHAPE("Name", struct name, FIELD(...), ...) is an initializer; a macro may stand for several
 * FIELDs. Only SHAPE knows the struct, so a FIELD is no more than (name, type, member, ...) until
 * SHAPE_EACH, which can name itself only by SHAPE_AGAIN, has put the struct to each of at most
 * 256 of them. */
#define FIELD(t, member, ...) (#member, FIELD_##t, member, __VA_ARGS__)
#define FIELD_AS(t, label, member, ...) (label, FIELD_##t, member, __VA_ARGS__)
#ifdef __cppcheck__ /* its preprocessor is not up to it */
#define SHAPE(label, strukt, ...) \
    { \
        .name = (label), .size = sizeof(strukt) \
    }
#else
#define SHAPE(label, strukt, ...) \
    SHAPE_OF(label, strukt, SHAPE_REPEAT(SHAPE_EACH(strukt, __VA_ARGS__)))
#endif
#define SHAPE_OF(label, strukt, ...) \
    { \
        .name = (label), .size = sizeof(strukt), .fields = (const struct field[]){__VA_ARGS__}, \
        .n = sizeof((const struct field[]){__VA_ARGS__}) / sizeof(struct field) \
    }
#define SHAPE_EACH(strukt, field, ...) \
    SHAPE_FIELD(strukt, SHAPE_BARE field) \
    __VA_OPT__(, SHAPE_AGAIN SHAPE_PARENS(strukt, __VA_ARGS__))
#define SHAPE_FIELD(...) SHAPE_FIELD_(__VA_ARGS__)
#define SHAPE_FIELD_(strukt, label, t, member, ...) \
    { \
        .name = label, .type = t, .offset = offsetof(strukt, member), __VA_ARGS__ \
    }
#define SHAPE_BARE(...) __VA_ARGS__
#define SHAPE_PARENS ()
#define SHAPE_AGAIN() SHAPE_EACH
#define SHAPE_REPEAT(...) SHAPE_64(SHAPE_64(SHAPE_64(SHAPE_64(__VA_ARGS__))))
#define SHAPE_64(...) SHAPE_16(SHAPE_16(SHAPE_16(SHAPE_16(__VA_ARGS__))))
#define SHAPE_16(...) SHAPE_4(SHAPE_4(SHAPE_4(SHAPE_4(__VA_ARGS__))))
#define SHAPE_4(...) SHAPE_1(SHAPE_1(SHAPE_1(SHAPE_1(__VA_ARGS__))))
#define SHAPE_1(...) __VA_ARGS__

/* A struct that is nothing but its shape, written once: no member can be of another type than its
 * FIELD says. For one file, and for a route's body or reply that others name. Without a struct in
 * use, it describes the JSON of a RAW field (.of):
 *     SHAPE_STATIC(struct pick, pick_shape, "Pick", FIELD(INT, id), FIELD(TEXT, channel));
 */
#ifdef __cppcheck__
#define SHAPE_STATIC(strukt, name_, label, ...) static const struct shape name_ = SHAPE(label, int)
#define SHAPE_EXTERN(strukt, name_, label, ...) const struct shape name_ = SHAPE(label, int)
#else
#define SHAPE_STATIC(strukt, name_, label, ...) \
    strukt{SHAPE_REPEAT(SHAPE_DECLARE(__VA_ARGS__))}; \
    static const struct shape name_ = SHAPE(label, strukt, __VA_ARGS__)
#define SHAPE_EXTERN(strukt, name_, label, ...) \
    strukt{SHAPE_REPEAT(SHAPE_DECLARE(__VA_ARGS__))}; \
    const struct shape name_ = SHAPE(label, strukt, __VA_ARGS__)
#define SHAPE_DECLARE(field, ...) \
    SHAPE_MEMBER(SHAPE_BARE field) __VA_OPT__(SHAPE_MORE SHAPE_PARENS(__VA_ARGS__))
#define SHAPE_MORE() SHAPE_DECLARE
#define SHAPE_MEMBER(...) SHAPE_MEMBER_(__VA_ARGS__)
#define SHAPE_MEMBER_(label, t, member, ...) SHAPE_TYPE_##t member;
#define SHAPE_TYPE_FIELD_TEXT const char *
#define SHAPE_TYPE_FIELD_INT int64_t
#define SHAPE_TYPE_FIELD_BOOL bool
#define SHAPE_TYPE_FIELD_TIME int64_t
#define SHAPE_TYPE_FIELD_DATE const char *
#define SHAPE_TYPE_FIELD_DECIMAL const char *
#define SHAPE_TYPE_FIELD_JSON const json_t *
#define SHAPE_TYPE_FIELD_RAW const char *
#define SHAPE_TYPE_FIELD_TEXTS struct texts
#define SHAPE_TYPE_FIELD_LIST struct list
#endif

/* Read a JSON object into out, overwriting shape->size bytes. Unknown fields,
 * missing required ones, wrong types and values out of range are RC_INVALID with
 * the field's path. Strings are copied into s; FIELD_JSON borrows from json. */
enum rc shape_read(struct scope *s, const struct shape *shape, const json_t *json, void *out);

/* Parse text as one JSON document and shape_read it. Duplicate keys, trailing
 * bytes and bad UTF-8 are RC_INVALID, naming line and column. */
enum rc shape_parse(
    struct scope *s, const struct shape *shape, const char *text, size_t len, void *out);

/* Set one field from text (configuration, command line, SQL). */
enum rc shape_set(struct scope *s, const struct field *field, const char *text, void *out);

/* Set every field of out to its default. */
void shape_defaults(struct scope *s, const struct shape *shape, void *out);

/* Is the field given? */
bool shape_has(const struct field *field, const void *in);

/* Append the struct as a JSON object. Secret fields are left out. */
void shape_print(struct strbuf *b, const struct shape *shape, const void *in);

/* The same as a json_t that the scope owns, for templates. */
json_t *shape_json(struct scope *s, const struct shape *shape, const void *in);

/* Append the schema (OpenAPI 3.0) of the shape as read, with the limits that shape_read checks, or
 * as printed, which may gain fields. Nested shapes become {"$ref":"#/components/schemas/NAME"}. */
void shape_schema(struct strbuf *b, const struct shape *shape, bool read);

/* The same of one field as a parameter of a query, without its description. */
void shape_field_schema(struct strbuf *b, const struct field *field, bool read);

const struct field *shape_field(const struct shape *shape, const char *name); /* or NULL */

/* The bounds of a TEXT in characters, and the most elements of a LIST or TEXTS. */
size_t shape_text_min(const struct field *field);
size_t shape_text_max(const struct field *field);
size_t shape_list_max(const struct field *field);

/* Whether text is in words, a NULL-terminated list such as .one_of. */
bool shape_one_of(const char *const *words, const char *text);
