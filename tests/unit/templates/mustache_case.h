#pragma once

struct mustache_case {
    const char *name;
    const char *text;
    const char *context;  /* JSON */
    const char *partials; /* JSON object of texts, or NULL */
    const char *want;
};
