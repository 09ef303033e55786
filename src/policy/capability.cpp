// What capabilities cover, and when one is narrower than others.

#include <algorithm>

#include "policy/target.h"

namespace lilux::policy {

using base::Result;

bool covers(const Capability& capability, const Need& need, std::int64_t now_us) {
  if (capability.expires_us != 0 && now_us >= capability.expires_us) return false;
  if (capability.calls_left && *capability.calls_left <= 0) return false;
  const Subject subject(need);
  if (!subject.problem.empty()) return false;
  const Result<Pattern> pattern = Pattern::compile(capability);
  return pattern && pattern->matches(subject, Reading::strict);
}

bool is_narrower(const Capability& narrow, std::span<const Capability> wide) {
  const Result<Pattern> inner = Pattern::compile(narrow);
  if (!inner) return false;
  return std::ranges::any_of(wide, [&](const Capability& one) {
    const bool lasts = one.expires_us == 0 || (narrow.expires_us != 0 && narrow.expires_us <= one.expires_us);
    const bool is_within = !one.calls_left || (narrow.calls_left && *narrow.calls_left <= *one.calls_left);
    if (!lasts || !is_within) return false;
    const Result<Pattern> outer = Pattern::compile(one);
    return outer && outer->covers(*inner, Reading::strict);
  });
}

}  // namespace lilux::policy
