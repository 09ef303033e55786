#include "sys/io.h"

#include <csignal>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sys/error.h"
#include "sys/file.h"
#include "tests/support/pipe.h"
#include "tests/support/scratch.h"

namespace lilux::sys {

using base::ErrorCode;
using test::code_of;
using test::must;
using test::Scratch;

namespace {

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 31 + i / 251) & 0xff);
  return bytes;
}

}  // namespace

TEST_CASE("read_all reads everything and stops at the limit") {
  Scratch scratch;
  const std::string bytes = pattern(300'000);
  must(write_file_atomic(scratch / "f", bytes));
  CHECK(must(read_file(scratch / "f", 300'000)) == bytes);
  const auto refused = read_file(scratch / "f", 299'999);
  CHECK(code_of(refused) == ErrorCode::over_budget);
  CHECK(refused.error().message.find("299999") != std::string::npos);
  CHECK(must(read_file("/dev/null", 0)).empty());
}

TEST_CASE("read_all reads files that claim to be empty") {
  CHECK(must(read_file("/proc/self/status", 1 << 20)).find("Pid:") != std::string::npos);
  CHECK(code_of(read_file("/proc/self/status", 10)) == ErrorCode::over_budget);
  CHECK(code_of(read_file("/dev/zero", 100'000)) == ErrorCode::over_budget);  // never ends
}

TEST_CASE("read_all starts at the current offset") {
  Scratch scratch;
  must(write_file_atomic(scratch / "f", "0123456789"));
  const Fd fd = must(open(scratch / "f", O_RDONLY));
  CHECK(must(seek_to(fd.get(), 7)) == 7);
  CHECK(must(read_all(fd.get(), 3)) == "789");
}

TEST_CASE("read_at gives less only at the end") {
  Scratch scratch;
  must(write_file_atomic(scratch / "f", "0123456789"));
  const Fd fd = must(open(scratch / "f", O_RDONLY));
  CHECK(must(read_at(fd.get(), 2, 3)) == "234");
  CHECK(must(read_at(fd.get(), 8, 100)) == "89");
  CHECK(must(read_at(fd.get(), 50, 100)).empty());
  CHECK(code_of(read_at(-1, 0, 4)) == ErrorCode::internal);
}

TEST_CASE("write_at and truncate change exactly what they say") {
  Scratch scratch;
  const Fd fd = must(open(scratch / "f", O_RDWR | O_CREAT));
  must(write_at(fd.get(), 4, "abcd"));
  must(write_at(fd.get(), 0, "0123"));
  CHECK(must(read_at(fd.get(), 0, 100)) == "0123abcd");
  must(truncate(fd.get(), 6));
  CHECK(must(file_size(fd.get())) == 6);
  must(sync_data(fd.get()));
  must(sync_all(fd.get()));
}

TEST_CASE("copy_bytes copies between files, pipes and from /proc") {
  Scratch scratch;
  const std::string bytes = pattern(500'000);
  must(write_file_atomic(scratch / "from", bytes));
  const Fd from = must(open(scratch / "from", O_RDONLY));
  const Fd to = must(open(scratch / "to", O_RDWR | O_CREAT));
  CHECK(must(copy_bytes(from.get(), to.get())) == bytes.size());
  CHECK(must(read_file(scratch / "to", 1 << 20)) == bytes);

  test::Pipe pipe;
  must(write_all(pipe.write.get(), "through a pipe"));
  pipe.write.close();
  const Fd piped = must(open(scratch / "piped", O_RDWR | O_CREAT));
  CHECK(must(copy_bytes(pipe.read.get(), piped.get())) == 14);
  CHECK(must(read_file(scratch / "piped", 100)) == "through a pipe");

  const Fd status = must(open("/proc/self/status", O_RDONLY));
  const Fd copied = must(open(scratch / "status", O_RDWR | O_CREAT));
  CHECK(must(copy_bytes(status.get(), copied.get())) > 100);
}

TEST_CASE("copy_bytes respects offsets and its limit") {
  Scratch scratch;
  must(write_file_atomic(scratch / "from", "0123456789"));
  const Fd from = must(open(scratch / "from", O_RDONLY));
  const Fd to = must(open(scratch / "to", O_RDWR | O_CREAT));
  must(write_all(to.get(), "ab"));
  must(seek_to(from.get(), 5));
  CHECK(must(copy_bytes(from.get(), to.get())) == 5);
  CHECK(must(read_file(scratch / "to", 100)) == "ab56789");
  must(seek_to(from.get(), 0));
  CHECK(code_of(copy_bytes(from.get(), to.get(), 9)) == ErrorCode::over_budget);
  CHECK(must(read_file(scratch / "to", 100)) == "ab56789");
  const Fd zero = must(open("/dev/zero", O_RDONLY));
  CHECK(code_of(copy_bytes(zero.get(), to.get(), 100'000)) == ErrorCode::over_budget);
}

TEST_CASE("a write beyond what is allowed fails with its reason") {
  Scratch scratch;
  // RLIMIT_FSIZE stands in for a full disk: it needs no rights and stops writes at an exact byte.
  const int result = test::in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 1000, .rlim_max = 1000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 10;
    auto fd = open(scratch / "f", O_RDWR | O_CREAT);
    if (!fd) return 11;
    const auto written = write_all(fd->get(), std::string(1500, 'x'));
    if (written || written.error().code != ErrorCode::unavailable) return 12;
    if (written.error().hint.empty()) return 13;
    return file_size(fd->get()).value_or(0) == 1000 ? 0 : 14;
  });
  CHECK(result == 0);
}

TEST_CASE("a wide pipe takes at once what its reader has not fetched yet") {
  test::Pipe pipe;
  widen_pipe(pipe.write.get(), std::size_t{256} << 10);
  widen_pipe(pipe.write.get(), 4096);  // not narrower again
  REQUIRE(::fcntl(pipe.write.get(), F_SETFL, O_NONBLOCK) == 0);
  CHECK(must(write_some(pipe.write.get(), pattern(200'000))) == std::size_t{200'000});
  Scratch scratch;
  const auto file = must(open(scratch / "f", O_RDWR | O_CREAT));
  widen_pipe(file.get(), std::size_t{256} << 10);
  CHECK(must(file_size(file.get())) == 0);
}

}  // namespace lilux::sys
