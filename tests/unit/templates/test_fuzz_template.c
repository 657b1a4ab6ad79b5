#include "tests/fuzz/fuzz_template.c"
#include "tests/unit/replay.h"

int main(void)
{
    replay("tests/fuzz/corpus/template", LLVMFuzzerTestOneInput);
    return tap_end();
}
