#include "sandbox/sandbox.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <linux/filter.h>
#include <sched.h>
#include <sys/resource.h>

#include "sandbox/bubblewrap.h"
#include "sandbox/changes.h"
#include "sandbox/filter.h"
#include "sandbox/groundwork.h"
#include "sandbox/group_probe.h"
#include "sandbox/init_image.h"
#include "sandbox/root.h"
#include "sandbox/starter.h"
#include "sandbox/starter/order.h"
#include "sys/attendant.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/handover.h"
#include "sys/landlock.h"
#include "sys/launch.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/self.h"
#include "sys/tree.h"

namespace lilux::sandbox {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kAroundMax = 20'000;  // rules of a ruleset for what lies beside hidden things
// A third of what others get where there is not enough for all: what asks the daemon is answered first, and a build
// goes on beside other work.
constexpr int kNiceness = 5;
constexpr std::uint64_t kWeight = 33;  // and the same by a control group
constexpr auto kProbeTime = std::chrono::seconds(3);
constexpr std::uint64_t kNamespaces =
    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

class Compiled {
 public:
  Compiled(const Spec& spec, Tier tier, const Host& host, const sys::SpawnOptions& options, Groundwork ground)
      : spec_(spec),
        tier_(tier),
        host_(host),
        landlock_(ground.landlock),
        streams_{options.stdin_fd, options.stdout_fd, options.stderr_fd},
        ground_(std::move(ground)) {}

  // A process that is started now, whose descriptors are copies of ours, or one that is ready and has few.
  enum class For : std::uint8_t { started, ready };

  Result<void> compile(For what = For::started) {
    for_ = what;
    TRY(look());
    if (landlock_ > 0) TRY(restrict());
    if (has_own_root(tier_)) TRY(plan());
    const bool writes = std::ranges::any_of(spec_.trees, [](const Tree& tree) { return tree.access == Access::write; });
    const bool is_attended = tier_ == Tier::restricted && host_.has_attendant && writes;
    code_ = compile_filter({.landlock = landlock_, .has_own_root = has_own_root(tier_), .is_attended = is_attended});
    program_ = {.len = static_cast<unsigned short>(code_.size()), .filter = code_.data()};
    if (tier_ == Tier::separated) init_ = TRY(init_program());
    made_ = {.namespaces = tier_ == Tier::separated ? kNamespaces : 0,
             .enter = tier_ == Tier::separated ? &enter_root : nullptr,
             .plan = &root_,
             .ruleset_fd = ground_.ruleset.get(),
             .filter = &program_,
             .is_attended = is_attended,
             .init_fd = init_,
             .helps_with_renames = has_overlay(root_)};
    return {};
  }

  Result<sys::Child> launch(sys::SpawnOptions options) {
    if (tier_ == Tier::external) return launch_by_bubblewrap(root_, spec_.scratch_bytes, code_, std::move(options));
    options.confinement = &made_;
    return sys::spawn(options);
  }

  // Answers what the child asks for.
  Result<void> attend_to(sys::Child& child) {
    std::vector<sys::Fd> writable;
    for (const Seen& seen : seen_) {
      if (seen.access == Access::write) writable.push_back(TRY(sys::duplicate(seen.fd->get())));
    }
    child.attendant = TRY(sys::attend(std::move(child.listener), std::move(writable)));
    return {};
  }

  int ruleset() const { return ground_.ruleset.get(); }
  Order order() {
    return {.filter = code_, .root = std::move(root_), .has_ruleset = static_cast<bool>(ground_.ruleset)};
  }

 private:
  Result<void> look() {
    for (const Tree& tree : spec_.trees) {
      const bool is_refused =
          (!tree.changes.empty() && tier_ != Tier::separated) || (!tree.stand_in.empty() && !has_own_root(tier_));
      if (is_refused)
        return fail(
            ErrorCode::unavailable,
            "this machine cannot keep what is written to " + sys::quoted(tree.path) + " apart: " + shortfall(host_),
            "`lilux doctor sandbox` shows what was tried");
      seen_.push_back(TRY(look_at(tree.stand_in.empty() ? tree.path : tree.stand_in, tree.access)));
      seen_.back().path = tree.path;
      seen_.back().changes = tree.changes;
      if (!tree.changes.empty()) TRY(reserve(seen_.back()));
    }
    return hide();
  }

  // Descriptors at which the child is to hold the layers of an overlay: here none that we use meanwhile, and in a
  // process that is ready some above all that is open there.
  Result<void> reserve(Seen& seen) {
    for (int& number : seen.held) {
      if (for_ == For::ready) {
        number = next_held_++;
        continue;
      }
      reserved_.push_back(TRY(sys::duplicate(seen.fd->get())));
      number = reserved_.back().get();
    }
    return {};
  }

  // What lies in a hidden folder is not there, and what is hidden in another is covered.
  Result<void> hide() {
    if (is_touched(ground_, spec_)) {  // so it cannot be what everybody's begins with
      std::ranges::move(std::exchange(ground_.seen, {}), std::back_inserter(seen_));
      if (landlock_ > 0) TRY(lay_rules(ground_));
    }
    for (const Hidden& hidden : spec_.hidden) {
      std::erase_if(seen_, [&](const Seen& seen) { return sys::is_beneath(seen.path, hidden.path); });
      const bool is_seen = std::ranges::any_of(
          seen_, [&](const Seen& seen) { return seen.is_bound && sys::is_beneath(hidden.path, seen.path); });
      if (!is_seen || !has_own_root(tier_)) continue;
      seen_.push_back(TRY(look_at(spec_.cover + (hidden.is_folder ? "/folder" : "/file"), Access::read)));
      seen_.back().path = hidden.path;
      seen_.back().is_ruled = false;
    }
    return {};
  }

  Result<void> restrict() {
    for (const Seen& seen : seen_)
      TRY(has_own_root(tier_) || !seen.is_ruled ? allow(ground_.ruleset, seen, landlock_) : allow_around(seen));
    const std::uint64_t all = restriction_of(landlock_, tier_).files;
    // By their names, such as /dev/stdout; what is no file of a filesystem needs no rule.
    constexpr std::uint64_t kStreamRights = sys::kReadFile | sys::kWriteFile | sys::kTruncate;
    for (const int stream : streams_) {
      if (stream >= 0) std::ignore = sys::allow_beneath(ground_.ruleset, stream, kStreamRights & all);
    }
    return {};
  }

  // A rule holds for all below, so where something is hidden below those beside it get one each.
  Result<void> allow_around(const Seen& seen) {
    const auto holds_hidden = [&](const Hidden& hidden) { return sys::is_beneath(hidden.path, seen.path); };
    if (std::ranges::none_of(spec_.hidden, holds_hidden)) return allow(ground_.ruleset, seen, landlock_);
    if (seen.access == Access::write)
      return fail(ErrorCode::unavailable, "this machine cannot hide a part of " + sys::quoted(seen.path) +
                                              ", which may be written: " + shortfall(host_));
    if (std::ranges::find(spec_.hidden, seen.path, &Hidden::path) != spec_.hidden.end()) return {};
    for (const sys::Entry& entry : TRY(sys::list_directory(seen.path))) {
      if (++around_ > kAroundMax)
        return fail(ErrorCode::over_budget, "there are more than " + std::to_string(kAroundMax) +
                                                " files beside what is hidden in " + sys::quoted(seen.path) +
                                                ", and this machine needs a rule for each: " + shortfall(host_));
      const Result<Seen> inner = look_at(seen.path + "/" + entry.name, Access::read);
      if (inner) TRY(allow_around(*inner));  // what has gone needs no rule
    }
    return {};
  }

  Result<void> plan() {
    if (for_ == For::started) {
      root_ = TRY(plan_of(ground_, spec_.scratch_bytes, std::move(seen_)));
    } else {
      std::ranges::sort(seen_, {}, &Seen::path);  // outer ones first
      for (const Seen& seen : seen_) TRY(add_seen(root_, seen));
    }
    root_.processes = std::to_string(spec_.processes);
    root_.ruleset_fd = ground_.ruleset.get();
    root_.rights = restriction_of(landlock_, tier_).files;
    return {};
  }

  const Spec& spec_;
  Tier tier_;
  const Host& host_;
  int landlock_;
  std::array<int, 3> streams_;
  Groundwork ground_;
  std::vector<Seen> seen_;
  std::size_t around_ = 0;
  RootPlan root_;
  For for_ = For::started;
  int next_held_ = 200;
  std::vector<sys::Fd> reserved_;  // numbers that nothing else of ours has while the child takes them
  std::vector<sock_filter> code_;
  sock_fprog program_{};
  int init_ = -1;
  sys::Confinement made_;
};

bool is_there(Tier tier, const Host& host) {
  switch (tier) {
    case Tier::none: return false;
    case Tier::restricted: return host.landlock > 0;
    case Tier::separated: return host.has_namespaces;
    case Tier::external: return host.has_bubblewrap;
  }
  std::unreachable();
}

// Runs a program that does nothing, or little.
std::string problem_of(Tier tier, const Host& host, const Spec& spec = {},
                       const std::vector<std::string>& words = {"true"}) {
  const Result<sys::Child> child =
      launch(spec, tier, host, {.program = "/usr/bin/" + words[0], .arguments = words, .environment = {}, .cwd = "/"});
  if (!child) return child.error().message;
  const Result<std::optional<sys::Exit>> exit = sys::wait_for(*child, kProbeTime);
  if (!exit) return exit.error().message;
  if (!*exit) {
    std::ignore = sys::kill_tree(child->id(), kProbeTime);  // reaped as an orphan
    return words[0] + " does not end in it";
  }
  if ((*exit)->code == 0) return "";
  const auto number = [](const std::optional<int>& value) { return std::to_string(value.value_or(0)); };
  return words[0] + " ended in it with code " + number((*exit)->code) + ", signal " + number((*exit)->signal);
}

// Sets a mode and looks whether it is set.
std::string attendant_problem_of(Host host, const std::string& below) {
  if (host.landlock == 0) return "no Landlock";
  const Result<std::string> folder = sys::make_temporary_directory(below, "attendant-");
  if (!folder) return folder.error().message;
  host.has_attendant = true;
  const std::string problem = problem_of(
      Tier::restricted, host, {.trees = {{.path = *folder, .access = Access::write}}}, {"chmod", "500", *folder});
  const Result<sys::Stat> found = sys::stat(*folder);
  std::ignore = sys::remove_directory(*folder);  // an empty folder is left
  if (!problem.empty()) return problem;
  return found && found->mode == 0500 ? "" : "a mode that was set is not there";
}

// Puts a folder in the place of another on an overlay, and looks whether that can be told.
Result<void> try_overlay(const Host& host, const std::string& folder) {
  const std::string tree = folder + "/tree";
  const std::string changes = folder + "/changes";
  TRY(sys::make_directories(tree + "/a/b", 0700));
  TRY(prepare_changes(changes, tree));
  const Spec spec{.trees = {{.path = tree, .access = Access::write, .changes = changes}}};
  const sys::Child child = TRY(launch(spec, Tier::separated, host,
                                      {.program = "/bin/sh",
                                       .arguments = {"sh", "-c", "rm -r a && mkdir -m 700 a"},
                                       .environment = {"PATH=/usr/bin:/bin"},
                                       .cwd = tree}));
  const std::optional<sys::Exit> exit = TRY(sys::wait_for(child, kProbeTime));
  if (!exit || exit->code != 0) return fail(ErrorCode::unavailable, "folders on an overlay cannot be removed and made");
  const std::vector<FileChange> found = TRY(changes_of(changes, tree));
  if (found.size() == 1 && found[0].kind == ChangeKind::remove && found[0].path == "a/b") return {};
  return fail(ErrorCode::unavailable, "an overlay does not tell what was removed");
}

std::string overlay_problem_of(const Host& host, const std::string& below) {
  const Result<std::string> folder = sys::make_temporary_directory(below, "overlay-");
  if (!folder) return folder.error().message;
  const Result<void> tried = try_overlay(host, *folder);
  if (const auto place = sys::open_parent(*folder)) std::ignore = sys::remove_tree(*place);  // an empty folder is left
  return tried ? "" : tried.error().message;
}

sys::GroupLimits limits_of(const Spec& spec) {
  return {.memory_bytes = spec.memory_bytes, .processes = spec.processes, .cpu_weight = kWeight};
}

// None where there cannot be any: then it is limited as if there were no control groups, and can be told by that.
std::optional<sys::ControlGroup> group_for(const Spec& spec, const Host& host) {
  if (host.groups.empty()) return std::nullopt;
  Result<sys::ControlGroup> group = sys::ControlGroup::make(host.groups);
  if (!group || !group->limit(limits_of(spec))) return std::nullopt;
  return *std::move(group);
}

// Has a process that was kept ready become the program. When that fails the program has not run.
Result<void> tell(const sys::Child& ready, const Spec& spec, Compiled& compiled, const sys::SpawnOptions& options) {
  if (ready.group) TRY(ready.group->limit(limits_of(spec)));
  TRY(compiled.compile(Compiled::For::ready));
  sys::Fd null;
  std::vector<int> descriptors;
  for (const int stream : {options.stdin_fd, options.stdout_fd, options.stderr_fd}) {
    if (stream < 0 && !null) null = TRY(sys::open("/dev/null", O_RDWR));
    descriptors.push_back(stream < 0 ? null.get() : stream);
  }
  Order order = compiled.order();
  order.options = options;
  if (order.has_ruleset) descriptors.push_back(compiled.ruleset());
  const std::string message = message_of(order);
  if (message.size() > kOrderBytesMax) return fail(ErrorCode::over_budget, "what the program is given is too much");
  TRY(sys::hand_over(ready.report.get(), message, descriptors));
  return sys::await_prepared(ready);
}

}  // namespace

std::string bubblewrap_problem_of(const Host& host) {
  if (const Result<void> checked = check_bubblewrap(); !checked) return checked.error().message;
  Host having = host;
  having.has_bubblewrap = true;
  return problem_of(Tier::external, having);
}

Host probe(const std::string& folder) {
  Host host;
  const Result<int> version = sys::landlock_version();
  host.landlock = version.value_or(0);
  host.landlock_problem = !version ? version.error().message : *version == 0 ? "this system has no Landlock" : "";
  if (host.landlock > 0) {
    host.landlock_problem = problem_of(Tier::restricted, host);
    if (!host.landlock_problem.empty()) host.landlock = 0;
  }
  Result<std::string> groups = find_groups();
  host.groups = groups.value_or("");
  host.group_problem = groups ? "" : groups.error().message;
  host.attendant_problem = attendant_problem_of(host, folder);
  host.has_attendant = host.attendant_problem.empty();
  host.has_namespaces = true;
  host.namespace_problem = problem_of(Tier::separated, host);
  host.has_namespaces = host.namespace_problem.empty();
  host.bubblewrap_problem = host.has_namespaces ? "not needed" : bubblewrap_problem_of(host);
  host.has_bubblewrap = host.bubblewrap_problem.empty();
  host.overlay_problem = host.has_namespaces ? overlay_problem_of(host, folder) : "no namespaces";
  host.has_overlay = host.overlay_problem.empty();
  return host;
}

Tier best_tier(const Host& host) {
  if (host.has_namespaces) return Tier::separated;
  if (host.has_bubblewrap) return Tier::external;
  return host.landlock > 0 ? Tier::restricted : Tier::none;
}

std::string shortfall(const Host& host) {
  switch (best_tier(host)) {
    case Tier::separated: return {};
    case Tier::external: return "no namespaces: " + host.namespace_problem;
    case Tier::restricted:
      return "no namespaces: " + host.namespace_problem + "; not by bubblewrap: " + host.bubblewrap_problem;
    case Tier::none:
      return "no namespaces: " + host.namespace_problem + "; not by bubblewrap: " + host.bubblewrap_problem +
             "; no Landlock: " + host.landlock_problem;
  }
  std::unreachable();
}

Result<sys::Child> launch(const Spec& spec, Tier tier, const Host& host, sys::SpawnOptions options, Starter* starter) {
  if (!is_there(tier, host))
    return fail(ErrorCode::unavailable, "this machine cannot keep a program in: " + shortfall(host),
                "`lilux doctor sandbox` shows what was tried");
  options.limits.push_back({.resource = RLIMIT_CORE, .soft = 0, .hard = 0});  // a program of the host's would get it
  options.limits.push_back({.resource = RLIMIT_NOFILE, .soft = spec.descriptors, .hard = spec.descriptors});
  if (spec.cpu_seconds > 0)
    options.limits.push_back({.resource = RLIMIT_CPU, .soft = spec.cpu_seconds, .hard = spec.cpu_seconds + 1});
  options.niceness = kNiceness;
  if (tier == Tier::separated)  // elsewhere it would count all that the user runs
    options.limits.push_back({.resource = RLIMIT_NPROC, .soft = spec.processes, .hard = spec.processes});
  const int landlock = tier == Tier::external ? 0 : host.landlock;
  const auto ground = [&] {
    return starter == nullptr ? lay_groundwork(tier, landlock) : starter->groundwork(tier, landlock);
  };
  const bool is_wanted = starter != nullptr && (starter->interpreter().empty() || is_plain_python(options));
  if (std::optional<sys::Child> ready = is_wanted ? starter->take(tier, spec) : std::nullopt) {
    Compiled compiled(spec, tier, host, options, TRY(ground()));
    const Result<void> become = tell(*ready, spec, compiled, options);
    if (become) return *std::move(ready);
    sys::end_child(*ready);  // it may be left when it was not told all
    if (become.error().code == ErrorCode::timeout) return std::unexpected(become.error());
    // Whatever else it was: as if none had been ready.
  }
  Compiled compiled(spec, tier, host, options, TRY(ground()));
  TRY(compiled.compile());
  std::optional<sys::ControlGroup> group = group_for(spec, host);
  if (group) options.group_fd = group->folder();
  sys::Child child = TRY(compiled.launch(std::move(options)));
  child.group = std::move(group);
  const Result<void> attended = child.listener ? compiled.attend_to(child) : Result<void>();
  if (attended) return child;
  std::ignore = sys::kill_tree(child.id(), kProbeTime);  // reaped as an orphan
  return std::unexpected(attended.error());
}

}  // namespace lilux::sandbox
