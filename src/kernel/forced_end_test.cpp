#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/kernel_fixture.h"
#include "tests/support/scratch.h"

namespace lilux::kernel {
namespace {

TEST_CASE("a daemon ends while a call hangs in the system, and what it recorded is kept") {
  const KernelFolder folder;
  REQUIRE(::mkfifo(folder.path("fifo").c_str(), 0600) == 0);
  const int code = test::in_child([&] {
    ::alarm(60);  // ends it as a failure
    std::unique_ptr<Kernel> kernel = folder.open(Kernel::Role::daemon);
    const auto hanging = submit(*kernel, folder.request("test.read", folder.path("fifo")));
    // Nobody can open it for writing before somebody reads; and then nothing comes.
    if (!holds_soon([&] { return ::open(folder.path("fifo").c_str(), O_WRONLY | O_NONBLOCK) >= 0; })) return 1;
    if (!kernel->note("test.mark", {})) return 2;
    kernel.reset();
    return 3;
  });
  CHECK(code == 0);
  const auto kernel = folder.open();
  bool is_kept = false;
  must(kernel->ledger().scan({}, [&](const ledger::Record& record) {
    is_kept = is_kept || record.body.find("test.mark") != std::string::npos;
    return true;
  }));
  CHECK(is_kept);
}

}  // namespace
}  // namespace lilux::kernel
