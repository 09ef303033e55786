#pragma once

// What the fs tools share: how risky a path is, what a whole tree needs, and replacing a file so that a crash leaves
// the old one or the new one. Any thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "policy/policy.h"

namespace lilux::tools {

enum class Encoding : std::uint8_t { utf8, base64 };
constexpr std::array<std::string_view, 2> enum_names(Encoding) {
  return {"utf-8", "base64"};
}

// `inside` for paths of the project, higher for what lies elsewhere, critical for the system and the project root
// itself.
policy::Risk path_risk(const kernel::CallContext& call, std::string_view path, policy::Risk inside);

// Adds a need for the path and for everything below it, so that a rule about something inside is not passed by. Trees
// with more than kTreeNeedsMax entries are judged by their root at critical risk.
base::Result<void> need_tree(kernel::Assessment& assessment, policy::Verb verb, const std::string& path);
inline constexpr std::uint64_t kTreeNeedsMax = 20'000;

// What a call may see of a folder that it may read: what the rules deny to read is not told by its name either.
class Sight {
 public:
  static base::Result<Sight> of(const kernel::CallContext& call);
  static base::Result<Sight> of(const kernel::CallContext& call, std::string tool);  // by another tool
  bool is_denied(const std::string& path) const;
  bool is_denied(const policy::Need& need) const;
  policy::Decision decide(const policy::Need& need) const;
  // Whether something below it may be denied, or of memory one of its spaces.
  bool may_deny_below(const policy::Need& need) const;
  // Two of one name deny the same.
  std::string name() const;

 private:
  Sight(std::shared_ptr<const policy::RuleSet> rules, std::string tool, policy::Principal who)
      : rules_(std::move(rules)), tool_(std::move(tool)), who_(who) {}

  std::shared_ptr<const policy::RuleSet> rules_;  // as the kernel has them; replaced there when the policy changes
  std::string tool_;
  policy::Principal who_;
};

// The name beside `path` that this call writes to before it renames.
std::string scratch_for(const kernel::CallContext& call, const std::string& path);

// The topmost folder on the way to `path` that is not there, or the path itself.
std::string first_missing(const std::string& path);
// One folder; and one with what is missing above it, which may be there already. Durable when it returns.
base::Result<void> make_folder(kernel::CallContext& call, const std::string& path);
base::Result<void> make_folders(kernel::CallContext& call, const std::string& path);

// Puts bytes in place of a regular file, or makes it: written beside it, synced, renamed. Mode, owner and attributes of
// the old file stay; a new one gets the caller's umask. A file with several names keeps them and is written in place.
// Durable::later is for who syncs the whole filesystem afterwards.
enum class Durable : std::uint8_t { now, later };
base::Result<void> replace_file(kernel::CallContext& call, const std::string& path, std::string_view bytes,
                                Durable durable = Durable::now);

// Regular file's content for the caller; `over_budget` beyond `bytes_max`.
base::Result<std::string> read_regular(const std::string& path, std::size_t bytes_max);

}  // namespace lilux::tools
