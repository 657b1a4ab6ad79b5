#ifndef API_IMPORTS_IMPORT_STAGE_H
#define API_IMPORTS_IMPORT_STAGE_H
/*
 * Lines of an import into import_stage by COPY: normalised, hashed, secrets sealed, words of
 * the catalogue as ids. What is wrong with a line is written beside it.
 */
#include "api/call/api.h"
#include "core/db/db_copy.h"

struct import_stage;

/* Called now and then with the lines read so far; not RC_OK ends the reading. */
typedef enum rc import_progress_fn(struct scope *s, int64_t lines, void *arg);

struct import_source {
    FILE *in;
    bool csv; /* else NDJSON */
    import_progress_fn *progress;
    void *arg;
};

/* Lines of a stage. */
struct import_stage_counts {
    int64_t all;
    int64_t wrong;
    int64_t letters;  /* of readers who are asked to confirm */
    int64_t accounts; /* that name an account */
    int64_t secrets;  /* with something sealed */
};

/* Read all of it, in the caller's transaction. */
enum rc import_stage_fill(struct scope *s, struct db *db, const struct api *api,
    const struct import_source *source, struct import_stage_counts *ret);

/* What was sealed for a line of the stage; NULL for NULL. */
enum rc import_stage_open(struct scope *s, const struct api *api, const char *what, int64_t line,
    const char *hex, char **ret);

#endif
