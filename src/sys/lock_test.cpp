#include "sys/lock.h"

#include <csignal>

#include <doctest/doctest.h>

#include "sys/fd.h"
#include "sys/file.h"
#include "sys/io.h"
#include "tests/support/pipe.h"
#include "tests/support/scratch.h"

namespace lilux::sys {

using base::ErrorCode;
using test::code_of;
using test::must;
using test::Scratch;

namespace {

// A child that takes the lock, says so, and holds it until it is killed.
class Holder {
 public:
  explicit Holder(const std::string& path) {
    test::Pipe pipe;
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      auto held = Lock::try_lock(path);
      std::ignore = write_all(pipe.write.get(), held && *held ? "y" : "n");
      while (true) ::pause();
    }
    pipe.write.close();
    std::array<char, 1> answer{};
    REQUIRE(must(read_some(pipe.read.get(), answer)) == 1);
    REQUIRE(answer[0] == 'y');
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() { kill(); }
  pid_t pid() const { return pid_; }

  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
};

}  // namespace

TEST_CASE("a lock excludes, also within one process, and ends with its holder") {
  Scratch scratch;
  const std::string path = scratch / "folder";
  must(make_directories(path));
  {
    auto first = must(Lock::try_lock(path));
    REQUIRE(first.has_value());
    CHECK_FALSE(must(Lock::try_lock(path)).has_value());
  }
  CHECK(must(Lock::try_lock(path)).has_value());
}

TEST_CASE("a lock of another process holds until that process dies, by kill -9 too") {
  Scratch scratch;
  must(make_directories(scratch / "folder"));
  Holder holder(scratch / "folder");
  CHECK_FALSE(must(Lock::try_lock(scratch / "folder")).has_value());
  holder.kill();
  CHECK(must(Lock::try_lock(scratch / "folder")).has_value());
}

TEST_CASE("what is no folder cannot be locked") {
  Scratch scratch;
  CHECK(code_of(Lock::try_lock(scratch / "absent")) == ErrorCode::not_found);
  must(write_file_atomic(scratch / "file", "", 0600));
  CHECK_FALSE(Lock::try_lock(scratch / "file").has_value());
}

TEST_CASE("the process that holds a lock is known") {
  Scratch scratch;
  const std::string folder = scratch / "folder";
  must(make_directories(folder));
  CHECK_FALSE(Lock::holder(folder));
  const Holder holder(folder);
  CHECK(Lock::holder(folder) == holder.pid());
  CHECK_FALSE(Lock::holder(scratch / "other"));
}

}  // namespace lilux::sys
