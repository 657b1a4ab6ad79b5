#include "tests/fuzz/fuzz_policy.c"
#include "tests/unit/replay.h"

int main(void)
{
    replay("tests/fuzz/corpus/policy", LLVMFuzzerTestOneInput);
    zones_free(zones);
    return tap_end();
}
