#include "sandbox/bubblewrap.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>

#include "sandbox/init_image.h"
#include "sys/error.h"
#include "sys/file.h"

namespace lilux::sandbox {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr const char* kProgram = "/usr/bin/bwrap";
constexpr const char* kInit = "/.lilux-init";
// The descriptors that it gets beside the one by which the init reports.
constexpr const char* kInitDescriptor = "4";
constexpr const char* kWordsDescriptor = "5";
constexpr const char* kFilterDescriptor = "6";
constexpr std::uint32_t kOthersWrite = 022;

// Options by a file in memory: a list of arguments is short, and everybody can read it.
class Words {
 public:
  template <class... Word>
  void add(const Word&... words) {
    (add_one(words), ...);
  }
  const std::string& text() const { return text_; }

 private:
  void add_one(std::string_view word) {
    text_ += word;
    text_ += '\0';
  }
  std::string text_;
};

void add_environment(Words& words, const std::vector<std::string>& environment) {
  words.add("--clearenv");
  for (const std::string& entry : environment) {
    const std::size_t end = entry.find('=');
    if (end != std::string::npos) words.add("--setenv", entry.substr(0, end), entry.substr(end + 1));
  }
}

// Which has its own devices, terminals and process table.
void add_root(Words& words, const RootPlan& plan, const std::string& scratch_bytes) {
  words.add("--size", scratch_bytes, "--tmpfs", "/tmp", "--dir", "/tmp/home", "--proc", "/proc", "--dev", "/dev",
            "--size", scratch_bytes, "--tmpfs", "/dev/shm");
  for (const auto& [name, target] : plan.links) {
    if (!name.starts_with("dev/")) words.add("--symlink", target, "/" + name);
  }
  for (const Bind& bind : plan.binds) {
    if (!bind.is_device) words.add(bind.is_writable ? "--bind" : "--ro-bind", bind.source, "/" + bind.target);
  }
  words.add("--perms", "0555", "--ro-bind-data", kInitDescriptor, kInit);
  for (const char* closed : {"/proc", "/dev", "/"}) words.add("--remount-ro", closed);
}

}  // namespace

Result<void> check_bubblewrap() {
  const auto found = TRY(sys::stat_if_there(kProgram));
  if (!found) return fail(ErrorCode::unavailable, "there is no " + sys::quoted(kProgram), "install bubblewrap");
  if (found->is_regular() && found->uid == 0 && (found->mode & kOthersWrite) == 0) return {};
  return fail(ErrorCode::unavailable, sys::quoted(kProgram) + " is not the system's own", "install bubblewrap");
}

Result<sys::Child> launch_by_bubblewrap(const RootPlan& plan, std::uint64_t scratch_bytes,
                                        std::span<const sock_filter> filter, sys::SpawnOptions options) {
  TRY(check_bubblewrap());
  Words words;
  words.add("--unshare-all", "--die-with-parent", "--cap-drop", "ALL");
  add_environment(words, options.environment);
  add_root(words, plan, std::to_string(scratch_bytes));
  words.add("--chdir", options.cwd.empty() ? "/" : options.cwd, "--seccomp", kFilterDescriptor);
  const sys::Fd said = TRY(sys::memory_program("lilux-words", words.text()));
  const sys::Fd rules = TRY(sys::memory_program(
      "lilux-filter", {reinterpret_cast<const char*>(filter.data()), filter.size() * sizeof(sock_filter)}));
  const std::string own = "/proc/self/fd/" + std::to_string(TRY(init_program()));
  const sys::Fd init = TRY(sys::open(own, O_RDONLY));  // which is read from its beginning
  const sys::Confinement confinement{.handed = {init.get(), said.get(), rules.get()}, .inner = options.program};
  std::vector<std::string> arguments{"bwrap", "--args", kWordsDescriptor, "--", kInit, options.program};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  options.arguments = std::move(arguments);
  options.program = kProgram;
  options.environment.clear();
  options.cwd = "/";
  options.confinement = &confinement;
  return sys::spawn(options);
}

}  // namespace lilux::sandbox
