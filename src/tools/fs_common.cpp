#include "tools/fs_common.h"

#include <algorithm>
#include <array>

#include <fcntl.h>

#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/io.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/tree.h"

namespace lilux::tools {

using base::ErrorCode;
using base::fail;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;
using policy::Risk;

namespace {

constexpr std::array<std::string_view, 14> kSystem{"/bin", "/boot", "/dev",  "/etc",  "/lib", "/lib32", "/lib64",
                                                   "/opt", "/proc", "/root", "/sbin", "/sys", "/usr",   "/var"};

bool is_system(std::string_view path) {
  return std::ranges::any_of(kSystem, [&](std::string_view root) { return sys::is_beneath(path, root); });
}

Result<void> keep_attributes(const sys::Place& from, const sys::Stat& old, const sys::Place& to) {
  const Result<sys::Stat> made = sys::stat(to);
  if (made && (made->uid != old.uid || made->gid != old.gid)) TRY(sys::set_owner(to, {.uid = old.uid, .gid = old.gid}));
  for (const sys::Attribute& attribute : TRY(sys::attributes(from))) TRY(sys::set_attribute(to, attribute));
  return sys::set_mode(to, old.mode);
}

Result<void> write_in_place(CallContext& call, const sys::Place& place, std::string_view bytes) {
  call.begins();
  const sys::Fd fd = TRY(sys::open(place, O_WRONLY | O_TRUNC));
  TRY(sys::write_all(fd.get(), bytes, place.path));
  return sys::sync_all(fd.get(), place.path);
}

}  // namespace

Risk path_risk(const CallContext& call, std::string_view path, Risk inside) {
  const std::string& project = call.caller().project;
  if (!project.empty() && path == project) return Risk::critical;
  if (!project.empty() && sys::is_beneath(path, project)) return inside;
  const std::string& home = call.kernel().folders().home;
  if (path == "/" || path == home || sys::is_beneath(home, path)) return Risk::critical;
  if (is_system(path) && !(home.size() > 1 && sys::is_beneath(path, home))) return Risk::critical;
  return std::max(inside, Risk::high);
}

Result<void> need_tree(Assessment& assessment, policy::Verb verb, const std::string& path) {
  assessment.needs.push_back({.verb = verb, .resource = "fs", .target = path});
  const Result<sys::Place> place = sys::open_parent(path);
  if (!place) return {};  // the operation itself will say what is wrong
  const auto found = TRY(sys::stat_if_there(*place));
  if (!found || !found->is_directory()) return {};
  const auto visit = [&](const sys::Place& below, const sys::Stat&) -> Result<sys::Descend> {
    if (below.path != path) assessment.needs.push_back({.verb = verb, .resource = "fs", .target = below.path});
    return sys::Descend::yes;
  };
  const Result<sys::TreeSize> walked = sys::walk_tree(*place, kTreeNeedsMax, visit);
  if (walked) return {};
  if (walked.error().code != ErrorCode::over_budget) return std::unexpected(walked.error());
  assessment.risk = Risk::critical;
  assessment.is_irreversible = true;
  assessment.undo_limit = "the tree has more than " + std::to_string(kTreeNeedsMax) +
                          " entries; not each of them was held against the rules";
  return {};
}

std::string first_missing(const std::string& path) {
  std::string missing = path;
  for (std::string up = sys::parent_of(path); up != "/" && !sys::exists(up); up = sys::parent_of(up)) missing = up;
  return missing;
}

Result<void> make_folder(CallContext& call, const std::string& path) {
  const sys::Place place = TRY(sys::open_parent(path));
  call.begins();
  TRY(sys::make_directory(place, 0777 & ~call.caller().umask));
  return sys::sync_parent(place);
}

Result<void> make_folders(CallContext& call, const std::string& path) {
  if (sys::exists(path)) return {};
  if (path != "/") TRY(make_folders(call, sys::parent_of(path)));
  return make_folder(call, path);
}

Result<Sight> Sight::of(const CallContext& call) {
  return of(call, call.request().tool);
}

Result<Sight> Sight::of(const CallContext& call, std::string tool) {
  return Sight(TRY(call.kernel().rules(call.caller().project)), std::move(tool), call.caller().principal);
}

bool Sight::is_denied(const std::string& path) const {
  return is_denied(policy::Need{.verb = policy::Verb::read, .resource = "fs", .target = path});
}

bool Sight::is_denied(const policy::Need& need) const {
  return decide(need).effect == policy::Effect::deny;
}

policy::Decision Sight::decide(const policy::Need& need) const {
  const std::array needs{need};
  return rules_->decide({.tool = tool_, .needs = needs, .who = who_});
}

bool Sight::may_deny_below(const policy::Need& need) const {
  const std::array needs{need};
  const auto restrictions = rules_->restrictions_below({.tool = tool_, .needs = needs, .who = who_}, need);
  return std::ranges::find(restrictions, policy::Effect::deny, &policy::Rule::effect) != restrictions.end();
}

std::string Sight::name() const {
  return rules_->version() + " " + tool_ + " " + std::string(base::enum_name(who_));
}

std::string scratch_for(const CallContext& call, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return path.substr(0, slash + 1) + ".lilux-" + call.call();
}

Result<void> replace_file(CallContext& call, const std::string& path, std::string_view bytes, Durable durable) {
  const sys::Place place = TRY(sys::open_parent(path));
  const auto old = TRY(sys::stat_if_there(place));
  if (old && old->is_directory())
    return fail(ErrorCode::invalid_argument, sys::quoted(path) + " is a folder", "name a file in it");
  if (old && !old->is_regular()) {
    return fail(ErrorCode::invalid_argument,
                sys::quoted(path) + " is a " + std::string(sys::type_name(old->type)) + ", not a file",
                "name a regular file");
  }
  if (old && old->links > 1) return write_in_place(call, place, bytes);
  const sys::Place beside{.parent = TRY(sys::duplicate(place.parent.get())),
                          .name = ".lilux-" + call.call(),
                          .path = scratch_for(call, path)};
  {
    const Result<sys::Fd> fd = sys::open(beside, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (!fd)
      return base::in_context(base::Error(fd.error()), "cannot make a new file in the folder of " + sys::quoted(path));
    Result<void> written = sys::write_all(fd->get(), bytes, path);
    if (written)
      written = old ? keep_attributes(place, *old, beside) : sys::set_mode(beside, 0666 & ~call.caller().umask);
    if (written && durable == Durable::now) written = sys::sync_all(fd->get(), path);
    if (!written) {
      std::ignore = sys::remove_file(beside);  // the first error is the one to tell
      return written;
    }
  }
  call.begins();
  TRY(sys::rename(beside, place, sys::Replace::yes));
  return durable == Durable::now ? sys::sync_parent(place) : Result<void>();
}

Result<std::string> read_regular(const std::string& path, std::size_t bytes_max) {
  const sys::Place place = TRY(sys::open_parent(path));
  const sys::Fd fd = TRY(sys::open_regular(place));
  return sys::read_all(fd.get(), bytes_max, path);
}

}  // namespace lilux::tools
