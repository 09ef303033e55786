#include "sys/error.h"

#include <cerrno>
#include <csignal>
#include <vector>

#include <doctest/doctest.h>

#include "sys/fd.h"
#include "sys/io.h"
#include "tests/support/pipe.h"
#include "tests/support/scratch.h"

namespace lilux::sys {

using base::ErrorCode;
using test::code_of;
using test::must;

TEST_CASE("an errno becomes a message that names the thing and the cause") {
  const auto failed = fail_errno(EACCES, "open", "/etc/x");
  CHECK(failed.error().code == ErrorCode::denied);
  CHECK(failed.error().message == "cannot open '/etc/x': permission denied");
  CHECK(failed.error().hint == "see owner and mode: ls -ld '/etc/x'");
  CHECK(fail_errno(ENOENT, "open '/etc/x'").error().message == "cannot open '/etc/x': no such file or directory");
}

TEST_CASE("a hint about a path can be pasted, and there is none that would be torn apart") {
  CHECK(fail_errno(ENOENT, "open", "/etc/x").error().hint == "see what is there: ls -A '/etc'");
  CHECK(fail_errno(ENOENT, "open", "/x").error().hint == "see what is there: ls -A '/'");
  CHECK(fail_errno(ENOTDIR, "list", "/etc/x").error().hint == "see what it is: ls -ld '/etc/x'");
  CHECK(fail_errno(ENOTEMPTY, "remove", "/a b").error().hint == "see what is in it: ls -A '/a b'");
  const std::string plain = "check how the path is spelt";
  CHECK(fail_errno(ENOENT, "open", "/a'; rm -r /'").error().hint == plain);
  CHECK(fail_errno(ENOENT, "open", "/a\nb").error().hint == plain);
  CHECK(fail_errno(ENOENT, "open", "standard input").error().hint == plain);
}

TEST_CASE("errnos map to the codes that surfaces know") {
  const std::vector<std::pair<int, ErrorCode>> expected{
      {ENOENT, ErrorCode::not_found},         {EPERM, ErrorCode::denied},
      {EEXIST, ErrorCode::conflict},          {ENOTEMPTY, ErrorCode::conflict},
      {ENOSPC, ErrorCode::unavailable},       {EDQUOT, ErrorCode::unavailable},
      {EIO, ErrorCode::unavailable},          {EROFS, ErrorCode::unavailable},
      {EMFILE, ErrorCode::unavailable},       {ENAMETOOLONG, ErrorCode::invalid_argument},
      {ELOOP, ErrorCode::invalid_argument},   {ENOTDIR, ErrorCode::invalid_argument},
      {EISDIR, ErrorCode::invalid_argument},  {ETIMEDOUT, ErrorCode::timeout},
      {ECONNREFUSED, ErrorCode::unavailable}, {ESRCH, ErrorCode::not_found},
      {EBADF, ErrorCode::internal},           {EFAULT, ErrorCode::internal},
  };
  for (const auto& [error_number, code] : expected) {
    CAPTURE(error_number);
    CHECK(code_of_errno(error_number) == code);
  }
}

TEST_CASE("quoted text cannot forge a message or break a terminal") {
  CHECK(sys::quoted("plain") == "'plain'");
  CHECK(sys::quoted("a\nb\x1b[0m") == "'a\\x0ab\\x1b[0m'");
  CHECK(sys::quoted(std::string_view("a\0b", 3)) == "'a\\x00b'");
  CHECK(sys::quoted("gr\xc3\xbc\xc3\x9f") == "'gr\xc3\xbc\xc3\x9f'");
  CHECK(sys::quoted("\xff\xfe") == "'\\xff\\xfe'");
  CHECK(sys::quoted(std::string(1000, 'x')).size() < 320);
  CHECK(sys::quoted(std::string(1000, 'x')).ends_with("...'"));
}

TEST_CASE("a descriptor closes once and moves") {
  test::Pipe pipe;
  const int number = pipe.write.get();
  Fd moved = std::move(pipe.write);
  CHECK_FALSE(pipe.write);
  CHECK(moved.get() == number);
  must(write_all(moved.get(), "x"));
  moved = Fd();
  CHECK(must(read_all(pipe.read.get(), 10)) == "x");  // ends, since no writer is left
}

TEST_CASE("reading a non-blocking pipe tells empty from ended") {
  test::Pipe pipe;
  must(set_nonblocking(pipe.read.get()));
  std::array<char, 4> buffer{};
  CHECK_FALSE(must(read_some(pipe.read.get(), buffer)).has_value());
  must(write_all(pipe.write.get(), "ab"));
  CHECK(must(read_some(pipe.read.get(), buffer)) == 2);
  pipe.write.close();
  CHECK(must(read_some(pipe.read.get(), buffer)) == 0);
}

TEST_CASE("a full non-blocking pipe says that it is full") {
  test::Pipe pipe;
  must(set_nonblocking(pipe.write.get()));
  const std::string block(1 << 16, 'x');
  while (must(write_some(pipe.write.get(), block))) {
  }
  CHECK_FALSE(must(write_some(pipe.write.get(), block)).has_value());
  CHECK(code_of(write_all(pipe.write.get(), block)) == ErrorCode::unavailable);
}

TEST_CASE("operations on a bad descriptor are errors, not crashes") {
  CHECK(code_of(duplicate(-1)) == ErrorCode::internal);
  CHECK(code_of(set_nonblocking(-1)) == ErrorCode::internal);
  CHECK(code_of(read_all(-1, 10)) == ErrorCode::internal);
}

}  // namespace lilux::sys
