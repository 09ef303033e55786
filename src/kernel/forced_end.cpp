#include "kernel/forced_end.h"

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stop_token>
#include <tuple>

namespace lilux::kernel {

ForcedEnd::ForcedEnd(ledger::Ledger& ledger, std::chrono::milliseconds patience)
    : watch_([&ledger, patience](const std::stop_token& stop) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any ended;
        ended.wait_for(lock, stop, patience, [] { return false; });
        if (stop.stop_requested()) return;
        std::ignore = ledger.flush();         // a failure was told to whoever waited for it
        std::ignore = ledger.checkpoint({});  // as above
        std::fputs("lilux: something hangs, so it is not waited for; the next start settles what was open\n", stderr);
        std::_Exit(EXIT_SUCCESS);  // it was told to end
      }) {}

}  // namespace lilux::kernel
