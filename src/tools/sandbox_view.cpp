#include "tools/sandbox_view.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "kernel/kernel.h"
#include "policy/policy.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/tree.h"

namespace lilux::tools {

using base::ErrorCode;
using base::fail;
using base::Result;
using kernel::CallContext;

namespace {

constexpr std::size_t kHiddenMax = 200;  // each is a mount
constexpr std::size_t kHiddenByRightsMax = 2000;
constexpr std::size_t kReadableMax = 32;
constexpr std::uint64_t kLookedAtMax = 200'000;
constexpr std::string_view kSettings = "/etc";
// Of the running system: there is no reading them in the sandbox, or it has its own.
constexpr auto kNever = std::to_array<std::string_view>({"/proc", "/sys", "/dev", "/run", "/var/run"});

class Looker {
 public:
  Looker(const CallContext& call, std::shared_ptr<const policy::RuleSet> rules, const RunRights* kept_to)
      : call_(call), rules_(std::move(rules)), kept_to_(kept_to) {}

  Result<View> look() {
    const std::string& project = call_.caller().project;
    std::vector<std::string> trees;
    if (!project.empty()) trees.push_back(project);
    for (const char* tree : sandbox::system_trees()) trees.emplace_back(tree);
    trees.emplace_back(kSettings);
    add_readable(trees);
    for (const std::string& tree : trees) TRY(look_at(tree));
    if (kept_to_ && !project.empty()) TRY(keep_to_rights(project));
    return std::move(made_);
  }

 private:
  policy::Need reading(const std::string& path) const {
    return {.verb = policy::Verb::read, .resource = "fs", .target = path};
  }
  policy::Question question(const policy::Need& need) const {
    return {.tool = call_.request().tool, .needs = {&need, 1}, .who = call_.caller().principal};
  }

  // What rules about agents' own reading open is as open here.
  void add_readable(std::vector<std::string>& trees) {
    const policy::Need any = reading("/");
    for (std::string& place : rules_->allowed_places(question(any), any)) {
      const bool is_known = std::ranges::any_of(trees, [&](const auto& tree) { return sys::is_beneath(place, tree); });
      if (is_known || !may_be_shown(place) || made_.readable.size() >= kReadableMax) continue;
      made_.readable.push_back(place);
      trees.push_back(std::move(place));
    }
  }

  bool may_be_shown(const std::string& place) const {
    const kernel::Folders& folders = call_.kernel().folders();
    if (kept_to_ && !kept_to_->shows_all(place)) return false;
    // Who opens a whole home, or all there is, does not mean what lies there for programs.
    for (const std::string& inner :
         {folders.home, folders.state.string(), folders.config.string(), std::string("/tmp")})
      if (sys::is_beneath(inner, place)) return false;
    for (const std::string_view system : kNever)
      if (sys::is_beneath(place, system) || sys::is_beneath(system, place)) return false;
    const policy::Need need = reading(place);
    const Result<sys::Place> held = sys::open_parent(place);  // by no symlink
    const auto found = held ? sys::stat_if_there(*held) : std::nullopt;
    const bool is_shown = found && *found && ((*found)->is_directory() || (*found)->is_regular());
    return is_shown && rules_->decide(question(need)).effect == policy::Effect::allow;
  }

  // Rules that take something away below it. What the built-in ones keep of the settings is not among the public ones.
  std::vector<std::string> restrictions(const std::string& folder, const std::string& tree) const {
    const policy::Need need = reading(folder);
    std::vector<std::string> ids;
    for (const policy::Rule& rule : rules_->restrictions_below(question(need), need)) {
      if (tree != kSettings || !rule.id.starts_with("builtin:etc-")) ids.push_back(rule.id);
    }
    return ids;
  }

  Result<void> look_at(const std::string& tree) {
    const std::vector<std::string> ids = restrictions(tree, tree);
    const Result<sys::Place> place = sys::open_parent(tree);
    if (ids.empty() || !place) return {};
    const auto found = TRY(sys::stat_if_there(*place));
    if (!found || found->is_symlink()) return {};  // a way to another tree
    const auto visit = [&](const sys::Place& at, const sys::Stat& stat) -> Result<sys::Descend> {
      const std::string path = at.path;
      const policy::Need need = reading(path);
      const policy::Decision decision = rules_->decide(question(need));
      const bool is_denied =
          decision.effect != policy::Effect::allow && std::ranges::find(ids, decision.rule) != ids.end();
      const bool goes_on = !is_denied && stat.is_directory() && !restrictions(path, tree).empty();
      const bool is_elsewhere = goes_on && stat.device != found->device;  // which is not looked into
      if (is_denied || is_elsewhere) TRY(hide(path, stat, decision.rule));
      return goes_on && !is_elsewhere ? sys::Descend::yes : sys::Descend::no;
    };
    const Result<sys::TreeSize> walked = sys::walk_tree(*place, kLookedAtMax, visit);
    if (walked) return {};
    return fail(ErrorCode::unavailable,
                "rule '" + ids[0] + "' keeps a part of " + sys::quoted(tree) +
                    " from being read, which cannot be hidden from a command: " + walked.error().message,
                "have the rule name a folder, or run the command unconfined, which asks");
  }

  Result<void> keep_to_rights(const std::string& project) {
    if (kept_to_->shows_all(project)) return {};
    const auto visit = [&](const sys::Place& at, const sys::Stat& stat) -> Result<sys::Descend> {
      const std::string path = at.path;
      const bool is_way = stat.is_directory() && kept_to_->shows_below(path);
      if (!is_way && !kept_to_->shows(path)) TRY(hide(path, stat, "its own rights"));
      return is_way && path != project && kept_to_->shows_all(path) ? sys::Descend::no
             : is_way                                               ? sys::Descend::yes
                                                                    : sys::Descend::no;
    };
    const Result<sys::TreeSize> walked = sys::walk_tree(TRY(sys::open_parent(project)), kLookedAtMax, visit);
    if (walked) return {};
    return fail(ErrorCode::unavailable,
                "what the script does not declare cannot be hidden from it: " + walked.error().message,
                "have it declare folders rather than files: read filesystem src/**");
  }

  Result<void> hide(const std::string& path, const sys::Stat& stat, const std::string& rule) {
    if (stat.is_symlink()) return {};  // what it leads to is judged where it lies
    const std::size_t most = kept_to_ ? kHiddenByRightsMax : kHiddenMax;
    if (made_.hidden.size() >= most)
      return fail(ErrorCode::over_budget, "there are more than " + std::to_string(most) +
                                              " files and folders that may not be read, the last by '" + rule + "'");
    const bool is_known = std::ranges::find(made_.hidden, path, &sandbox::Hidden::path) != made_.hidden.end();
    if (!is_known) made_.hidden.push_back({.path = path, .is_folder = stat.is_directory()});
    return {};
  }

  const CallContext& call_;
  std::shared_ptr<const policy::RuleSet> rules_;
  const RunRights* kept_to_;
  View made_;
};

}  // namespace

Result<View> view_of(const CallContext& call, const RunRights* kept_to) {
  return Looker(call, TRY(call.kernel().rules(call.caller().project)), kept_to).look();
}

}  // namespace lilux::tools
