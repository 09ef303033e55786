#include "sandbox/groundwork.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>

#include <fcntl.h>

#include "base/time.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/self.h"

namespace lilux::sandbox {

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

constexpr std::uint64_t kInodes = 300'000;  // of /tmp; each takes about a KiB of the system's memory
constexpr std::uint64_t kReadRights = sys::kExecute | sys::kReadFile | sys::kReadFolder;
// Those in which the trees above lie.
constexpr std::array kFolders{"/", "/etc", "/etc/ssl", "/nix", "/gnu", "/dev"};
// What changes twice within a tick of the system's clock has the same time twice.
constexpr auto kTick = std::chrono::milliseconds(100);

void look_at_system(Groundwork& made) {
  for (const char* path : kFolders) {
    if (const Result<sys::Stat> stat = sys::lstat(path)) made.folders.emplace_back(path, *stat);
  }
  const auto add_if_there = [&](const std::string& path, bool is_ruled = true, bool is_bound = true) {
    Result<Seen> seen = look_at(path, Access::read);
    if (!seen) return;
    seen->is_ruled = is_ruled;
    seen->is_bound = is_bound;
    made.seen.push_back(std::move(*seen));
  };
  for (const char* path : kSystem) add_if_there(path);
  // Landlock can rule within a folder that is bound; without it, only what is public is bound.
  if (made.landlock > 0) add_if_there(kSettings, false);
  for (const char* name : kPublicSettings) add_if_there(std::string(kSettings) + "/" + name, true, made.landlock == 0);
}

}  // namespace

std::span<const char* const> system_trees() {
  return kSystem;
}

Result<Seen> look_at(const std::string& path, Access access) {
  Seen seen{.path = path,
            .source = path,
            .fd = std::make_shared<const sys::Fd>(TRY(sys::open(path, O_PATH | O_NOFOLLOW))),
            .access = access};
  seen.stat = TRY(sys::stat(*seen.fd, path));
  return seen;
}

sys::Restriction restriction_of(int landlock, Tier tier) {
  if (landlock == 0) return {};
  std::uint64_t files = (std::uint64_t{sys::kMakeSymlink} << 1) - 1;
  if (landlock >= 2) files |= sys::kRefer;
  if (landlock >= 3) files |= sys::kTruncate;
  if (landlock >= 5) files |= sys::kDeviceControl;
  // In namespaces it has a network of its own, with nobody else in it.
  return {
      .files = files, .network = landlock >= 4 && tier != Tier::separated ? 3U : 0U, .scope = landlock >= 6 ? 3U : 0U};
}

Result<void> allow(const sys::Fd& ruleset, const Seen& seen, int landlock) {
  if (!seen.is_ruled || seen.stat.is_symlink()) return {};  // a link is a way to what has a rule
  const std::uint64_t all = restriction_of(landlock, Tier::restricted).files;
  std::uint64_t rights = seen.access == Access::write ? all : kReadRights;
  if (!seen.stat.is_directory()) rights &= sys::kRightsOfFiles;
  return sys::allow_beneath(ruleset, seen.fd->get(), rights & all);
}

Result<Groundwork> lay_groundwork(Tier tier, int landlock, const Groundwork* last) {
  Groundwork made{.tier = tier, .landlock = landlock, .laid_us = base::now_us()};
  if (last != nullptr && last->landlock == landlock && is_as_it_was(*last)) {
    made.seen = last->seen;
    made.devices = last->devices;
    made.folders = last->folders;
    made.laid_us = last->laid_us;
  } else {
    look_at_system(made);
    for (const char* path : kDevices) {
      made.devices.push_back(TRY(look_at(path, Access::write)));
      made.devices.back().is_device = true;
    }
  }
  if (landlock > 0) TRY(lay_rules(made));
  return made;
}

Result<void> lay_rules(Groundwork& made) {
  made.ruleset = TRY(sys::make_ruleset(restriction_of(made.landlock, made.tier)));
  for (const Seen& seen : made.seen) TRY(allow(made.ruleset, seen, made.landlock));
  for (const Seen& seen : made.devices)
    TRY(sys::allow_beneath(made.ruleset, seen.fd->get(), sys::kReadFile | sys::kWriteFile));
  return {};
}

bool is_touched(const Groundwork& groundwork, const Spec& spec) {
  return std::ranges::any_of(spec.hidden, [&](const Hidden& hidden) {
    return std::ranges::any_of(groundwork.seen, [&](const Seen& seen) {
      return sys::is_beneath(hidden.path, seen.path) || sys::is_beneath(seen.path, hidden.path);
    });
  });
}

bool is_as_it_was(const Groundwork& groundwork) {
  const std::int64_t latest_ns = (groundwork.laid_us - std::chrono::microseconds(kTick).count()) * 1000;
  return std::ranges::all_of(groundwork.folders, [&](const auto& folder) {
    const Result<sys::Stat> now = sys::lstat(folder.first);
    const sys::Stat& then = folder.second;
    return now && now->device == then.device && now->inode == then.inode && now->changed_ns == then.changed_ns &&
           then.changed_ns < latest_ns;
  });
}

Result<RootPlan> plan_of(const Groundwork& groundwork, std::uint64_t scratch_bytes, std::vector<Seen> more) {
  const std::string user = std::to_string(sys::user_id());
  const std::string group = std::to_string(sys::group_id());
  RootPlan made;
  made.user_map = user + " " + user + " 1";
  made.group_map = group + " " + group + " 1";
  made.options = "mode=1777,size=" + std::to_string(scratch_bytes) + ",nr_inodes=" + std::to_string(kInodes);
  made.folders = {"proc", "dev", "dev/pts", "tmp/home"};
  made.links = {{"dev/shm", "/tmp"},
                {"dev/ptmx", "pts/ptmx"},
                {"dev/fd", "/proc/self/fd"},
                {"dev/stdin", "/proc/self/fd/0"},
                {"dev/stdout", "/proc/self/fd/1"},
                {"dev/stderr", "/proc/self/fd/2"}};
  std::ranges::copy(groundwork.seen, std::back_inserter(more));
  std::ranges::sort(more, {}, &Seen::path);  // outer ones first
  for (const Seen& seen : more) TRY(add_seen(made, seen));
  for (const Seen& seen : groundwork.devices) TRY(add_seen(made, seen));
  return made;
}

Result<void> add_seen(RootPlan& plan, const Seen& seen) {
  if (!seen.is_bound) return {};
  if (seen.stat.is_symlink()) {
    plan.links.emplace_back(seen.path.substr(1), TRY(sys::read_link(TRY(sys::open_parent(seen.path)))));
    return {};
  }
  add_bind(plan, {.source = seen.source,
                  .target = seen.path.substr(1),
                  .device = seen.stat.device,
                  .inode = seen.stat.inode,
                  .is_folder = seen.stat.is_directory(),
                  .is_writable = seen.access == Access::write && !seen.is_device,
                  .is_device = seen.is_device,
                  .changes = seen.changes,
                  .held = seen.held});
  return {};
}

}  // namespace lilux::sandbox
