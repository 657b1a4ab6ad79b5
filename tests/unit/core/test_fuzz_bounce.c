#include "tests/fuzz/fuzz_bounce.c"
#include "tests/unit/replay.h"

int main(void)
{
    replay("tests/fuzz/corpus/bounce", LLVMFuzzerTestOneInput);
    return tap_end();
}
