#include "sandbox/starter.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/init_image.h"
#include "sandbox/starter/order.h"
#include "sys/file.h"
#include "sys/handover.h"
#include "sys/path.h"
#include "sys/process_table.h"
#include "sys/sockets.h"

namespace lilux::sandbox {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr const char* kLanguage = "LANG=C.UTF-8";
constexpr int kFailuresMax = 3;
constexpr auto kTriedAgain = std::chrono::minutes(1);
constexpr auto kAnswerTime = std::chrono::seconds(2);  // an interpreter may have to start first

// What an interpreter reads before it runs anything, or the C library below it; two of its own it reads when it is
// told.
bool is_read_at_start(std::string_view variable) {
  constexpr std::array<std::string_view, 7> kBeginnings{"PYTHON",  "LD_", "LC_",      "GLIBC_",
                                                        "MALLOC_", "TZ=", "LANGUAGE="};
  if (variable.starts_with("PYTHONPATH=") || variable == "PYTHONDONTWRITEBYTECODE=1") return false;
  if (variable.starts_with("LANG=")) return variable != kLanguage;
  return std::ranges::any_of(kBeginnings, [&](std::string_view one) { return variable.starts_with(one); });
}

// What a copy of the interpreter runs is not in the sandbox's own tree, and is there for it at /proc/self/exe. Who owns
// the file could change its mode, so he has it from a mount of its own through which nothing is changed.
Result<sys::Fd> unchangeable(const std::string& program) {
  if (TRY(sys::stat(program)).uid != ::geteuid()) return sys::open(program, O_PATH);
  sys::Fd made(
      static_cast<int>(::syscall(SYS_open_tree, AT_FDCWD, program.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
  mount_attr closed{};
  closed.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  if (!made || ::syscall(SYS_mount_setattr, made.get(), "", AT_EMPTY_PATH, &closed, sizeof closed) != 0)
    return fail(ErrorCode::unavailable, "the interpreter cannot be kept from being changed");
  return made;
}

}  // namespace

bool is_plain_python(const sys::SpawnOptions& options) {
  const std::vector<std::string>& words = options.arguments;
  if (options.program != kPython || words.size() < 2) return false;
  const bool is_script = words[1] == "-c" ? words.size() > 2 : !words[1].empty() && words[1][0] != '-';
  const bool has_language = std::ranges::find(options.environment, kLanguage) != options.environment.end();
  return is_script && has_language && std::ranges::none_of(options.environment, is_read_at_start);
}

void Starter::prepare(Tier tier, const Host& host) {
  if (socket_ && !is_as_it_was(*ground_)) drop_asked();
  if (!ground_ || !ground_->ruleset || ground_->tier != tier || !is_as_it_was(*ground_)) {
    Result<Groundwork> laid = lay_groundwork(tier, host.landlock, ground_ ? &*ground_ : nullptr);
    if (!laid) return;
    ground_ = std::move(*laid);
  }
  if (tier != Tier::separated || socket_ || std::chrono::steady_clock::now() < next_try_) return;
  const auto make = [&]() -> Result<void> {
    if (process_ && sys::has_ended(process_->pidfd)) end();
    if (!process_) TRY(start());
    return ask(host.groups);
  };
  if (!make()) give_up();
}

std::optional<sys::Child> Starter::take(Tier tier, const Spec& spec) {
  if (tier != Tier::separated || !socket_ || !suits(spec)) return std::nullopt;
  if (!is_as_it_was(*ground_)) {
    drop_asked();
    return std::nullopt;
  }
  Result<sys::Child> made = take_asked();
  if (!made) return give_up(), std::nullopt;
  failures_ = 0;
  return *std::move(made);
}

// Whether its root can be what was begun, with the spec's trees above it.
bool Starter::suits(const Spec& spec) const {
  if (spec.scratch_bytes != Spec{}.scratch_bytes || is_touched(*ground_, spec)) return false;
  return std::ranges::none_of(spec.trees, [&](const Tree& tree) {
    return std::ranges::any_of(ground_->seen, [&](const Seen& seen) { return sys::is_beneath(seen.path, tree.path); });
  });
}

// Nobody is to use it: it ends, and is reaped.
void Starter::drop_asked() {
  if (const Result<sys::Child> made = take_asked()) sys::end_child(*made);
  socket_.close();
}

// What was laid serves as the last one afterwards.
Result<Groundwork> Starter::groundwork(Tier tier, int landlock) {
  const bool is_good = ground_ && ground_->tier == tier && ground_->landlock == landlock &&
                       (landlock == 0 || ground_->ruleset) && is_as_it_was(*ground_);
  if (!is_good) ground_ = TRY(lay_groundwork(tier, landlock, ground_ ? &*ground_ : nullptr));
  Groundwork made = {.tier = tier,
                     .landlock = landlock,
                     .seen = ground_->seen,
                     .devices = ground_->devices,
                     .folders = {},
                     .laid_us = ground_->laid_us,
                     .ruleset = std::move(ground_->ruleset)};
  return made;
}

void Starter::close() {
  ground_.reset();
  end();
}

void Starter::give_up() {
  end();
  if (++failures_ < kFailuresMax) return;
  failures_ = 0;
  next_try_ = std::chrono::steady_clock::now() + kTriedAgain;
}

void Starter::end() {
  socket_.close();
  group_.reset();
  control_.close();
  if (process_) sys::end_child(*process_);
  process_.reset();
}

Result<void> Starter::start() {
  auto [ours, theirs] = TRY(sys::socket_pair());
  const sys::Fd interpreter = interpreter_.empty() ? sys::Fd() : TRY(unchangeable(interpreter_));
  sys::SpawnOptions options{.program = "/proc/self/fd/0",
                            .arguments = {"lilux-starter"},
                            .environment = {kLanguage, "HOME=/nonexistent"},
                            .cwd = "/",
                            .stdin_fd = interpreter ? interpreter.get() : TRY(starter_program()),
                            .stdout_fd = theirs.get(),
                            .dies_with_thread = true};
  if (interpreter) options.stderr_fd = TRY(starter_library());
  if (interpreter) options.arguments = {interpreter_, "-S", "-c", std::string(python_starter())};
  process_ = TRY(sys::spawn(options));
  control_ = std::move(ours);
  return {};
}

// With a control group of its own where there can be one; it is limited when it is told what to become.
Result<void> Starter::ask(const std::string& groups) {
  auto [ours, theirs] = TRY(sys::socket_pair());
  const Order begin{
      .options = {}, .filter = {}, .root = TRY(plan_of(*ground_, Spec{}.scratch_bytes, {})), .has_ruleset = false};
  std::vector<int> handed{theirs.get()};
  if (!groups.empty()) handed.push_back(group_.emplace(TRY(sys::ControlGroup::make(groups))).folder());
  TRY(sys::hand_over(control_.get(), "x", handed));
  TRY(sys::hand_over(ours.get(), message_of(begin), {}));
  socket_ = std::move(ours);
  return {};
}

Result<sys::Child> Starter::take_asked() {
  sys::Handed made = TRY(sys::take_over(control_.get(), kAnswerTime));
  if (made.number <= 0 || !made.descriptor) return fail(ErrorCode::unavailable, "no process can be kept ready");
  sys::Child child{.pid = made.number, .pidfd = std::move(made.descriptor), .report = std::move(socket_)};
  child.group = std::exchange(group_, std::nullopt);
  child.start_ticks = TRY(sys::process_id(child.pid)).start_ticks;
  // Its number is its own as long as it has not ended.
  if (sys::has_ended(child.pidfd)) return fail(ErrorCode::unavailable, "what was kept ready has ended");
  return child;
}

}  // namespace lilux::sandbox
