#include "billing/engine/evidence/copy.h"

#define COPY(s, at, n) scope_memdup((s), (at), (n) * sizeof *(at))

static struct texts texts_copy(struct scope *s, const struct texts *texts)
{
    const char **at = SCOPE_ARRAY(s, const char *, texts->n);
    for (size_t i = 0; i < texts->n; i++)
        at[i] = scope_strdup(s, texts->at[i]);
    return (struct texts){.at = at, .n = texts->n};
}

static const struct price *prices_copy(struct scope *s, const struct price_line *line)
{
    struct price *at = COPY(s, line->prices, line->n_prices);
    for (size_t i = 0; i < line->n_prices; i++)
        at[i].plan = scope_strdup(s, at[i].plan);
    return at;
}

static const struct price_line *lines_copy(struct scope *s, const struct account *account)
{
    struct price_line *at = COPY(s, account->lines, account->n_lines);
    for (size_t i = 0; i < account->n_lines; i++) {
        at[i].product = scope_strdup(s, at[i].product);
        at[i].components = texts_copy(s, &at[i].components);
        at[i].prices = prices_copy(s, &at[i]);
    }
    return at;
}

static const struct label *labels_copy(struct scope *s, const struct account *account)
{
    struct label *at = COPY(s, account->labels, account->n_labels);
    for (size_t i = 0; i < account->n_labels; i++)
        at[i] = (struct label){
            .key = scope_strdup(s, at[i].key), .value = scope_strdup(s, at[i].value)};
    return at;
}

struct account account_copy(struct scope *s, const struct account *account)
{
    struct account copy = *account;
    copy.id = scope_strdup(s, account->id);
    copy.currency = scope_strdup(s, account->currency);
    copy.plan = scope_strdup(s, account->plan);
    copy.components = texts_copy(s, &account->components);
    copy.terms = COPY(s, account->terms, account->n_terms);
    copy.lines = lines_copy(s, account);
    copy.labels = labels_copy(s, account);
    return copy;
}

struct held_lines held_copy(struct scope *s, const struct held_lines *held)
{
    struct held_line *at = COPY(s, held->at, held->n);
    for (size_t i = 0; i < held->n; i++) {
        at[i].currency = scope_strdup(s, at[i].currency);
        at[i].days = COPY(s, at[i].days, at[i].n_days);
    }
    return (struct held_lines){.at = at, .n = held->n};
}
