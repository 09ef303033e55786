#include "sys/lock.h"

#include <csignal>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>

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

TEST_CASE("a lock on a pipe is waited for, and told of when it takes too long") {
  const Scratch scratch;
  const std::string pipe = scratch / "turn";
  const auto second = [&](int timeout_ms) {
    return test::in_child([&] {
      const auto held = Lock::wait_for(pipe, std::chrono::milliseconds(timeout_ms));
      if (held) return 0;
      return held.error().message.find("process " + std::to_string(::getppid()) + " holds") == 0 ? 1 : 2;
    });
  };
  {
    const Lock held = must(Lock::wait_for(pipe, std::chrono::milliseconds(0)));
    CHECK(second(20) == 1);
  }
  CHECK(second(0) == 0);
  REQUIRE(::unlink(pipe.c_str()) == 0);
  must(write_file_atomic(pipe, "no pipe"));
  CHECK(code_of(Lock::wait_for(pipe, std::chrono::milliseconds(0))) == ErrorCode::conflict);
}

TEST_CASE("threads and processes that want the same lock get it one after the other") {
  constexpr int kProcesses = 8;
  constexpr int kTimes = 40;
  const Scratch scratch;
  const std::string counter = scratch / "counter";
  must(write_file_atomic(counter, "0"));
  const auto count = [&] {
    for (int i = 0; i < kTimes; ++i) {
      const auto held = Lock::wait_for(scratch / "turn", std::chrono::seconds(20));
      const auto text = read_file(counter, 100);
      if (!held || !text) return 1;
      const Fd file = *open(counter, O_WRONLY | O_TRUNC);
      if (!write_all(file.get(), std::to_string(std::stoi(*text) + 1))) return 1;
    }
    return 0;
  };
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      int failed = 0;
      std::jthread other([&] { failed = count(); });
      const int own = count();
      other.join();
      ::_exit(own + failed);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(must(read_file(counter, 100)) == std::to_string(kProcesses * kTimes * 2));
}

}  // namespace lilux::sys
