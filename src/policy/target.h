#pragma once

// A compiled capability: which verb on which resource, and a glob over targets of that resource's kind. Values,
// immutable once made; any thread.

#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "policy/policy.h"
#include "text/glob.h"

namespace lilux::policy {

class Pattern {
 public:
  static base::Result<Pattern> compile(const Capability& capability);

  bool matches(const Need& need) const;
  // Every need the other matches is matched here; false when that cannot be shown.
  bool covers(const Pattern& other) const;

  const Capability& capability() const { return capability_; }
  // Leading literal folders of a path pattern, the first word of a command when it is literal, the literal end of a
  // host; empty when there is no such thing.
  const std::string& anchor() const { return anchor_; }

 private:
  struct Any {};
  using Target = std::variant<Any, text::PathGlob, text::HostGlob, text::ArgvGlob, text::NameGlob>;
  Pattern(Capability capability, Target target) : capability_(std::move(capability)), target_(std::move(target)) {}

  Capability capability_;
  Target target_;
  std::string anchor_;
};

bool is_resource(std::string_view name);
// Why a need cannot be judged: a path that is not canonical, a host with a NUL; empty when it can.
std::string malformed(const Need& need);
// A literal path as a glob that matches exactly it.
std::string escape_glob(std::string_view path);
// The name of a host target without its port.
std::string_view host_of(std::string_view target);

}  // namespace lilux::policy
