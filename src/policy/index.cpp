#include "policy/index.h"

#include <algorithm>

namespace lilux::policy {

namespace {

constexpr std::uint64_t kLoose = 0x6c6f6f7365;  // rules that name no one tool
constexpr std::uint64_t kAnyNeed = 0x616e79;
constexpr std::uint64_t kSegment = 0x736567;
constexpr std::uint64_t kExtension = 0x657874;

std::uint64_t mix(std::uint64_t left, std::uint64_t right) {
  const std::uint64_t made = (left ^ (right + 0x9e3779b97f4a7c15u + (left << 6) + (left >> 2))) * 0xff51afd7ed558ccdu;
  return made ^ (made >> 32);
}

std::uint64_t hash_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}
std::string_view name_of(std::string_view program) {
  return program.substr(program.rfind('/') + 1);
}
std::uint64_t segment_key(std::string_view segment) {
  return mix(kSegment, hash_of(segment));
}

// Of a name, or of what all names end with, when it tells: "c" of "main.c" and ".c".
std::optional<std::uint64_t> extension_key(std::string_view tail) {
  const std::size_t dot = tail.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  return mix(kExtension, hash_of(tail.substr(dot + 1)));
}

std::uint64_t seed_of(std::string_view tool, std::string_view resource) {
  return mix(hash_of(tool), hash_of(resource));
}
std::uint64_t loose_seed(std::string_view resource) {
  return mix(kLoose, hash_of(resource));
}
std::uint64_t seed_of(const Compiled& rule, std::string_view resource) {
  return rule.tool_name.empty() ? loose_seed(resource) : seed_of(rule.tool_name, resource);
}

}  // namespace

// What a place is made of: the chain of literal beginnings, general to special, and details that stand anywhere behind
// them. A rule stands at its last anchor, one detail further when it has one of its own.
struct Places::Facts {
  std::vector<std::uint64_t> anchors{0};
  std::vector<std::uint64_t> details;
  std::optional<std::uint64_t> own;  // of a pattern

  void anchor(std::string_view text) { anchors.push_back(mix(anchors.back(), hash_of(text))); }

  static Facts of_path(const text::PathGlob::Choice& choice) {
    Facts facts;
    bool is_prefix = true;
    std::size_t longest = 0;
    for (const text::PathGlob::Segment& segment : choice) {
      const bool is_literal = !segment.is_deep && segment.wild.is_literal();
      is_prefix = is_prefix && is_literal;
      if (!is_literal) continue;
      const std::string& text = segment.wild.tail();
      facts.details.push_back(segment_key(text));
      if (is_prefix) facts.anchor(text);
      if (!is_prefix && text.size() > longest) {
        longest = text.size();
        facts.own = facts.details.back();
      }
    }
    if (choice.empty() || choice.back().is_deep) return facts;
    if (const auto extension = extension_key(choice.back().wild.tail())) {
      facts.details.push_back(*extension);
      if (!facts.own && !is_prefix) facts.own = extension;
    }
    return facts;
  }

  static Facts of_host(const text::HostGlob::Choice& choice) {
    Facts facts;
    for (const text::Wild& label : choice.labels) {
      if (!label.is_literal()) break;
      facts.anchor(label.tail());
    }
    return facts;
  }

  static std::vector<Facts> of_argv(const text::ArgvGlob& glob) {
    std::vector<Facts> made;
    for (const text::Wild& program : glob.words()[0].choices()) {
      Facts& facts = made.emplace_back();
      if (program.is_literal()) facts.anchor(name_of(program.tail()));
      if (glob.words().size() < 2 || glob.words()[1].choices().size() != 1) continue;
      const text::Wild& second = glob.words()[1].choices()[0];
      if (!second.is_literal()) continue;
      facts.own = segment_key(second.tail());
      facts.details.push_back(*facts.own);
    }
    return made;
  }

  static Facts of_name(const text::Wild& choice) {
    Facts facts;
    if (choice.is_literal()) facts.anchor(choice.tail());
    return facts;
  }
};

bool Compiled::fits(std::string_view called, const Subject* subject, Principal principal) const {
  if ((who >> static_cast<unsigned>(principal) & 1u) == 0) return false;
  if (tool_name.empty() ? !tool.matches(called) : tool_name != called) return false;
  if (!pattern) return true;
  return subject && pattern->matches(*subject, effect == Effect::allow ? Reading::strict : Reading::lenient);
}

bool Compiled::is_covered_by(const Compiled& stricter) const {
  if ((stricter.who & who) != who || !text::covers(stricter.tool, tool)) return false;
  if (!stricter.pattern) return true;
  return pattern && stricter.pattern->covers(*pattern, Reading::lenient);
}

Places::Facts Places::facts_of(const Subject& subject) {
  Facts facts;
  const std::string& resource = subject.need->resource;
  if (resource == "fs") {
    for (const std::string_view segment : subject.segments) {
      facts.anchor(segment);
      facts.details.push_back(segment_key(segment));
    }
    if (subject.segments.empty()) return facts;
    if (const auto extension = extension_key(subject.segments.back())) facts.details.push_back(*extension);
  } else if (resource == "net") {
    for (const std::string& label : subject.host->labels) facts.anchor(label);
  } else if (resource == "shell") {
    facts.anchor(name_of(subject.words[0]));
    if (subject.words.size() > 1) facts.details.push_back(segment_key(subject.words[1]));
  } else {
    facts.anchor(subject.need->target);
  }
  return facts;
}

std::vector<Places::Facts> Places::facts_of(const Pattern& pattern) {
  std::vector<Facts> made;
  if (const auto* path = std::get_if<text::PathGlob>(&pattern.target())) {
    std::ranges::transform(path->choices(), std::back_inserter(made), Facts::of_path);
  } else if (const auto* host = std::get_if<text::HostGlob>(&pattern.target())) {
    std::ranges::transform(host->choices(), std::back_inserter(made), Facts::of_host);
  } else if (const auto* argv = std::get_if<text::ArgvGlob>(&pattern.target())) {
    made = Facts::of_argv(*argv);
  } else if (const auto* name = std::get_if<text::NameGlob>(&pattern.target())) {
    std::ranges::transform(name->choices(), std::back_inserter(made), Facts::of_name);
  } else {
    made.emplace_back();
  }
  return made;
}

Places::Places(std::span<const Compiled> rules) {
  for (std::uint32_t number = 0; number < rules.size(); ++number) add(number, rules[number]);
  for (auto& [key, bucket] : buckets_) {
    std::ranges::sort(bucket.rules, [&](std::uint32_t left, std::uint32_t right) {
      return rules[left].effect != rules[right].effect ? rules[left].effect > rules[right].effect : left < right;
    });
    const auto repeated = std::ranges::unique(bucket.rules);
    bucket.rules.erase(repeated.begin(), repeated.end());
  }
}

void Places::add(std::uint32_t number, const Compiled& rule) {
  if (!rule.pattern || rule.pattern->capability().resource == "*") {
    buckets_[mix(seed_of(rule, "*"), kAnyNeed)].rules.push_back(number);
    return;
  }
  const std::uint64_t seed = seed_of(rule, rule.pattern->capability().resource);
  for (const Facts& facts : facts_of(*rule.pattern)) {
    const std::uint64_t key = mix(seed, facts.anchors.back());
    if (facts.own) {
      buckets_[key].has_details = true;
      buckets_[mix(key, *facts.own)].rules.push_back(number);
    } else {
      buckets_[key].rules.push_back(number);
    }
  }
}

void Places::look(std::uint64_t key, std::vector<const Numbers*>& found) const {
  const auto bucket = buckets_.find(key);
  if (bucket != buckets_.end() && !bucket->second.rules.empty()) found.push_back(&bucket->second.rules);
}

void Places::look(std::uint64_t seed, const Facts& facts, std::vector<const Numbers*>& found) const {
  for (const std::uint64_t anchor : facts.anchors) {
    const std::uint64_t key = mix(seed, anchor);
    const auto bucket = buckets_.find(key);
    if (bucket == buckets_.end()) continue;
    if (!bucket->second.rules.empty()) found.push_back(&bucket->second.rules);
    if (!bucket->second.has_details) continue;
    for (const std::uint64_t detail : facts.details) look(mix(key, detail), found);
  }
}

std::vector<const Places::Numbers*> Places::candidates(std::string_view tool, const Subject* subject) const {
  std::vector<const Numbers*> found;
  look(mix(loose_seed("*"), kAnyNeed), found);
  look(mix(seed_of(tool, "*"), kAnyNeed), found);
  if (!subject) return found;
  const Facts facts = facts_of(*subject);
  look(loose_seed(subject->need->resource), facts, found);
  look(seed_of(tool, subject->need->resource), facts, found);
  return found;
}

std::vector<const Places::Numbers*> Places::coverers(const Compiled& rule) const {
  std::vector<const Numbers*> found;
  look(mix(loose_seed("*"), kAnyNeed), found);
  if (!rule.tool_name.empty()) look(mix(seed_of(rule.tool_name, "*"), kAnyNeed), found);
  if (!rule.pattern || rule.pattern->capability().resource == "*") return found;
  // What covers all choices of a pattern covers the first.
  const std::string& resource = rule.pattern->capability().resource;
  const Facts facts = facts_of(*rule.pattern).front();
  look(loose_seed(resource), facts, found);
  if (!rule.tool_name.empty()) look(seed_of(rule.tool_name, resource), facts, found);
  return found;
}

}  // namespace lilux::policy
