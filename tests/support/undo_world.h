#pragma once

// A kernel with the real table over a project full of awkward things, for proving that undo is exact: modes with
// set-id bits, owners, nanosecond times, extended attributes, symlinks, hard links, empty folders, names of any bytes.
// What the filesystem or the user cannot do is left out. One owner.

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/support/kernel_fixture.h"
#include "tests/support/tree.h"
#include "tools/table.h"

namespace lilux::test {

inline const std::string kOddName = "odd \xff\xfe%25\n'name";

class UndoWorld : public kernel::KernelFolder {
 public:
  using Settings = std::map<std::string, std::string>;

  explicit UndoWorld(Settings settings = {}) : settings_(std::move(settings)) {
    fill();
    restart();
  }

  void restart() {
    kernel_.reset();
    kernel::ConfigSources sources;
    sources.flags = settings_;
    sources.environment = [](const char*) { return std::nullopt; };
    sources.machine = {.memory_bytes = std::uint64_t{64} << 30, .cores = 8};
    kernel_ = kernel::must(kernel::Kernel::open(folders, kernel::must(kernel::resolve_config(sources)), tools::table(),
                                                kernel::Kernel::Role::one_shot));
  }

  void restart_with(Settings settings) {
    settings_ = std::move(settings);
    restart();
  }

  kernel::Kernel& kernel() { return *kernel_; }

  // A call of a person in the project, who says yes to what is asked.
  kernel::CallRequest request(std::string_view tool, base::JsonObject arguments) const {
    kernel::CallRequest made;
    made.tool = std::string(tool);
    made.arguments = std::move(arguments);
    made.caller.cwd = work.string();
    made.caller.project = work.string();
    made.is_answered_yes = true;
    return made;
  }
  kernel::Outcome call(std::string_view tool, base::JsonObject arguments) {
    return kernel_->call(request(tool, std::move(arguments)));
  }
  // The id of a call that has to go well.
  std::string does(std::string_view tool, base::JsonObject arguments) {
    const kernel::Outcome outcome = call(tool, std::move(arguments));
    if (!outcome.ok()) FAIL(std::string(tool) << ": " << outcome.output.error().message);
    return outcome.call;
  }
  base::Json answer(std::string_view tool, base::JsonObject arguments) {
    const kernel::Outcome outcome = call(tool, std::move(arguments));
    if (!outcome.ok()) FAIL(std::string(tool) << ": " << outcome.output.error().message);
    return *outcome.output;
  }
  std::string undo(const std::string& call) { return does("undo.apply", {{"call", call}}); }
  std::string redo(const std::string& call) { return does("undo.redo", {{"call", call}}); }

  Tree tree() const { return snapshot(work); }

 private:
  void file(const std::string& name, std::string_view text, mode_t mode = 0644) {
    kernel::set_content(path(name), text);
    REQUIRE(::chmod(path(name).c_str(), mode) == 0);
  }
  void own(const std::string& name, unsigned user) const {
    if (::geteuid() != 0) return;
    struct ::stat status{};
    REQUIRE(::lstat(path(name).c_str(), &status) == 0);
    REQUIRE(::lchown(path(name).c_str(), user, user + 1) == 0);
    if (!S_ISLNK(status.st_mode)) REQUIRE(::chmod(path(name).c_str(), status.st_mode & 07777U) == 0);
  }
  void attribute(const std::string& name, std::string_view value) const {
    const int set = ::setxattr(path(name).c_str(), "user.lilux-test", value.data(), value.size(), 0);
    REQUIRE((set == 0 || errno == ENOTSUP));
  }

  void fill() {
    namespace fs = std::filesystem;
    for (const char* name : {"tree/sub/deep", "tree/empty", "shared", "empty", "full"})
      fs::create_directories(path(name));
    file("plain.txt", "one\ntwo\nthree\n");
    file("other.txt", "other\n", 0600);
    file("zero", "");
    file("tool", "#!/bin/sh\n", 04755);
    file("group-tool", "#!/bin/sh\n", 02751);
    file("read-only", "keep\n", 0444);
    file(kOddName, std::string("\0\xff bytes", 8), 0640);
    file("tree/a", "a\n", 0600);
    file("tree/sub/b", std::string(70'000, 'b'));
    file("tree/sub/deep/" + kOddName, "deep");
    file("full/x", "x");
    file("linked", "many names\n", 0664);
    fs::create_hard_link(path("linked"), path("linked-too"));
    fs::create_hard_link(path("linked"), path("tree/linked-inside"));
    file("tree/twin-1", "twins\n");
    fs::create_hard_link(path("tree/twin-1"), path("tree/twin-2"));
    fs::create_symlink("plain.txt", path("link"));
    fs::create_symlink("../nowhere", path("tree/dangling"));
    fs::create_symlink("tree/sub", path("folder-link"));
    attribute("plain.txt", "file");
    attribute("tree/sub", "folder");
    attribute("linked", std::string_view("\0\xff", 2));
    for (const char* name : {"tool", "tree/a", "tree/sub", "link", "linked", "empty"}) own(name, 4321);
    REQUIRE(::chmod(path("tool").c_str(), 04755) == 0);
    REQUIRE(::chmod(path("shared").c_str(), 03777) == 0);
    REQUIRE(::chmod(path("empty").c_str(), 0750) == 0);
    age();
  }

  // Every entry gets times of its own, long ago, to the nanosecond; what a folder holds before the folder.
  void age() const {
    std::vector<std::filesystem::path> paths{work};
    for (const auto& entry : std::filesystem::recursive_directory_iterator(work)) paths.push_back(entry.path());
    std::ranges::sort(paths, std::greater());
    time_t seconds = 1'400'000'000;
    for (const auto& name : paths) {
      seconds += 1'000;
      const std::array<timespec, 2> times{timespec{.tv_sec = seconds, .tv_nsec = 123'456'789},
                                          timespec{.tv_sec = seconds + 7, .tv_nsec = 987'654'321}};
      REQUIRE(::utimensat(AT_FDCWD, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) == 0);
    }
  }

  Settings settings_;
  std::unique_ptr<kernel::Kernel> kernel_;
};

// Fails the test with a line per difference.
inline void check_same(const Tree& wanted, const Tree& is, std::string_view when) {
  for (const std::string& line : differences(wanted, is)) FAIL_CHECK(std::string(when) << ": " << line);
}

}  // namespace lilux::test
