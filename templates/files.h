#pragma once
/*
 * The files of templates: those of the installation (setting templates_dir) before those that the
 * executable carries. The directory has their layout: email/update.en.html, labels/de.json,
 * page/footer.en.html. It is read once, before any thread renders; afterwards nothing changes.
 */
#include "core/embed.h"
#include "core/scope.h"

/* Read the files below dir for the rest of the process, in place of those read before; "": none.
 * Hidden files and README* are skipped. RC_INVALID: a line per refused file, "FILE: reason". */
enum rc template_files_read(struct scope *s, const char *dir);

/* What was read, sorted: `path` is that of the file on disk, for messages. */
const struct embed *template_files(size_t *ret_n);

/* The path that a file of the installation replaces: "templates/email/update.en.html". */
const char *template_files_path(struct scope *s, const struct embed *file);

/* The file of the installation at "templates/...", or NULL. */
const struct embed *template_files_own(const char *path);

/* That, or the one of the executable, or NULL. */
const struct embed *template_files_find(const char *path);

/* Whether an installation may replace this file of the executable. */
bool template_files_may(const char *path);
