#include "tests/fuzz/fuzz_request.c"
#include "tests/unit/replay.h"

int main(void)
{
    replay("tests/fuzz/corpus/request", LLVMFuzzerTestOneInput);
    return tap_end();
}
