#pragma once

// Where rules stand: in the user's configuration, and in `.ai/rules.toml` of each project that a person trusted. Any
// thread.

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "base/field.h"
#include "base/json.h"
#include "base/result.h"
#include "brain/matcher.h"
#include "brain/rule.h"
#include "sys/fd.h"

namespace lilux::kernel {
class Kernel;
struct Folders;
struct State;
}  // namespace lilux::kernel

namespace lilux::brain {

struct RuleSource {
  std::string file;
  std::string project;  // empty: the user's own
};
RuleSource user_rules(const kernel::Folders& folders);
RuleSource project_rules(const std::string& project);

// The text; nothing when there is no such file. A project's is read by no symlink.
base::Result<std::optional<std::string>> read_rules(const RuleSource& source);
base::Result<RuleFile> parse_rules(const RuleSource& source, std::string_view text, const kernel::Kernel& kernel);

// A file of rules, ready to be asked; read again when it has changed.
struct Rules {
  RuleFile file;
  Matcher matcher;
  std::string digest;  // of the text
};
struct RulesNow {
  std::shared_ptr<const Rules> rules;  // of the last text that could be read, and of who asks them; null: there is none
  std::optional<base::Error> problem;  // of the text that is there now
  mutable std::atomic<bool> is_told{false};  // the problem, to a person
};
std::shared_ptr<const RulesNow> rules_now(kernel::Kernel& kernel, const RuleSource& source);

// What the kernel remembers of a file of rules and of a rule that was stopped, as facts of its state.
std::string file_fact(const RuleSource& source);
std::string stop_fact(const RuleSource& source, std::string_view rule);
// The last time that a rule fitted and its call could not be made, as text; of the rule as it was then.
std::string drop_fact(const RuleSource& source, std::string_view rule);
struct Dropped {
  std::string digest;  // of the rule
  std::string why;
  std::int64_t time_us = 0;
  static constexpr base::Fields fields{
      base::Field{"digest", &Dropped::digest, "Of the rule"},
      base::Field{"why", &Dropped::why, "Why"},
      base::Field{"time_us", &Dropped::time_us, "When"},
  };
};
struct InForce {
  std::string digest;        // of the text that is in force
  std::int64_t rules = 0;    // how many
  std::int64_t refused = 0;  // and how many are not
  std::string problem;       // of the text that is there now, when that is another one
  static constexpr base::Fields fields{
      base::Field{"digest", &InForce::digest, "Of the text"},
      base::Field{"rules", &InForce::rules, "Rules"},
      base::Field{"refused", &InForce::refused, "Refused rules"},
      base::Field{"problem", &InForce::problem, "What is wrong with the file"},
  };
};
std::optional<InForce> in_force(const kernel::State& state, const RuleSource& source);

}  // namespace lilux::brain
