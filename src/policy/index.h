#pragma once

// Rules made ready, and the places where the few that could match are found: by tool, resource, and what their pattern
// begins with. Whatever is found is still asked; a place only says where a matching rule cannot be missing. Immutable
// once built; any thread.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/policy.h"
#include "policy/target.h"

namespace lilux::policy {

// A rule ready to be asked.
struct Compiled {
  Effect effect = Effect::ask;
  unsigned who = 0;       // one bit for each principal
  std::string tool_name;  // when the rule names exactly one tool; else empty
  text::NameGlob tool;
  std::optional<Pattern> pattern;  // absent: any need, and calls that need nothing

  // Rules that give rights are read strictly, the others leniently.
  bool fits(std::string_view called, const Subject* subject, Principal principal) const;
  // Whether every question this one fits is fitted by a stricter rule as well; false when that cannot be shown.
  bool is_covered_by(const Compiled& stricter) const;
};

class Places {
 public:
  using Numbers = std::vector<std::uint32_t>;

  // Of rules in their order; their places hold the strictest first, then the first.
  explicit Places(std::span<const Compiled> rules);

  // The places of all rules that may fit; a rule may stand in more than one. No subject: a call that needs nothing.
  std::vector<const Numbers*> candidates(std::string_view tool, const Subject* subject) const;
  // The same of all rules that may cover one.
  std::vector<const Numbers*> coverers(const Compiled& rule) const;

 private:
  struct Bucket {
    Numbers rules;
    bool has_details = false;  // more are found by one detail further
  };
  struct Identity {
    std::size_t operator()(std::uint64_t key) const { return key; }
  };
  using Buckets = std::unordered_map<std::uint64_t, Bucket, Identity>;
  struct Facts;

  static Facts facts_of(const Subject& subject);
  static std::vector<Facts> facts_of(const Pattern& pattern);
  void look(std::uint64_t key, std::vector<const Numbers*>& found) const;
  void look(std::uint64_t seed, const Facts& facts, std::vector<const Numbers*>& found) const;
  void add(std::uint32_t number, const Compiled& rule);

  Buckets buckets_;
};

}  // namespace lilux::policy
