#pragma once

// Turns a schema and all it refers to into a program; see schema.h for what it refuses.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/schema.h"
#include "base/schema_node.h"

namespace lilux::base::schema {

class Compiler {
 public:
  Compiler(Program& program, const SchemaOptions& options) : program_(program), options_(options) {}

  Result<void> compile(Json schema);

 private:
  // A place in a document, for messages and to bound the depth.
  struct Place {
    const Place* outer = nullptr;
    std::string_view name;
    std::size_t depth = 0;
    std::string text() const;
  };
  // One schema while its keywords are read: the parts that several keywords make together.
  struct Draft {
    Node& node;
    Resource& resource;
    const JsonObject& schema;
    const Place& place;
    MembersRule members;
    ElementsRule elements;
    ContainsRule contains;
    ConditionRule condition;
    std::vector<Rule> last;
  };
  using Read = Result<void> (Compiler::*)(Draft&, std::string_view keyword, const Json& operand);
  enum class Vocabulary : std::uint8_t { core, applicator, unevaluated, validation, format };
  struct Keyword {
    std::string_view name;
    Vocabulary vocabulary;
    Read read;
  };
  // A reference that is resolved when everything around it has been read.
  struct Pending {
    Node* node;
    const Resource* resource;
    std::string reference;
    bool is_dynamic;
    std::string place;
  };

  static const Keyword* find_keyword(std::string_view name);
  static bool is_on(const Dialect& dialect, Vocabulary vocabulary);

  Result<Resource*> add_document(const std::string& address, Json document);
  Result<Json> fetch(const std::string& address) const;
  Result<Dialect> dialect_of(const std::string& address) const;
  Result<Node*> visit(const Json& schema, Resource& resource, const Place& place);
  Result<Resource*> enter_resource(const Json& schema, Resource& outer, const Place& place);
  Result<void> add_anchors(const JsonObject& schema, Resource& resource, const Node& node, const Place& place);
  Result<void> read_keywords(Draft& draft);
  Result<Node*> visit_child(const Draft& draft, std::string_view name, const Json& schema);
  // A schema one level further down: "/allOf/0", "/properties/name".
  Result<Node*> visit_child(const Draft& draft, std::string_view keyword, std::string_view name, const Json& schema);
  Result<const Pattern*> pattern(const Draft& draft, std::string_view keyword, std::string_view text);

  Result<void> resolve_pending();
  Result<const Node*> target_of(const Pending& pending, std::string& dynamic_anchor);
  Result<const Node*> node_at(Resource& resource, const std::string& pointer, const Pending& pending);
  Result<Resource*> resource_of(const std::string& address, const Pending& pending);

  Result<void> read_type(Draft&, std::string_view, const Json&);
  Result<void> read_enum(Draft&, std::string_view, const Json&);
  Result<void> read_bound(Draft&, std::string_view, const Json&);
  Result<void> read_multiple(Draft&, std::string_view, const Json&);
  Result<void> read_size(Draft&, std::string_view, const Json&);
  Result<void> read_pattern(Draft&, std::string_view, const Json&);
  Result<void> read_format(Draft&, std::string_view, const Json&);
  Result<void> read_unique(Draft&, std::string_view, const Json&);
  Result<void> read_required(Draft&, std::string_view, const Json&);
  Result<void> read_dependent(Draft&, std::string_view, const Json&);
  Result<void> read_reference(Draft&, std::string_view, const Json&);
  Result<void> read_recursive(Draft&, std::string_view, const Json&);
  Result<void> read_combined(Draft&, std::string_view, const Json&);
  Result<void> read_not(Draft&, std::string_view, const Json&);
  Result<void> read_condition(Draft&, std::string_view, const Json&);
  Result<void> read_properties(Draft&, std::string_view, const Json&);
  Result<void> read_pattern_properties(Draft&, std::string_view, const Json&);
  Result<void> read_additional(Draft&, std::string_view, const Json&);
  Result<void> read_names(Draft&, std::string_view, const Json&);
  Result<void> read_prefix(Draft&, std::string_view, const Json&);
  Result<void> read_items(Draft&, std::string_view, const Json&);
  Result<void> read_old_rest(Draft&, std::string_view, const Json&);
  Result<void> read_contains(Draft&, std::string_view, const Json&);
  Result<void> read_unevaluated(Draft&, std::string_view, const Json&);
  Result<void> read_definitions(Draft&, std::string_view, const Json&);
  Result<void> read_content(Draft&, std::string_view, const Json&);

  Program& program_;
  const SchemaOptions& options_;
  struct Visited {
    Node* node;
    Resource* resource;
  };
  std::unordered_map<const Json*, Visited> visited_;      // by the place in its document
  std::unordered_map<std::string, Resource*> resources_;  // by address without a fragment
  std::vector<Pending> pending_;
  std::size_t instructions_ = 0;  // of all patterns
};

}  // namespace lilux::base::schema
