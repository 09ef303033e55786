#pragma once

// What needs and capabilities are made of, taken apart once: a Subject is a need that many patterns look at, a Pattern
// a compiled capability. Values; any thread. A Subject must not outlive its need.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "policy/policy.h"
#include "text/argv_glob.h"
#include "text/glob.h"
#include "text/host_glob.h"

namespace lilux::policy {

using text::Reading;

struct Subject {
  explicit Subject(const Need& subject);

  const Need* need;
  std::string problem;       // why no rule can judge it: a path that is not canonical, a host with a NUL; else empty
  bool is_doubtful = false;  // a command line whose words cannot be told apart for sure: only ** gives rights to it
  std::vector<std::string_view> segments;  // fs
  std::optional<text::Host> host;          // net
  std::vector<std::string> words;          // shell
  bool is_opaque = false;                  // shell: a script in it that is not understood may run anything
  std::int64_t amount = -1;                // usd, in millionths
};

// An amount of money, as `spend usd 1.50` names one. For what gives rights it is the most, for what takes them the
// least.
struct Amount {
  std::int64_t micros = 0;
};

class Pattern {
 public:
  struct Any {};
  using Target = std::variant<Any, text::PathGlob, text::HostGlob, text::ArgvGlob, text::NameGlob, Amount>;

  static base::Result<Pattern> compile(const Capability& capability);

  // `strict` for what gives rights, `lenient` for what takes them.
  bool matches(const Subject& subject, Reading reading) const;
  // Whether this one, read as said, matches every subject that the other, read strictly, matches; false when that
  // cannot be shown.
  bool covers(const Pattern& other, Reading reading) const;

  const Capability& capability() const { return capability_; }
  const Target& target() const { return target_; }
  // For paths and programs; see PathGlob.
  void add_elsewhere(const text::PathGlob::Elsewhere& elsewhere);

 private:
  Pattern(Capability capability, Target target) : capability_(std::move(capability)), target_(std::move(target)) {}

  Capability capability_;
  Target target_;
};

// Place of the name among the resources; nothing for an unknown one.
std::optional<std::uint8_t> resource_number(std::string_view name);

// `folder` and what follows it in a pattern, without a slash too many: "/" and "/a" give "/a".
std::string below(std::string_view folder, std::string_view rest);

}  // namespace lilux::policy
