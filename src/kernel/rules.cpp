// The policy in force: built-in rules and policy.toml, compiled once for each project root and again when the file
// changes.

#include <algorithm>

#include "base/time.h"
#include "kernel/kernel.h"
#include "sys/path.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::int64_t kLookAgainUs = 50'000;
constexpr std::int64_t kFollowAgainUs = 1'000'000;
constexpr std::size_t kProjectsKept = 64;

// A symlink that leads nowhere is not nothing: rules were meant to be there.
bool is_absent(const std::string& file) {
  const Result<sys::Stat> found = sys::lstat(file);
  return !found && found.error().code == ErrorCode::not_found;
}

std::string stamp_of(const std::string& file) {
  const Result<sys::Stat> stat = sys::stat(file);
  if (!stat) return is_absent(file) ? "absent" : "unreadable";
  return std::to_string(stat->inode) + ":" + std::to_string(stat->size) + ":" + std::to_string(stat->modified_ns);
}

Result<policy::PolicyFile> read_policy(const std::string& file) {
  Result<std::string> text = sys::read_file(file, std::size_t{16} << 20);
  if (!text && is_absent(file)) return policy::PolicyFile{};
  if (!text && text.error().code == ErrorCode::not_found)
    return fail(ErrorCode::not_found, "'" + file + "' is a symlink that leads nowhere",
                "mend it, or remove it to do without rules of your own");
  return policy::parse_policy(TRY(std::move(text)), file);
}

Result<policy::RuleSet> compile(const policy::PolicyFile& file, const policy::Anchors& anchors,
                                std::span<const Tool> table) {
  std::vector<policy::Rule> rules;
  for (policy::Rule& rule : policy::builtin_rules()) {
    if (std::ranges::find(file.disabled, rule.id) == file.disabled.end()) rules.push_back(std::move(rule));
  }
  rules.insert(rules.end(), file.rules.begin(), file.rules.end());
  std::vector<std::string_view> names;
  for (const Tool& tool : table) names.push_back(tool.name);
  return policy::RuleSet::compile(std::move(rules), anchors, names);
}

// The link itself, behind links above it, and where it leads.
std::vector<std::string> elsewhere_of(const std::string& path) {
  std::vector<std::string> found;
  if (!path.starts_with('/')) return found;
  const Result<std::string> target = sys::resolve(path, "/", sys::Final::follow);
  if (!target || *target == path) return found;
  found.push_back(*target);
  const Result<std::string> link = sys::resolve(path, "/", sys::Final::keep);
  if (link && *link != path && *link != *target) found.push_back(*link);
  return found;
}

}  // namespace

policy::Anchors Kernel::anchors(const std::string& project) const {
  return {.project = project,
          .home = folders_.home,
          .state = folders_.named_state.empty() ? folders_.state.string() : folders_.named_state,
          .data = folders_.data.string(),
          .config = folders_.named_config.empty() ? folders_.config.string() : folders_.named_config,
          .elsewhere = elsewhere_of};
}

// Compiled rules know where symlinks led; they are made anew when that changes.
void Kernel::follow_again(Policy& policy) {
  const std::int64_t now = base::steady_us();
  if (now - policy.followed_us < kFollowAgainUs) return;
  policy.followed_us = now;
  const auto is_same = [](const auto& known) { return elsewhere_of(known.first) == known.second; };
  if (std::ranges::all_of(policy.elsewhere, is_same)) return;
  policy.elsewhere.clear();
  policy.by_project.clear();
}

// Re-reads policy.toml when it changed. A broken file fails every decision until it is mended: doubt denies.
Result<void> Kernel::refresh_policy(Policy& policy) {
  const std::int64_t now = base::steady_us();
  if (policy.checked_us != 0 && now - policy.checked_us < kLookAgainUs) {
    return policy.problem ? Result<void>(std::unexpected(*policy.problem)) : Result<void>();
  }
  policy.checked_us = now;
  follow_again(policy);
  const std::string stamp = stamp_of(policy_file().string());
  if (stamp == policy.stamp) return policy.problem ? Result<void>(std::unexpected(*policy.problem)) : Result<void>();
  policy.stamp = stamp;
  policy.by_project.clear();
  policy.elsewhere.clear();
  policy.problem.reset();
  Result<policy::PolicyFile> file = read_policy(policy_file().string());
  if (file) {
    policy.file = std::move(*file);
    return {};
  }
  policy.problem =
      base::Error{.code = ErrorCode::unavailable,
                  .message = "the policy file cannot be used, so nothing is allowed: " + file.error().message,
                  .hint = file.error().hint.empty() ? "mend " + policy_file().string() : file.error().hint,
                  .rule = "policy.toml"};
  return std::unexpected(*policy.problem);
}

Result<std::shared_ptr<const policy::RuleSet>> Kernel::rules(const std::string& project) {
  return TRY(in_force(project)).rules;
}

Result<Kernel::InForce> Kernel::in_force(const std::string& project) {
  return policy_.with([&](Policy& policy) -> Result<InForce> {
    TRY(refresh_policy(policy));
    const policy::Autonomy autonomy = policy.file.autonomy;
    if (const auto found = policy.by_project.find(project); found != policy.by_project.end())
      return InForce{.rules = found->second, .autonomy = autonomy};
    policy::Anchors anchored = anchors(project);
    anchored.elsewhere = [&](const std::string& path) {
      const auto [known, is_new] = policy.elsewhere.try_emplace(path);
      if (is_new) known->second = elsewhere_of(path);
      return known->second;
    };
    Result<policy::RuleSet> compiled = compile(policy.file, anchored, table_);
    if (!compiled) {  // of this project alone: in another one the same rules may be sound
      return std::unexpected(
          base::Error{.code = ErrorCode::unavailable,
                      .message = "the policy cannot be used here, so nothing is allowed: " + compiled.error().message,
                      .hint = compiled.error().hint,
                      .rule = "policy.toml"});
    }
    if (policy.by_project.size() >= kProjectsKept) policy.by_project.clear();
    const auto shared = std::make_shared<const policy::RuleSet>(std::move(*compiled));
    policy.by_project.emplace(project, shared);
    return InForce{.rules = shared, .autonomy = autonomy};
  });
}

Result<policy::Autonomy> Kernel::autonomy() {
  return policy_.with([&](Policy& policy) -> Result<policy::Autonomy> {
    TRY(refresh_policy(policy));
    return policy.file.autonomy;
  });
}

Result<void> Kernel::check_policy(const std::string& text, const std::string& project) {
  TRY(compile(TRY(policy::parse_policy(text, policy_file().string())), anchors(project), table_));
  return {};
}

void Kernel::forget_policy() {
  policy_.with([](Policy& policy) {
    policy.checked_us = 0;
    policy.stamp.clear();
  });
}

}  // namespace lilux::kernel
