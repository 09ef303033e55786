#include "sys/path.h"

#include <array>
#include <climits>
#include <random>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/open_strict.h"
#include "tests/support/no_openat2.h"
#include "tests/support/scratch.h"

namespace lilux::sys {

using base::ErrorCode;
using base::Result;
using test::code_of;
using test::must;
using test::Scratch;

namespace {

// dir/{file,sub/deep}, and links of every kind to and between them.
class Links {
 public:
  Links() {
    must(make_directories(root / "dir/sub"));
    must(write_file_atomic(root / "dir/file", "x"));
    must(write_file_atomic(root / "dir/sub/deep", "x"));
    link("dir", "link");
    link(root / "dir/sub", "absolute");
    link("link/sub", "chained");
    link("loop", "loop");
    link("pong", "ping");
    link("ping", "pong");
    link("nowhere/yet", "dangling");
    link("..", "dir/up");
    link("dir/", "slashed");
    link("dir/file", "tofile");
    link("./dir/../dir/./sub/..", "winding");
  }
  void link(const std::string& target, const std::string& name) {
    REQUIRE(::symlink(target.c_str(), (root / name).c_str()) == 0);
  }
  Result<std::string> operator()(std::string_view path, Final last = Final::follow) const {
    return resolve(path, root.path(), last);
  }
  Scratch root;
};

// Where the kernel itself ends up for a path that exists; nullopt with errno otherwise.
std::optional<std::string> kernel_answer(const std::string& cwd, const std::string& path, Final last) {
  const Fd folder(::open(cwd.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const Fd found(::openat(folder.get(), path.c_str(), O_PATH | O_CLOEXEC | (last == Final::keep ? O_NOFOLLOW : 0)));
  if (!found) return std::nullopt;
  std::array<char, PATH_MAX> text;
  const auto name = "/proc/self/fd/" + std::to_string(found.get());
  const ssize_t size = ::readlink(name.c_str(), text.data(), text.size());
  REQUIRE(size > 0);
  return std::string(text.data(), static_cast<std::size_t>(size));
}

}  // namespace

TEST_CASE("plain paths become absolute and normal") {
  const Links links;
  CHECK(must(links("dir/file")) == links.root / "dir/file");
  CHECK(must(links("./dir//sub/./deep")) == links.root / "dir/sub/deep");
  CHECK(must(links(".")) == links.root.path());
  CHECK(must(links("dir/sub/")) == links.root / "dir/sub");
  CHECK(must(resolve("/", "/tmp", Final::follow)) == "/");
  CHECK(must(resolve("//..//../", "/tmp", Final::follow)) == "/");
  CHECK(must(resolve("/..", "/tmp", Final::keep)) == "/");
}

TEST_CASE("symlinks are followed as the kernel follows them") {
  const Links links;
  CHECK(must(links("link/file")) == links.root / "dir/file");
  CHECK(must(links("absolute/deep")) == links.root / "dir/sub/deep");
  CHECK(must(links("chained/deep")) == links.root / "dir/sub/deep");
  CHECK(must(links("absolute/../file")) == links.root / "dir/file");  // not <root>/file
  CHECK(must(links("dir/up")) == links.root.path());
  CHECK(must(links("dir/up/dir/up/link/sub")) == links.root / "dir/sub");
  CHECK(must(links("slashed/file")) == links.root / "dir/file");
  CHECK(must(links("winding/file")) == links.root / "dir/file");
}

TEST_CASE("the last component is followed or kept as asked") {
  const Links links;
  CHECK(must(links("link", Final::follow)) == links.root / "dir");
  CHECK(must(links("link", Final::keep)) == links.root / "link");
  CHECK(must(links("link/", Final::keep)) == links.root / "dir");
  CHECK(must(links("link/.", Final::keep)) == links.root / "dir");
  CHECK(must(links("link/up", Final::keep)) == links.root / "dir/up");
  CHECK(must(links("loop", Final::keep)) == links.root / "loop");
  CHECK(must(links("dangling", Final::keep)) == links.root / "dangling");
}

TEST_CASE("a tail that is not there yet is normalised") {
  const Links links;
  CHECK(must(links("new")) == links.root / "new");
  CHECK(must(links("link/new/newer/")) == links.root / "dir/new/newer");
  CHECK(must(links("new/./newer")) == links.root / "new/newer");
  CHECK(must(links("new/../dir/file")) == links.root / "dir/file");
  CHECK(must(links("new/a/../../link/file")) == links.root / "dir/file");  // back among what is there
  CHECK(must(links("dangling")) == links.root / "nowhere/yet");            // what writing there would create
  CHECK(must(links("dangling/x")) == links.root / "nowhere/yet/x");
}

TEST_CASE("impossible paths are refused with their reason") {
  const Links links;
  CHECK(code_of(links("")) == ErrorCode::invalid_argument);
  CHECK(code_of(links("loop")) == ErrorCode::invalid_argument);
  CHECK(code_of(links("ping/x")) == ErrorCode::invalid_argument);
  CHECK(links("loop").error().message.find("symbolic links") != std::string::npos);
  CHECK(links("dir/file/below").error().message.find("not a directory") != std::string::npos);
  CHECK(code_of(links("dir/file/")) == ErrorCode::invalid_argument);
  CHECK(code_of(links("dir/file/.")) == ErrorCode::invalid_argument);
  CHECK(code_of(links("dir/file/..")) == ErrorCode::invalid_argument);
  CHECK(code_of(links("tofile/")) == ErrorCode::invalid_argument);
  CHECK(code_of(links(std::string_view("dir\0/file", 9))) == ErrorCode::invalid_argument);
  CHECK(links(std::string_view("dir\0/file", 9)).error().message.find("NUL") != std::string::npos);
  CHECK(code_of(links(std::string(256, 'n'))) == ErrorCode::invalid_argument);
  CHECK(must(links(std::string(255, 'n'))).size() == links.root.path().size() + 256);
  CHECK(links("new/" + std::string(256, 'n')).error().message.find("255") != std::string::npos);
  CHECK(code_of(resolve("x", "relative", Final::follow)) == ErrorCode::invalid_argument);
  CHECK(code_of(resolve("x", "", Final::follow)) == ErrorCode::invalid_argument);
}

TEST_CASE("very long paths are refused, long detours are not") {
  const Links links;
  std::string deep;
  while (deep.size() < 5000) deep += "abcdefgh/";
  CHECK(code_of(links(deep)) == ErrorCode::invalid_argument);
  CHECK(links(deep).error().message.find("4095") != std::string::npos);
  CHECK(code_of(links(deep.substr(0, 4090))) == ErrorCode::invalid_argument);  // too long once absolute
  std::string detour;
  while (detour.size() < 4000) detour += "dir/../";
  CHECK(must(links(detour + "dir/file")) == links.root / "dir/file");
  std::string missing_detour;
  while (missing_detour.size() < 4000) missing_detour += "new/../";
  CHECK(must(links(missing_detour + "link/file")) == links.root / "dir/file");
}

TEST_CASE("forty symlinks are followed and forty-one are not") {
  Links links;
  links.link("dir", "hop1");
  for (int i = 2; i <= 41; ++i) links.link("hop" + std::to_string(i - 1), "hop" + std::to_string(i));
  CHECK(must(links("hop40/file")) == links.root / "dir/file");
  CHECK(code_of(links("hop41/file")) == ErrorCode::invalid_argument);
}

TEST_CASE("magic links of /proc are refused, its plain links are not") {
  Links links;
  const Fd held = must(open(links.root / "dir/file", O_RDONLY));
  const std::string fd_path = "/proc/self/fd/" + std::to_string(held.get());
  for (const std::string& path :
       {std::string("/proc/self/root"), std::string("/proc/self/root/etc/passwd"), std::string("/proc/self/cwd/x"),
        fd_path, std::string("/proc/self/exe"), std::string("/proc/thread-self/root/"), std::string("/dev/fd/0"),
        "/proc/" + std::to_string(::getpid()) + "/root/etc"}) {
    CAPTURE(path);
    const auto refused = links(path);
    if (path == "/dev/fd/0" && !exists(path)) continue;  // no standard input here
    CHECK(code_of(refused) == ErrorCode::invalid_argument);
    CHECK(refused.error().message.find("magic link") != std::string::npos);
  }
  links.link("/proc/self/root", "escape");
  CHECK(code_of(links("escape/etc/passwd")) == ErrorCode::invalid_argument);
  CHECK(must(links("/proc/self/status")) == "/proc/" + std::to_string(::getpid()) + "/status");
  CHECK(must(links("/proc/self/root", Final::keep)) == "/proc/" + std::to_string(::getpid()) + "/root");
}

TEST_CASE("folders that may not be searched are denied") {
  if (::geteuid() == 0) {
    MESSAGE("run as root, who may search every folder: run as somebody else to see this tested");
    return;
  }
  const Links links;
  must(make_directories(links.root / "closed/inner"));
  REQUIRE(::chmod((links.root / "closed").c_str(), 0) == 0);
  CHECK(code_of(links("closed/inner/x")) == ErrorCode::denied);
  REQUIRE(::chmod((links.root / "closed").c_str(), 0700) == 0);
}

// The kernel is the judge: wherever it gets to a file by random paths, resolve must name that file.
TEST_CASE("random paths end where the kernel ends") {
  const Links links;
  const std::vector<std::string> words{"dir",    "file",    "sub", "deep", "link", "absolute", "chained", "loop",
                                       "ping",   "..",      "..",  ".",    "",     "dangling", "up",      "slashed",
                                       "tofile", "winding", "new", "dir",  "dir",  "link"};
  std::mt19937 random(20260117);  // NOLINT: the same paths every time
  int agreed = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string path = random() % 8 == 0 ? links.root.path() + "/" : "";
    const auto length = 1 + random() % 7;
    for (std::size_t i = 0; i < length; ++i) path += (i > 0 ? "/" : "") + words[random() % words.size()];
    if (path.empty()) continue;
    if (path.starts_with('/') && !path.starts_with(links.root.path())) continue;
    CAPTURE(path);
    const Final last = random() % 2 == 0 ? Final::follow : Final::keep;
    const auto expected = kernel_answer(links.root.path(), path, last);
    const int error_number = errno;
    const auto actual = links(path, last);
    if (expected) {
      REQUIRE(actual.has_value());
      REQUIRE(*actual == *expected);
      ++agreed;
    } else if (error_number == ELOOP) {
      REQUIRE_FALSE(actual.has_value());
    } else if (actual) {
      // A tail that is not there, or the kernel met a missing part that ".." leaves again: what comes out is canonical.
      const auto again = resolve(*actual, "/", last);
      REQUIRE(again.has_value());
      REQUIRE(*again == *actual);
    }
  }
  CHECK(agreed > 1000);
}

TEST_CASE("the same without openat2") {
  CHECK(test::without_openat2([] {
          const Links links;
          if (links("link/sub/../file").value_or("") != links.root / "dir/file") return 1;
          if (links("dir/sub/deep").value_or("") != links.root / "dir/sub/deep") return 2;
          if (links("loop").has_value()) return 3;
          if (is_free_of_symlinks(links.root / "link")) return 4;
          if (is_free_of_symlinks(links.root / "link/no")) return 5;
          if (!is_free_of_symlinks(links.root / "dir/no/deep")) return 6;
          return is_free_of_symlinks(links.root / "dir/sub/deep") ? 0 : 7;
        }) == 0);
}

TEST_CASE("being beneath is about whole components") {
  CHECK(is_beneath("/a/b", "/a"));
  CHECK(is_beneath("/a", "/a"));
  CHECK_FALSE(is_beneath("/ab", "/a"));
  CHECK_FALSE(is_beneath("/", "/a"));
  CHECK(is_beneath("/a", "/"));
  CHECK(is_beneath("/", "/"));
}

}  // namespace lilux::sys
