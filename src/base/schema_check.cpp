#include "base/schema_check.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "base/decimal.h"
#include "base/encoding.h"
#include "base/nearest.h"

namespace lilux::base::schema {

namespace {

std::uint8_t types_of(const Json& value) {
  switch (value.type()) {
    case Json::Type::null: return 1;
    case Json::Type::boolean: return 2;
    case Json::Type::integer: return 4 | 8;
    case Json::Type::real: return std::trunc(value.as_real()) == value.as_real() ? 4 | 8 : 8;
    case Json::Type::string: return 16;
    case Json::Type::array: return 32;
    case Json::Type::object: return 64;
  }
  std::unreachable();
}

// In the words of described(), in the order of kTypes.
std::string type_names(std::uint8_t types) {
  constexpr std::string_view kNames[] = {"null",     "a boolean", "an integer", "a number",
                                         "a string", "a list",    "an object"};
  std::string text;
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if ((types >> i & 1) != 0) text.append(text.empty() ? "" : " or ").append(kNames[i]);
  }
  return text;
}

std::string listed(const std::vector<const Json*>& values) {
  constexpr std::size_t kShown = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, values.size()); ++i)
    text.append(i == 0 ? "" : ", ").append(clipped(to_text(*values[i]), 200));
  return values.size() > kShown ? text + ", ..." : text;
}

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::size_t parts_in(const Json& value) {
  return value.is_array() ? value.as_array().size() : value.is_object() ? value.as_object().size() : 0;
}

bool is_never(const Node& node) {
  return node.rules.size() == 1 && std::holds_alternative<NeverRule>(node.rules.front());
}

void merge(std::vector<bool>& into, const std::vector<bool>& from) {
  if (into.size() < from.size()) into.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) into[i] = into[i] || from[i];
}

std::string escaped_token(std::string_view name) {
  std::string text;
  for (const char c : name) text += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  return text;
}

}  // namespace

std::string Check::Place::text() const {
  if (!outer) return {};
  return outer->text() + "/" + (name.data() ? escaped_token(name) : std::to_string(index));
}

bool Check::spend(std::size_t steps) {
  steps_ += steps;
  if (steps_ <= limits_.steps_max && depth_ <= limits_.depth_max) return true;
  if (!is_given_up_) {
    const bool is_deep = depth_ > limits_.depth_max;
    violation_ = {
        .at = {},
        .keyword = {},
        .message = is_deep ? "the schema leads more than " + std::to_string(limits_.depth_max) + " schemas deep here"
                           : std::string("checking it by this schema takes too long"),
        .fix =
            is_deep ? "a schema that refers to itself must go down in the value" : "send less, or simplify the schema"};
  }
  is_given_up_ = true;
  return false;
}

// The deepest reason is kept, which among alternatives is that of the one that came nearest.
template <class Explain>
bool Check::refuse(const Place& place, std::string_view keyword, Explain&& explain) {
  if (!is_loud_ || is_given_up_ || (!violation_.keyword.empty() && place.depth < violation_depth_)) return false;
  violation_ = SchemaViolation{.at = place.text(), .keyword = std::string(keyword), .message = {}, .fix = {}};
  violation_depth_ = place.depth;
  explain(violation_);
  return false;
}

bool Check::fits(const Program& program, const Json& value) {
  const Place whole;
  return fits(*program.root, value, whole, nullptr) && !is_given_up_;
}

bool Check::fits(const Node& node, const Json& value, const Place& place, Seen* outer) {
  ++depth_;
  const bool enters = entered_.empty() || entered_.back() != node.resource;
  if (enters) entered_.push_back(node.resource);
  Seen seen;
  const Subject subject{.value = value, .place = place, .seen = outer || node.tracks_evaluated ? &seen : nullptr};
  const bool is_fit = spend(1) && std::ranges::all_of(node.rules, [&](const Rule& rule) {
                        return std::visit([&](const auto& one) { return apply(one, subject); }, rule);
                      });
  if (is_fit && outer) merge(*outer, seen);
  if (enters) entered_.pop_back();
  --depth_;
  return is_fit;
}

bool Check::fits_quietly(const Node& node, const Subject& subject, Seen* seen) {
  const bool was_loud = std::exchange(is_loud_, false);
  const bool is_fit = fits(node, subject.value, subject.place, seen);
  is_loud_ = was_loud;
  return is_fit;
}

bool Check::fits_member(const Node& node, const Subject& subject, std::string_view name, const Json& member) {
  const Place place{.outer = &subject.place, .name = name, .index = 0, .depth = subject.place.depth + 1};
  return fits(node, member, place, nullptr);
}

bool Check::fits_entry(const Node& node, const Subject& subject, std::size_t index) {
  const Place place{.outer = &subject.place, .name = {}, .index = index, .depth = subject.place.depth + 1};
  return fits(node, subject.value.as_array()[index], place, nullptr);
}

bool Check::apply(const NeverRule&, const Subject& subject) {
  return refuse(subject.place, "false", [](SchemaViolation& v) { v.message = "nothing is allowed here"; });
}

bool Check::apply(const TypeRule& rule, const Subject& subject) {
  if ((rule.types & types_of(subject.value)) != 0) return true;
  return refuse(subject.place, "type", [&](SchemaViolation& v) {
    v.message = "expected " + type_names(rule.types) + ", found " + described(subject.value);
  });
}

bool Check::apply(const EnumRule& rule, const Subject& subject) {
  if (!spend(rule.cost)) return false;
  if (std::ranges::any_of(rule.values, [&](const Json* value) { return *value == subject.value; })) return true;
  return refuse(subject.place, rule.keyword, [&](SchemaViolation& v) {
    v.message = rule.keyword == "const" ? "must be " + listed(rule.values) : "must be one of " + listed(rule.values);
    v.fix = v.message;
  });
}

bool Check::apply(const BoundRule& rule, const Subject& subject) {
  if (!subject.value.is_number()) return true;
  const Json& limit = *rule.limit;
  const bool is_lower = rule.keyword == "minimum" || rule.keyword == "exclusiveMinimum";
  const bool is_outside = is_lower ? is_less(subject.value, limit) : is_less(limit, subject.value);
  const bool is_exclusive = rule.keyword.starts_with("exclusive");
  if (!is_outside && !(is_exclusive && subject.value == limit)) return true;
  return refuse(subject.place, rule.keyword, [&](SchemaViolation& v) {
    const std::string relation =
        is_exclusive ? (is_lower ? "above " : "below ") : (is_lower ? "at least " : "at most ");
    v.message = "must be " + relation + to_text(limit) + ", found " + described(subject.value);
  });
}

bool Check::apply(const MultipleRule& rule, const Subject& subject) {
  if (!subject.value.is_number() || is_multiple(subject.value, *rule.divisor)) return true;
  return refuse(subject.place, "multipleOf", [&](SchemaViolation& v) {
    v.message = "must be a multiple of " + to_text(*rule.divisor) + ", found " + described(subject.value);
  });
}

bool Check::apply(const SizeRule& rule, const Subject& subject) {
  const Json& value = subject.value;
  const std::string_view what = rule.keyword.substr(3);
  std::size_t size = 0;
  if (what == "Length" && value.is_string())
    size = characters_in(value.as_string());
  else if ((what == "Items" && value.is_array()) || (what == "Properties" && value.is_object()))
    size = parts_in(value);
  else
    return true;
  const bool is_minimum = rule.keyword.starts_with("min");
  if (is_minimum ? size >= rule.limit : size <= rule.limit) return true;
  return refuse(subject.place, rule.keyword, [&](SchemaViolation& v) {
    v.message = std::string("must have at ") + (is_minimum ? "least " : "most ") + std::to_string(rule.limit) +
                (what == "Length"  ? " characters"
                 : what == "Items" ? " entries"
                                   : " members") +
                ", found " + std::to_string(size);
  });
}

bool Check::apply(const PatternRule& rule, const Subject& subject) {
  if (!subject.value.is_string()) return true;
  const std::string& text = subject.value.as_string();
  if (!spend(1 + text.size() / 16)) return false;
  if (rule.pattern->is_found_in(text)) return true;
  return refuse(subject.place, "pattern", [&](SchemaViolation& v) {
    v.message = "does not match the pattern " + std::string(clipped(rule.text, 200));
  });
}

bool Check::apply(const FormatRule& rule, const Subject& subject) {
  if (!subject.value.is_string() || rule.check(subject.value.as_string())) return true;
  return refuse(subject.place, "format", [&](SchemaViolation& v) { v.message = "is no " + std::string(rule.name); });
}

bool Check::apply(const UniqueRule&, const Subject& subject) {
  if (!subject.value.is_array()) return true;
  const JsonArray& entries = subject.value.as_array();
  std::unordered_set<std::string> texts;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::string text = canonical_text(entries[i]);
    if (!spend(1 + text.size() / 16)) return false;
    if (texts.insert(std::move(text)).second) continue;
    return refuse(subject.place, "uniqueItems", [&](SchemaViolation& v) {
      v.message = "entry " + std::to_string(i) + " is there twice";
      v.fix = "leave out entries that are the same";
    });
  }
  return true;
}

bool Check::apply(const RequiredRule& rule, const Subject& subject) {
  if (!subject.value.is_object() || rule.names.empty()) return true;
  // A look-up walks the members, so this is their number times that of the names.
  if (!spend(1 + rule.names.size() * (1 + subject.value.as_object().size() / 16))) return false;
  for (const std::string_view name : rule.names) {
    if (subject.value.find(name)) continue;
    return refuse(subject.place, "required", [&](SchemaViolation& v) {
      v.message = "'" + std::string(name) + "' is missing";
      v.fix = "add the member '" + std::string(name) + "'";
    });
  }
  return true;
}

bool Check::apply(const DependentRule& rule, const Subject& subject) {
  if (!subject.value.is_object() || !spend(1 + subject.value.as_object().size() / 16) || !subject.value.find(rule.name))
    return !is_given_up_;
  if (rule.schema) return fits(*rule.schema, subject.value, subject.place, subject.seen);
  for (const std::string_view name : rule.required) {
    if (!spend(1 + subject.value.as_object().size() / 16)) return false;
    if (subject.value.find(name)) continue;
    return refuse(subject.place, "dependentRequired", [&](SchemaViolation& v) {
      v.message = "'" + std::string(name) + "' is missing, which '" + std::string(rule.name) + "' needs";
      v.fix = "add the member '" + std::string(name) + "'";
    });
  }
  return true;
}

bool Check::apply(const ReferenceRule& rule, const Subject& subject) {
  const Node* target = rule.target;
  if (!rule.dynamic_anchor.empty()) {
    if (!spend(entered_.size())) return false;
    for (const Resource* resource : entered_) {
      const auto found = resource->dynamic_anchors.find(rule.dynamic_anchor);
      if (found == resource->dynamic_anchors.end()) continue;
      target = found->second;
      break;
    }
  }
  return fits(*target, subject.value, subject.place, subject.seen);
}

bool Check::apply(const CombinedRule& rule, const Subject& subject) {
  if (rule.keyword == "anyOf") return any_of(rule, subject);
  if (rule.keyword == "oneOf") return one_of(rule, subject);
  if (rule.keyword == "not") {
    if (!fits_quietly(*rule.schemas.front(), subject, nullptr)) return !is_given_up_;
    return refuse(subject.place, "not", [](SchemaViolation& v) { v.message = "is what it must not be"; });
  }
  return std::ranges::all_of(rule.schemas,
                             [&](const Node* node) { return fits(*node, subject.value, subject.place, subject.seen); });
}

bool Check::any_of(const CombinedRule& rule, const Subject& subject) {
  bool is_fit = false;
  for (const Node* node : rule.schemas) {
    is_fit = fits(*node, subject.value, subject.place, subject.seen) || is_fit;
    if (is_fit && !subject.seen) break;  // the others only matter for what they look at
  }
  if (is_fit) return !is_given_up_;
  return refuse(subject.place, "anyOf", [&](SchemaViolation& v) {
    v.message = "fits none of the " + std::to_string(rule.schemas.size()) + " schemas of anyOf";
  });
}

bool Check::one_of(const CombinedRule& rule, const Subject& subject) {
  std::vector<std::size_t> fitting;
  for (std::size_t i = 0; i < rule.schemas.size() && fitting.size() < 2; ++i) {
    if (fits(*rule.schemas[i], subject.value, subject.place, subject.seen)) fitting.push_back(i);
  }
  if (fitting.size() == 1) return !is_given_up_;
  return refuse(subject.place, "oneOf", [&](SchemaViolation& v) {
    v.message = fitting.empty() ? "fits none of the " + std::to_string(rule.schemas.size()) + " schemas of oneOf"
                                : "fits the schemas " + std::to_string(fitting[0]) + " and " +
                                      std::to_string(fitting[1]) + " of oneOf, but must fit one only";
  });
}

bool Check::apply(const ConditionRule& rule, const Subject& subject) {
  const bool holds = fits_quietly(*rule.condition, subject, subject.seen);
  const Node* node = holds ? rule.then : rule.otherwise;
  return !is_given_up_ && (!node || fits(*node, subject.value, subject.place, subject.seen));
}

bool Check::refuse_member(const Subject& subject, std::string_view keyword, std::string_view name,
                          const MembersRule* known) {
  return refuse(subject.place, keyword, [&](SchemaViolation& v) {
    v.message = "unknown member '" + std::string(clipped(name, 100)) + "'";
    if (!known) return;
    std::vector<std::string_view> names;
    for (const auto& [property, node] : known->properties) names.push_back(property);
    std::ranges::sort(names);
    v.fix = guess(name, names, "");
  });
}

bool Check::apply(const MembersRule& rule, const Subject& subject) {
  if (!subject.value.is_object()) return true;
  std::size_t index = 0;
  if (subject.seen) subject.seen->resize(std::max(subject.seen->size(), parts_in(subject.value)));
  for (const auto& [name, member] : subject.value.as_object()) {
    if (!spend(1 + rule.patterns.size() * (1 + name.size() / 16))) return false;
    bool is_seen = false;
    if (const auto found = rule.properties.find(name); found != rule.properties.end()) {
      is_seen = true;
      if (!fits_member(*found->second, subject, name, member)) return false;
    }
    for (const auto& [pattern, node] : rule.patterns) {
      if (!pattern->is_found_in(name)) continue;
      is_seen = true;
      if (!fits_member(*node, subject, name, member)) return false;
    }
    if (!is_seen && rule.additional) {
      is_seen = true;
      if (is_never(*rule.additional)) return refuse_member(subject, "additionalProperties", name, &rule);
      if (!fits_member(*rule.additional, subject, name, member)) return false;
    }
    if (subject.seen && is_seen) (*subject.seen)[index] = true;
    ++index;
  }
  return true;
}

bool Check::apply(const NamesRule& rule, const Subject& subject) {
  if (!subject.value.is_object()) return true;
  for (const auto& [name, member] : subject.value.as_object()) {
    if (!fits_member(*rule.schema, subject, name, Json(name))) return false;
  }
  return true;
}

bool Check::apply(const ElementsRule& rule, const Subject& subject) {
  if (!subject.value.is_array()) return true;
  const std::size_t size = parts_in(subject.value);
  const std::size_t end = rule.rest ? size : std::min(size, rule.prefix.size());
  for (std::size_t i = 0; i < end; ++i) {
    const Node* node = i < rule.prefix.size() ? rule.prefix[i] : rule.rest;
    if (node && !fits_entry(*node, subject, i)) return false;
  }
  if (subject.seen) merge(*subject.seen, Seen(end, true));
  return true;
}

bool Check::apply(const ContainsRule& rule, const Subject& subject) {
  if (!subject.value.is_array()) return true;
  const std::size_t size = parts_in(subject.value);
  Seen found(size);
  const bool was_loud = std::exchange(is_loud_, false);
  for (std::size_t i = 0; i < size && !is_given_up_; ++i) found[i] = fits_entry(*rule.schema, subject, i);
  is_loud_ = was_loud;
  const auto count = static_cast<std::size_t>(std::ranges::count(found, true));
  if (subject.seen) merge(*subject.seen, found);
  if (count >= rule.minimum && count <= rule.maximum) return !is_given_up_;
  const bool is_few = count < rule.minimum;
  return refuse(subject.place,
                !is_few             ? "maxContains"
                : rule.minimum == 1 ? "contains"
                                    : "minContains",
                [&](SchemaViolation& v) {
                  v.message = std::string("must have at ") + (is_few ? "least " : "most ") +
                              std::to_string(is_few ? rule.minimum : rule.maximum) +
                              " entries that fit the schema of contains, found " + std::to_string(count);
                });
}

bool Check::apply(const UnevaluatedRule& rule, const Subject& subject) {
  subject.seen->resize(std::max(subject.seen->size(), parts_in(subject.value)));
  if (rule.keyword == "unevaluatedProperties") return !subject.value.is_object() || unevaluated_members(rule, subject);
  return !subject.value.is_array() || unevaluated_entries(rule, subject);
}

bool Check::unevaluated_members(const UnevaluatedRule& rule, const Subject& subject) {
  std::size_t index = 0;
  for (const auto& [name, member] : subject.value.as_object()) {
    const bool is_seen = (*subject.seen)[index];
    (*subject.seen)[index++] = true;
    if (is_seen) continue;
    if (is_never(*rule.schema)) return refuse_member(subject, rule.keyword, name, nullptr);
    if (!fits_member(*rule.schema, subject, name, member)) return false;
  }
  return true;
}

bool Check::unevaluated_entries(const UnevaluatedRule& rule, const Subject& subject) {
  for (std::size_t i = 0; i < parts_in(subject.value); ++i) {
    const bool is_seen = (*subject.seen)[i];
    (*subject.seen)[i] = true;
    if (!is_seen && !fits_entry(*rule.schema, subject, i)) return false;
  }
  return true;
}

}  // namespace lilux::base::schema
