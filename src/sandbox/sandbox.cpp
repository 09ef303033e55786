#include "sandbox/sandbox.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <linux/filter.h>
#include <sched.h>
#include <sys/resource.h>

#include "sandbox/bubblewrap.h"
#include "sandbox/changes.h"
#include "sandbox/filter.h"
#include "sandbox/init_image.h"
#include "sandbox/root.h"
#include "sys/attendant.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/landlock.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/self.h"
#include "sys/tree.h"

namespace lilux::sandbox {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

// Programs, libraries and public settings: of everybody's sandbox, as far as they are there.
constexpr std::array kSystem{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/nix/store", "/gnu/store"};
constexpr std::array kDevices{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
constexpr const char* kSettings = "/etc";
// All of it that a program sees.
constexpr std::array kPublicSettings{"alternatives",
                                     "bash.bashrc",
                                     "bash_completion.d",
                                     "ca-certificates",
                                     "ca-certificates.conf",
                                     "debian_version",
                                     "default",
                                     "environment",
                                     "ethertypes",
                                     "fonts",
                                     "gitconfig",
                                     "gai.conf",
                                     "group",
                                     "host.conf",
                                     "hostname",
                                     "hosts",
                                     "inputrc",
                                     "java",
                                     "ld.so.cache",
                                     "ld.so.conf",
                                     "ld.so.conf.d",
                                     "locale.alias",
                                     "locale.conf",
                                     "localtime",
                                     "login.defs",
                                     "lsb-release",
                                     "magic",
                                     "mime.types",
                                     "nanorc",
                                     "networks",
                                     "nsswitch.conf",
                                     "os-release",
                                     "passwd",
                                     "perl",
                                     "pki",
                                     "profile",
                                     "profile.d",
                                     "protocols",
                                     "python3",
                                     "python3.11",
                                     "python3.12",
                                     "python3.13",
                                     "resolv.conf",
                                     "rpc",
                                     "services",
                                     "shells",
                                     "skel",
                                     "ssl/certs",
                                     "ssl/openssl.cnf",
                                     "terminfo",
                                     "timezone",
                                     "vim",
                                     "wgetrc",
                                     "xattr.conf",
                                     "zsh"};

constexpr std::size_t kAroundMax = 20'000;  // rules of a ruleset for what lies beside hidden things
constexpr std::uint64_t kInodes = 300'000;  // of /tmp; each takes about a KiB of the system's memory

constexpr std::uint64_t kReadRights = sys::kExecute | sys::kReadFile | sys::kReadFolder;
// A third of what others get where there is not enough for all: what asks the daemon is answered first, and a build
// goes on beside other work.
constexpr int kNiceness = 5;
constexpr auto kProbeTime = std::chrono::seconds(3);
constexpr std::uint64_t kNamespaces =
    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

// All that the version knows.
sys::Restriction restriction_of(int landlock) {
  std::uint64_t files = (std::uint64_t{sys::kMakeSymlink} << 1) - 1;
  if (landlock >= 2) files |= sys::kRefer;
  if (landlock >= 3) files |= sys::kTruncate;
  if (landlock >= 5) files |= sys::kDeviceControl;
  return {.files = files, .network = landlock >= 4 ? 3U : 0U, .scope = landlock >= 6 ? 3U : 0U};
}

// What is to be seen, looked at once: an open file, so that nothing else is meant by its name later.
struct Seen {
  std::string path;    // where the program sees it
  std::string source;  // where it is
  sys::Fd fd;
  sys::Stat stat;
  Access access = Access::read;
  std::string changes;
  bool is_ruled = true;  // by Landlock
  bool is_bound = true;  // into a root of its own
};

Result<Seen> look_at(const std::string& path, Access access) {
  Seen seen{.path = path, .source = path, .fd = TRY(sys::open(path, O_PATH | O_NOFOLLOW)), .access = access};
  seen.stat = TRY(sys::stat(seen.fd, path));
  return seen;
}

class Compiled {
 public:
  Compiled(const Spec& spec, Tier tier, const Host& host, const sys::SpawnOptions& options)
      : spec_(spec),
        tier_(tier),
        host_(host),
        landlock_(tier == Tier::external ? 0 : host.landlock),
        streams_{options.stdin_fd, options.stdout_fd, options.stderr_fd} {}

  Result<void> compile() {
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
             .ruleset_fd = ruleset_.get(),
             .filter = &program_,
             .is_attended = is_attended,
             .init_fd = init_};
    return {};
  }

  Result<sys::Child> launch(sys::SpawnOptions options) {
    if (tier_ == Tier::external) return launch_by_bubblewrap(root_, spec_.scratch_bytes, code_, std::move(options));
    if (tier_ == Tier::separated)  // elsewhere it would count all that the user runs
      options.limits.push_back({.resource = RLIMIT_NPROC, .soft = spec_.processes, .hard = spec_.processes});
    options.confinement = &made_;
    return sys::spawn(options);
  }

  // Answers what the child asks for.
  Result<void> attend_to(sys::Child& child) {
    std::vector<sys::Fd> writable;
    for (Seen& seen : seen_) {
      if (seen.access == Access::write) writable.push_back(std::move(seen.fd));
    }
    child.attendant = TRY(sys::attend(std::move(child.listener), std::move(writable)));
    return {};
  }

 private:
  Result<void> look() {
    const auto add_if_there = [this](const std::string& path, bool is_ruled = true, bool is_bound = true) {
      Result<Seen> seen = look_at(path, Access::read);
      if (!seen) return;
      seen->is_ruled = is_ruled;
      seen->is_bound = is_bound;
      seen_.push_back(std::move(*seen));
    };
    for (const char* path : kSystem) add_if_there(path);
    // Landlock can rule within a folder that is bound; without it, only what is public is bound.
    if (landlock_ > 0) add_if_there(kSettings, false);
    for (const char* name : kPublicSettings) add_if_there(std::string(kSettings) + "/" + name, true, landlock_ == 0);
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
    }
    for (const char* path : kDevices) devices_.push_back(TRY(look_at(path, Access::write)));
    return hide();
  }

  // What lies in a hidden folder is not there, and what is hidden in another is covered.
  Result<void> hide() {
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
    sys::Restriction whole = restriction_of(landlock_);
    if (tier_ == Tier::separated) whole.network = 0;  // it has one of its own, with nobody else in it
    ruleset_ = TRY(sys::make_ruleset(whole));
    for (const Seen& seen : seen_) {
      if (!seen.is_ruled) continue;
      TRY(has_own_root(tier_) ? allow(seen, whole) : allow_around(seen, whole));
    }
    for (const Seen& seen : devices_) {
      constexpr std::uint64_t kDeviceRights = sys::kReadFile | sys::kWriteFile;
      TRY(sys::allow_beneath(ruleset_, seen.fd.get(), kDeviceRights));
    }
    // By their names, such as /dev/stdout; what is no file of a filesystem needs no rule.
    constexpr std::uint64_t kStreamRights = sys::kReadFile | sys::kWriteFile | sys::kTruncate;
    for (const int stream : streams_) {
      if (stream >= 0) std::ignore = sys::allow_beneath(ruleset_, stream, kStreamRights & whole.files);
    }
    return {};
  }

  Result<void> allow(const Seen& seen, const sys::Restriction& whole) {
    if (seen.stat.is_symlink()) return {};  // a way to what has a rule
    std::uint64_t rights = seen.access == Access::write ? whole.files : kReadRights;
    if (!seen.stat.is_directory()) rights &= sys::kRightsOfFiles;
    return sys::allow_beneath(ruleset_, seen.fd.get(), rights & whole.files);
  }

  // A rule holds for all below, so where something is hidden below those beside it get one each.
  Result<void> allow_around(const Seen& seen, const sys::Restriction& whole) {
    const auto holds_hidden = [&](const Hidden& hidden) { return sys::is_beneath(hidden.path, seen.path); };
    if (std::ranges::none_of(spec_.hidden, holds_hidden)) return allow(seen, whole);
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
      if (inner) TRY(allow_around(*inner, whole));  // what has gone needs no rule
    }
    return {};
  }

  Result<void> plan() {
    const std::string user = std::to_string(sys::user_id());
    const std::string group = std::to_string(sys::group_id());
    root_.user_map = user + " " + user + " 1";
    root_.group_map = group + " " + group + " 1";
    root_.processes = std::to_string(spec_.processes);
    root_.options = "mode=1777,size=" + std::to_string(spec_.scratch_bytes) + ",nr_inodes=" + std::to_string(kInodes);
    root_.folders = {"proc", "dev", "dev/pts", "tmp/home"};
    root_.links = {{"dev/shm", "/tmp"},
                   {"dev/ptmx", "pts/ptmx"},
                   {"dev/fd", "/proc/self/fd"},
                   {"dev/stdin", "/proc/self/fd/0"},
                   {"dev/stdout", "/proc/self/fd/1"},
                   {"dev/stderr", "/proc/self/fd/2"}};
    root_.ruleset_fd = ruleset_.get();
    root_.rights = landlock_ > 0 ? restriction_of(landlock_).files : 0;
    std::ranges::sort(seen_, {}, &Seen::path);  // outer ones first
    for (const Seen& seen : seen_) {
      if (!seen.is_bound) continue;
      if (seen.stat.is_symlink())
        root_.links.emplace_back(seen.path.substr(1), TRY(sys::read_link(TRY(sys::open_parent(seen.path)))));
      else
        TRY(bind(seen.path, seen, false));
    }
    for (const Seen& seen : devices_) TRY(bind(seen.path, seen, true));
    return {};
  }

  Result<void> bind(const std::string& target, const Seen& seen, bool is_device) {
    std::array<int, 3> held{-1, -1, -1};
    for (int& number : held) {
      if (seen.changes.empty()) continue;
      root_.reserved.push_back(TRY(sys::duplicate(seen.fd.get())));
      number = root_.reserved.back().get();
    }
    add_bind(root_, {.source = seen.source,
                     .target = target.substr(1),
                     .device = seen.stat.device,
                     .inode = seen.stat.inode,
                     .is_folder = seen.stat.is_directory(),
                     .is_writable = seen.access == Access::write && !is_device,
                     .is_device = is_device,
                     .changes = seen.changes,
                     .held = held});
    return {};
  }

  const Spec& spec_;
  Tier tier_;
  const Host& host_;
  int landlock_;
  std::array<int, 3> streams_;
  std::vector<Seen> seen_;
  std::vector<Seen> devices_;
  std::size_t around_ = 0;
  sys::Fd ruleset_;
  RootPlan root_;
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

}  // namespace

std::span<const char* const> system_trees() {
  return kSystem;
}

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

Result<sys::Child> launch(const Spec& spec, Tier tier, const Host& host, sys::SpawnOptions options) {
  if (!is_there(tier, host))
    return fail(ErrorCode::unavailable, "this machine cannot keep a program in: " + shortfall(host),
                "`lilux doctor sandbox` shows what was tried");
  Compiled compiled(spec, tier, host, options);
  TRY(compiled.compile());
  options.limits.push_back({.resource = RLIMIT_CORE, .soft = 0, .hard = 0});  // a program of the host's would get it
  options.niceness = kNiceness;
  sys::Child child = TRY(compiled.launch(std::move(options)));
  const Result<void> attended = child.listener ? compiled.attend_to(child) : Result<void>();
  if (attended) return child;
  std::ignore = sys::kill_tree(child.id(), kProbeTime);  // reaped as an orphan
  return std::unexpected(attended.error());
}

}  // namespace lilux::sandbox
