#include "tests/fuzz/fuzz_markdown.c"
#include "tests/unit/replay.h"

int main(void)
{
    replay("tests/fuzz/corpus/markdown", LLVMFuzzerTestOneInput);
    return tap_end();
}
