#include "base/schema_compiler.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "base/number.h"
#include "base/schema_metaschemas.h"
#include "base/uri.h"

namespace lilux::base::schema {

namespace {

constexpr std::size_t kDepthMax = 200;
constexpr std::array<std::string_view, 3> kOldDialects{"http://json-schema.org/draft-06/schema",
                                                       "http://json-schema.org/draft-07/schema",
                                                       "https://json-schema.org/draft/2019-09/schema"};

std::string without_empty_fragment(std::string address) {
  if (address.ends_with('#')) address.pop_back();
  return address;
}

std::unexpected<Error> wrong(const std::string& place, const std::string& message, std::string hint = {}) {
  return fail(ErrorCode::invalid_argument, "schema at " + (place.empty() ? "its root" : place) + ": " + message,
              std::move(hint));
}

std::string escaped_token(std::string_view name) {
  std::string text;
  for (const char c : name) text += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  return text;
}

std::string unescaped_token(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool is_escape = token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1');
    text += !is_escape ? token[i] : token[++i] == '0' ? '~' : '/';
  }
  return text;
}

const Json* step_into(const Json& json, std::string_view token) {
  if (!json.is_array()) return json.find(unescaped_token(token));
  const auto index = number_from<std::size_t>(token);
  const bool is_index = index && (token == "0" || token[0] != '0');
  return is_index && *index < json.as_array().size() ? &json.as_array()[*index] : nullptr;
}

}  // namespace

std::string Compiler::Place::text() const {
  return outer ? outer->text() + "/" + escaped_token(name) : std::string(name);
}

Result<void> Compiler::compile(Json schema) {
  const Resource* root = TRY(add_document("", std::move(schema)));
  program_.root = visited_.at(root->root).node;
  return resolve_pending();
}

Result<Resource*> Compiler::add_document(const std::string& address, Json document) {
  if (program_.documents.size() >= options_.documents_max) {
    return fail(ErrorCode::invalid_argument,
                "the schema refers to more than " + std::to_string(options_.documents_max) + " documents");
  }
  const Json& root = program_.documents.emplace_back(std::move(document));
  Resource& resource = program_.resources.emplace_back();
  resource.address = address;
  resource.root = &root;
  resource.dialect.asserts_formats = options_.asserts_formats;
  resources_.emplace(address, &resource);
  const Place place{.outer = nullptr, .name = address, .depth = 0};
  TRY(visit(root, resource, place));
  return &resource;
}

Result<Json> Compiler::fetch(const std::string& address) const {
  if (const std::string_view text = metaschema(address); !text.empty()) return parse_json(text);
  if (!options_.resolve)
    return fail(ErrorCode::not_found, "there is no schema '" + address + "'", "schemas are not fetched");
  return options_.resolve(address);
}

Result<Dialect> Compiler::dialect_of(const std::string& address) const {
  Dialect dialect;
  dialect.asserts_formats = options_.asserts_formats;
  if (address == kStandardDialect) return dialect;
  dialect.is_old = std::ranges::find(kOldDialects, address) != kOldDialects.end();
  if (dialect.is_old) return dialect;
  const auto known = resources_.find(address);
  Result<Json> fetched = known == resources_.end() ? fetch(address) : *known->second->root;
  if (!fetched) return in_context(fetched.error(), "the dialect '" + address + "' is unknown");
  const Json* vocabularies = fetched->find("$vocabulary");
  if (!vocabularies || !vocabularies->is_object()) return dialect;
  const auto has = [&](std::string_view name) {
    return vocabularies->find(std::string(kVocabularies) + std::string(name)) != nullptr;
  };
  for (const auto& [name, is_required] : vocabularies->as_object()) {
    const bool is_known = name.starts_with(kVocabularies);
    if (!is_known && is_required == Json(true))
      return fail(ErrorCode::unavailable, "the dialect '" + address + "' needs the unknown vocabulary '" + name + "'");
  }
  dialect.has_applicators = has("applicator");
  dialect.has_unevaluated = has("unevaluated");
  dialect.has_validation = has("validation");
  dialect.asserts_formats = dialect.asserts_formats || has("format-assertion");
  return dialect;
}

Result<Node*> Compiler::visit(const Json& schema, Resource& outer, const Place& place) {
  if (const auto known = visited_.find(&schema); known != visited_.end()) return known->second.node;
  if (place.depth > kDepthMax)
    return wrong(place.text(), "schemas are nested too deeply", "at most 200 inside each other");
  if (program_.nodes.size() >= options_.schemas_max)
    return wrong(place.text(), "there are more than " + std::to_string(options_.schemas_max) + " schemas");
  if (!schema.is_object() && !schema.is_bool())
    return wrong(place.text(), "expected a schema, found " + described(schema), "an object, true or false");
  Node& node = program_.nodes.emplace_back();
  Resource* resource = schema.is_object() ? TRY(enter_resource(schema, outer, place)) : &outer;
  node.resource = resource;
  visited_.emplace(&schema, Visited{.node = &node, .resource = resource});
  if (schema.is_bool()) {
    if (!schema.as_bool()) node.rules.emplace_back(NeverRule{});
    return &node;
  }
  TRY(add_anchors(schema.as_object(), *resource, node, place));
  Draft draft{.node = node,
              .resource = *resource,
              .schema = schema.as_object(),
              .place = place,
              .members = {},
              .elements = {},
              .contains = {},
              .condition = {},
              .last = {}};
  TRY(read_keywords(draft));
  return &node;
}

// The resource that this schema begins, or the one it is in.
Result<Resource*> Compiler::enter_resource(const Json& schema, Resource& outer, const Place& place) {
  Resource* resource = &outer;
  const Json* id = schema.find("$id");
  const bool is_old_anchor = outer.dialect.is_old && id && id->is_string() && id->as_string().starts_with('#');
  if (id && !is_old_anchor) {
    if (!id->is_string()) return wrong(place.text() + "/$id", "expected a string, found " + described(*id));
    const std::string address = without_empty_fragment(resolve_uri(outer.address, id->as_string()));
    if (address.find('#') != std::string::npos)
      return wrong(place.text() + "/$id", "has a fragment", "name a place inside a schema with $anchor");
    if (outer.root != &schema) {
      resource = &program_.resources.emplace_back();
      resource->root = &schema;
      resource->dialect = outer.dialect;
    }
    resource->address = address;
    const auto [taken, is_new] = resources_.emplace(address, resource);
    if (!is_new && taken->second != resource)
      return wrong(place.text() + "/$id", "there are two schemas '" + address + "'");
  }
  const Json* dialect = resource->root == &schema ? schema.find("$schema") : nullptr;
  if (dialect) {
    if (!dialect->is_string())
      return wrong(place.text() + "/$schema", "expected a string, found " + described(*dialect));
    resource->dialect = TRY(dialect_of(without_empty_fragment(dialect->as_string())));
  }
  return resource;
}

Result<void> Compiler::add_anchors(const JsonObject& schema, Resource& resource, const Node& node, const Place& place) {
  for (const std::string_view keyword : {"$anchor", "$dynamicAnchor", "$id"}) {
    const Json* anchor = schema.find(keyword);
    if (!anchor || (keyword == "$id" && !(resource.dialect.is_old && anchor->as_string().starts_with('#')))) continue;
    const std::string where = place.text() + "/" + std::string(keyword);
    if (!anchor->is_string()) return wrong(where, "expected a string, found " + described(*anchor));
    const std::string name = anchor->as_string().substr(keyword == "$id" ? 1 : 0);
    const bool is_new = resource.anchors.emplace(name, &node).second;
    if (!is_new && resource.anchors.at(name) != &node) return wrong(where, "there are two anchors '" + name + "'");
    if (keyword == "$dynamicAnchor") resource.dynamic_anchors.emplace(name, &node);
  }
  return {};
}

Result<void> Compiler::read_keywords(Draft& draft) {
  for (const auto& [name, operand] : draft.schema) {
    const Keyword* keyword = find_keyword(name);
    if (keyword && is_on(draft.resource.dialect, keyword->vocabulary))
      TRY((this->*keyword->read)(draft, keyword->name, operand));
  }
  std::vector<Rule>& rules = draft.node.rules;
  MembersRule& members = draft.members;
  if (!members.properties.empty() || !members.patterns.empty() || members.additional)
    rules.emplace_back(std::move(members));
  if (!draft.elements.prefix.empty() || draft.elements.rest) rules.emplace_back(std::move(draft.elements));
  if (draft.contains.schema) rules.emplace_back(draft.contains);
  if (draft.condition.condition) rules.emplace_back(draft.condition);
  for (Rule& rule : draft.last) rules.push_back(std::move(rule));
  draft.node.tracks_evaluated = !draft.last.empty();
  return {};
}

Result<Node*> Compiler::visit_child(const Draft& draft, std::string_view name, const Json& schema) {
  const Place place{.outer = &draft.place, .name = name, .depth = draft.place.depth + 1};
  return visit(schema, draft.resource, place);
}

Result<Node*> Compiler::visit_child(const Draft& draft, std::string_view keyword, std::string_view name,
                                    const Json& schema) {
  const Place outer{.outer = &draft.place, .name = keyword, .depth = draft.place.depth};
  const Place place{.outer = &outer, .name = name, .depth = draft.place.depth + 1};
  return visit(schema, draft.resource, place);
}

Result<const Pattern*> Compiler::pattern(const Draft& draft, std::string_view keyword, std::string_view text) {
  if (const auto known = program_.patterns.find(text); known != program_.patterns.end()) return &known->second;
  const std::string place = draft.place.text() + "/" + std::string(keyword);
  Result<Pattern> compiled = Pattern::compile(text);
  if (!compiled) return in_context(compiled.error(), "schema at " + place);
  instructions_ += compiled->instructions();
  if (instructions_ > options_.patterns_max) return wrong(place, "the patterns of this schema are too large together");
  return &program_.patterns.emplace(text, std::move(*compiled)).first->second;
}

// Resolving one reference may read more documents with more references.
Result<void> Compiler::resolve_pending() {
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    const Pending pending = pending_[i];
    std::string dynamic_anchor;
    const Node* target = TRY(target_of(pending, dynamic_anchor));
    ReferenceRule rule{.target = target, .dynamic_anchor = {}};
    if (!dynamic_anchor.empty()) rule.dynamic_anchor = target->resource->dynamic_anchors.find(dynamic_anchor)->first;
    pending.node->rules.insert(pending.node->rules.begin(), rule);
  }
  return {};
}

Result<const Node*> Compiler::target_of(const Pending& pending, std::string& dynamic_anchor) {
  const std::string address = resolve_uri(pending.resource->address, pending.reference);
  const std::size_t hash = std::min(address.size(), address.find('#'));
  Resource* resource = TRY(resource_of(address.substr(0, hash), pending));
  Result<std::string> fragment = percent_decode(std::string_view(address).substr(std::min(address.size(), hash + 1)));
  if (!fragment)
    return wrong(pending.place, "'" + pending.reference + "' is no reference: " + fragment.error().message);
  if (fragment->empty()) return visited_.at(resource->root).node;
  if (fragment->starts_with('/')) return node_at(*resource, *fragment, pending);
  const auto anchor = resource->anchors.find(*fragment);
  if (anchor == resource->anchors.end())
    return wrong(pending.place, "there is no anchor for '" + pending.reference + "'");
  if (pending.is_dynamic && resource->dynamic_anchors.contains(*fragment)) dynamic_anchor = *fragment;
  return anchor->second;
}

Result<Resource*> Compiler::resource_of(const std::string& address, const Pending& pending) {
  if (const auto known = resources_.find(address); known != resources_.end()) return known->second;
  Result<Json> document = fetch(address);
  if (!document)
    return in_context(document.error(), "schema at " + pending.place + ": '" + pending.reference + "' leads nowhere");
  return add_document(address, std::move(*document));
}

// A pointer may lead into what no keyword made a schema; there a schema is read only now.
Result<const Node*> Compiler::node_at(Resource& resource, const std::string& pointer, const Pending& pending) {
  const Json* json = resource.root;
  Resource* inside = &resource;
  std::string_view rest = pointer;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view token = rest.substr(0, rest.find('/'));
    rest.remove_prefix(token.size());
    json = step_into(*json, token);
    if (!json) return wrong(pending.place, "'" + pending.reference + "' leads nowhere");
    if (const auto known = visited_.find(json); known != visited_.end()) inside = known->second.resource;
  }
  const std::string where = resource.address + "#" + pointer;
  const Place place{.outer = nullptr, .name = where, .depth = 0};
  return TRY(visit(*json, *inside, place));
}

}  // namespace lilux::base::schema
