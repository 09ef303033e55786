#include "sys/lock.h"

#include <csignal>
#include <thread>

#include <doctest/doctest.h>

#include "sys/fd.h"
#include "sys/file.h"
#include "sys/io.h"
#include "tests/support/scratch.h"

namespace lilux::sys {

using base::ErrorCode;
using std::chrono::milliseconds;
using test::code_of;
using test::must;
using test::Scratch;

namespace {

// A child that takes the lock, says so, and holds it until it is killed.
class Holder {
 public:
  explicit Holder(const std::string& path) {
    Pipe pipe = must(make_pipe());
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
  const std::string path = scratch / "lock";
  {
    auto first = must(Lock::try_lock(path));
    REQUIRE(first.has_value());
    CHECK_FALSE(must(Lock::try_lock(path)).has_value());
    CHECK_FALSE(must(Lock::try_lock(path, LockMode::shared)).has_value());
  }
  CHECK(must(Lock::try_lock(path)).has_value());
  CHECK(must(stat(path)).mode == 0600);
}

TEST_CASE("shared locks go together and keep exclusive ones out") {
  Scratch scratch;
  const auto one = must(Lock::try_lock(scratch / "lock", LockMode::shared));
  const auto two = must(Lock::try_lock(scratch / "lock", LockMode::shared));
  CHECK(one.has_value());
  CHECK(two.has_value());
  CHECK_FALSE(must(Lock::try_lock(scratch / "lock")).has_value());
}

TEST_CASE("a lock of another process holds until that process dies, by kill -9 too") {
  Scratch scratch;
  Holder holder(scratch / "lock");
  CHECK_FALSE(must(Lock::try_lock(scratch / "lock")).has_value());
  const auto refused = Lock::lock(scratch / "lock", milliseconds(30));
  CHECK(code_of(refused) == ErrorCode::timeout);
  CHECK(refused.error().message.find("lock") != std::string::npos);
  holder.kill();
  CHECK(must(Lock::try_lock(scratch / "lock")).has_value());
}

TEST_CASE("waiting for a lock gets it when it becomes free") {
  Scratch scratch;
  Holder holder(scratch / "lock");
  std::jthread killer([&] { holder.kill(); });
  const Lock held = must(Lock::lock(scratch / "lock", milliseconds(5000)));
  must(write_all(held.fd(), "me"));
  CHECK(must(read_file(scratch / "lock", 10)) == "me");
}

TEST_CASE("two processes that count under a lock lose no count") {
  Scratch scratch;
  must(write_file_atomic(scratch / "count", "0"));
  const auto count_up = [&] {
    for (int i = 0; i < 50; ++i) {
      auto held = Lock::lock(scratch / "lock", milliseconds(20'000));
      if (!held) return 1;
      const int count = std::stoi(read_file(scratch / "count", 100).value_or("0"));
      if (!write_file_atomic(scratch / "count", std::to_string(count + 1))) return 2;
    }
    return 0;
  };
  const pid_t other = ::fork();
  REQUIRE(other >= 0);
  if (other == 0) ::_exit(count_up());
  CHECK(count_up() == 0);
  int status = 0;
  REQUIRE(::waitpid(other, &status, 0) == other);
  CHECK(status == 0);
  CHECK(must(read_file(scratch / "count", 100)) == "100");
}

TEST_CASE("a lock file that cannot be made is an error") {
  Scratch scratch;
  CHECK(code_of(Lock::try_lock(scratch / "absent/lock")) == ErrorCode::not_found);
  must(make_directories(scratch / "folder"));
  CHECK_FALSE(Lock::try_lock(scratch / "folder").has_value());
}

}  // namespace lilux::sys
