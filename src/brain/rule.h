#pragma once

// Reactive rules as rules.toml has them: when an event or a sentence fits, then a call. docs/rules.md shows the file.
// Pure; values; any thread.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "brain/condition.h"
#include "brain/pace.h"

namespace lilux::brain {

struct Rule {
  std::string name;
  std::string when;  // glob over the names of events; empty for a rule about sentences
  std::vector<Condition> where;
  std::vector<std::string> says;  // sentences that mean the same; none for a rule about events
  std::string tool;
  base::Json arguments = base::JsonObject{};  // with {{fields}} of the event, or gaps of the sentence
  std::string folder;                         // where the call stands; empty: where the event came from
  Pace pace;
  // Events (objects) or sentences (texts) that have to fit, and that must not.
  std::vector<base::Json> match;
  std::vector<base::Json> not_match;
  std::int64_t line = 0;
  std::string digest;  // of all that it says
};

struct RefusedRule {
  std::string name;  // empty when it has none
  std::int64_t line = 0;
  std::string why;    // alone
  base::Error error;  // with file, line and name before it
};

struct RuleFile {
  std::vector<Rule> rules;
  std::vector<RefusedRule> refused;
};

inline constexpr std::size_t kRulesMax = 20'000;
inline constexpr std::size_t kRuleFileBytesMax = std::size_t{8} << 20;

// The schema of a tool's arguments; an error for a tool that is not there or not for rules. Null: calls are not held
// against any.
using SchemaOf = std::function<base::Result<base::Json>(std::string_view tool)>;

// Fails, with file and line, when the text is no TOML or has something else than [[rule]] tables. A rule that is wrong
// by itself is refused alone: unknown keys, globs, phrases and times that are none, a tool or arguments that are not
// there, an example that does not hold, a name that is taken.
base::Result<RuleFile> parse_rules(std::string_view text, std::string_view file_name, const SchemaOf& schema_of);

}  // namespace lilux::brain
