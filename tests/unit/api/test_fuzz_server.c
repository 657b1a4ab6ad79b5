#include "tests/fuzz/fuzz_server.c"
#include "tests/unit/replay.h"

int main(void)
{
    replay("tests/fuzz/corpus/server", LLVMFuzzerTestOneInput);
    return tap_end();
}
