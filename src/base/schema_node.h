#pragma once

// A schema as it is checked: nodes of rules, all references resolved. Made by SchemaCompiler, read by SchemaCheck, both
// private to Schema. Names and values are views into the documents, which the program keeps.

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/format.h"
#include "base/json.h"
#include "base/pattern.h"

namespace lilux::base::schema {

struct Node;

// One rule for each keyword, or for a group of keywords that depend on each other.
struct NeverRule {};  // the schema `false`
struct TypeRule {
  std::uint8_t types = 0;  // one bit for each of kTypes
};
struct EnumRule {
  std::string_view keyword;  // "enum" or "const"
  std::vector<const Json*> values;
  std::size_t cost = 0;  // of comparing with all of them
};
struct BoundRule {
  std::string_view keyword;
  const Json* limit = nullptr;
};
struct MultipleRule {
  const Json* divisor = nullptr;
};
struct SizeRule {
  std::string_view keyword;
  std::uint64_t limit = 0;
};
struct PatternRule {
  std::string_view text;
  const Pattern* pattern = nullptr;
};
struct FormatRule {
  std::string_view name;
  FormatCheck check;
};
struct UniqueRule {};
struct RequiredRule {
  std::vector<std::string_view> names;
};
// When a member of that name is there, so must be others, and a schema must fit.
struct DependentRule {
  std::string_view name;
  std::vector<std::string_view> required;
  const Node* schema = nullptr;
};
struct ReferenceRule {
  const Node* target = nullptr;
  std::string_view dynamic_anchor;  // looked for in the resources entered so far; empty for a plain reference
};
struct CombinedRule {
  std::string_view keyword;  // "allOf", "anyOf", "oneOf" or "not"
  std::vector<const Node*> schemas;
};
struct ConditionRule {
  const Node* condition = nullptr;
  const Node* then = nullptr;
  const Node* otherwise = nullptr;
};
struct MembersRule {
  std::unordered_map<std::string_view, const Node*> properties;
  std::vector<std::pair<const Pattern*, const Node*>> patterns;
  const Node* additional = nullptr;
};
struct NamesRule {
  const Node* schema = nullptr;
};
struct ElementsRule {
  std::vector<const Node*> prefix;
  const Node* rest = nullptr;
};
struct ContainsRule {
  const Node* schema = nullptr;
  std::uint64_t minimum = 1;
  std::uint64_t maximum = std::numeric_limits<std::uint64_t>::max();
};
struct UnevaluatedRule {
  std::string_view keyword;
  const Node* schema = nullptr;
};

using Rule = std::variant<NeverRule, TypeRule, EnumRule, BoundRule, MultipleRule, SizeRule, PatternRule, FormatRule,
                          UniqueRule, RequiredRule, DependentRule, ReferenceRule, CombinedRule, ConditionRule,
                          MembersRule, NamesRule, ElementsRule, ContainsRule, UnevaluatedRule>;

// What the vocabularies of a schema's $schema switch on.
struct Dialect {
  bool has_applicators = true;
  bool has_unevaluated = true;
  bool has_validation = true;
  bool asserts_formats = false;
  bool is_old = false;  // drafts 6, 7 and 2019-09: lists of "items", "additionalItems", no "prefixItems"
};

// A schema with an address of its own.
struct Resource {
  std::string address;
  const Json* root = nullptr;
  Dialect dialect;
  std::map<std::string, const Node*, std::less<>> anchors;
  std::map<std::string, const Node*, std::less<>> dynamic_anchors;
};

struct Node {
  const Resource* resource = nullptr;
  bool tracks_evaluated = false;  // has an UnevaluatedRule, so what its other rules saw must be known
  std::vector<Rule> rules;
};

struct Program {
  std::deque<Json> documents;
  std::deque<Resource> resources;
  std::deque<Node> nodes;
  std::map<std::string, Pattern, std::less<>> patterns;
  const Node* root = nullptr;
};

constexpr std::string_view kTypes[] = {"null", "boolean", "integer", "number", "string", "array", "object"};

}  // namespace lilux::base::schema
