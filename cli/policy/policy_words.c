/* amends policy words FILE|NAME */
#include <stdio.h>
#include <unistd.h>

#include "billing/library.h"
#include "billing/policy.h"
#include "billing/words/example.h"
#include "cli/policy/policy.h"
#include "core/json.h"

static void print_list(const json_t *list)
{
    size_t i;
    json_t *text;
    json_array_foreach(list, i, text) printf("- %s\n", json_string_value(text));
}

void policy_words_show(const json_t *words)
{
    size_t i;
    json_t *row;
    printf("%s\n", json_get_text(words, "gives"));
    json_array_foreach(json_object_get(words, "rows"), i, row)
        printf("- %s: %s\n", json_get_text(row, "when"), json_get_text(row, "pays"));
    putchar('\n');
    print_list(json_object_get(words, "counts"));
    putchar('\n');
    print_list(json_object_get(words, "limits"));
    printf("\n%s\n", json_get_text(words, "example"));
}

enum rc policy_words_of(struct scope *s, const json_t *policy, json_t **ret)
{
    struct policy_words p = {.s = s, .locale = policy_given_locale, .document = policy};
    struct example example;
    TRY(policy_lint(s, policy));
    TRY(words_example(&p, &(struct example_ask){.component = "app"}, &example));
    *ret = json_own(s, policy_words(&p));
    json_object_set_new(*ret, "example", json_string(example.text));
    return RC_OK;
}

static enum rc words_of(struct scope *s, struct invocation *in, json_t *policy, size_t number)
{
    json_t *words;
    TRY(policy_words_of(s, policy, &words));
    if (in->json) {
        puts(json_text(s, words));
        return RC_OK;
    }
    if (number > 1)
        putchar('\n');
    printf("%s\n\n", json_get_text(policy, "name"));
    policy_words_show(words);
    return RC_OK;
}

enum rc policy_words_print(struct scope *s, struct invocation *in)
{
    json_t *entry;
    if (access(in->arg, R_OK) == 0)
        return each_policy(s, in, words_of);
    TRY(library_find(s, in->arg, &entry));
    return words_of(s, in, json_object_get(entry, "policy"), 1);
}
