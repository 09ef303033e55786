#include "brain/schema.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "brain/extract_text.h"
#include "brain/extract_time.h"
#include "brain/schema_words.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kDepthMax = 4;
constexpr std::size_t kDescriptionBytesMax = 1200;

// The type of a schema; of several the first that is not null.
std::string type_of(const Json& schema) {
  const Json* type = schema.find("type");
  if (type != nullptr && type->is_string()) return type->as_string();
  if (type != nullptr && type->is_array()) {
    for (const Json& one : type->as_array()) {
      if (one.is_string() && one.as_string() != "null") return one.as_string();
    }
  }
  if (schema.find("properties") != nullptr) return "object";
  return {};
}

// anyOf and the like by their first branch that is not null.
const Json& plain(const Json& schema) {
  for (const char* name : {"anyOf", "oneOf", "allOf"}) {
    const Json* branches = schema.find(name);
    if (branches == nullptr || !branches->is_array()) continue;
    for (const Json& branch : branches->as_array()) {
      if (branch.is_object() && type_of(branch) != "null") return branch;
    }
  }
  return schema;
}

Kind kind_of(const Json& schema) {
  const Json* choices = schema.find("enum");
  const std::string type = lowered(type_of(schema));
  if (type == "array" || type == "list" || type == "tuple" || type.starts_with("list[") || type.starts_with("array"))
    return Kind::array;
  if (choices != nullptr && choices->is_array() && !choices->as_array().empty()) return Kind::choice;
  if (type == "integer" || type == "int" || type == "long") return Kind::integer;
  if (type == "number" || type == "float" || type == "double") return Kind::number;
  if (type == "boolean" || type == "bool") return Kind::boolean;
  if (type == "object" || type == "dict" || type == "hashmap") return Kind::object;
  if (type == "string" || type == "str") return Kind::string;
  return type.empty() || type == "any" ? Kind::any : Kind::string;
}

class Compiler {
 public:
  Result<Tool> tool(const Json& given) {
    const Json* inner = given.find("function");
    const Json& one = inner != nullptr && inner->is_object() ? *inner : given;
    Tool tool{.name = one.string_or("name"), .description = one.string_or("description")};
    if (tool.name.empty()) return fail(ErrorCode::invalid_argument, "a tool has no name", "{\"name\": ..., ...}");
    tool.name_words = name_stems(tool.name, words_);
    tool.words = text_stems(base_text(tool.description), words_);
    tool.effect = effect_of(one, tool.name, words_);
    for (const char* member : {"parameters", "inputSchema", "input_schema", "arguments"}) {
      const Json* schema = one.find(member);
      if (schema != nullptr && schema->is_object()) {
        const bool is_bare = member == std::string_view("arguments");
        read(*schema, is_bare, tool);
        if (!is_bare) tool.limits = Limits::of_call(*schema);
        break;
      }
    }
    if (tool.parameters.empty()) from_description(tool);
    see_units(tool);
    return tool;
  }

 private:
  static void see_units(Tool& tool) {
    for (Parameter& one : tool.parameters) {
      one.is_of_several =
          one.unit && std::ranges::any_of(tool.parameters, [&](const Parameter& other) {
            return other.unit && other.unit->dimension == one.unit->dimension && *other.unit != *one.unit;
          });
    }
  }

  static std::string_view base_text(std::string_view text) { return text.substr(0, kDescriptionBytesMax); }

  void read(const Json& schema, bool is_bare, Tool& tool) {
    const Json* properties = is_bare ? &schema : schema.find("properties");
    const Json none = JsonObject{};
    const bool is_told = properties != nullptr && properties->is_object();
    std::vector<std::string> path;
    properties_of(is_told ? *properties : none, required_of(schema), path, tool, true);
  }

  void properties_of(const Json& properties, const std::set<std::string>& required, std::vector<std::string>& path,
                     Tool& tool, bool is_wanted) {
    for (const auto& [name, given] : properties.as_object()) {
      if (tool.parameters.size() >= kParametersMax) return;
      if (!given.is_object()) continue;
      path.push_back(name);
      const bool is_told = required.contains(name) || given.bool_or("required");
      const std::size_t first = tool.parameters.size();
      parameter(given, path, is_wanted && is_told, tool);
      path.pop_back();
      const bool is_leaf = tool.parameters.size() == first + 1 && tool.parameters[first].path.size() == path.size() + 1;
      if (is_leaf) tool.parameters[first].is_required_inside = is_told && !path.empty();
    }
    for (const std::string& name : required) {  // nothing else is told of it, so no plain word is it
      if (properties.find(name) == nullptr)
        properties_of(JsonObject{{name, JsonObject{{"type", "object"}}}}, {name}, path, tool, is_wanted);
    }
  }

  static std::set<std::string> required_of(const Json& schema) {
    std::set<std::string> required;
    if (const Json* names = schema.find("required"); names != nullptr && names->is_array()) {
      for (const Json& name : names->as_array()) {
        if (name.is_string()) required.insert(name.as_string());
      }
    }
    return required;
  }

  // What the members of an object are, also of one that lists hold; null for everything else.
  static const Json* object_in(const Json& schema) {
    const Json* items = schema.find("items");
    const Json& object =
        kind_of(schema) == Kind::array && items != nullptr && items->is_object() ? plain(*items) : schema;
    const Json* inner = object.find("properties");
    const bool has_members = inner != nullptr && inner->is_object() && !inner->as_object().empty();
    return kind_of(object) == Kind::object && has_members ? &object : nullptr;
  }

  void parameter(const Json& given, std::vector<std::string>& path, bool is_required, Tool& tool) {
    const Json& schema = plain(given);
    const Json* object = object_in(schema);
    if (object != nullptr && path.size() < kDepthMax) {
      const std::size_t first = tool.parameters.size();
      properties_of(*object->find("properties"), required_of(*object), path, tool, is_required);
      for (std::size_t i = first; object != &schema && i < tool.parameters.size(); ++i) {
        if (tool.parameters[i].list_at == 0) tool.parameters[i].list_at = path.size();
      }
      return;
    }
    Parameter one{.path = path, .kind = kind_of(schema), .is_required = is_required};
    one.format = given.string_or("format", schema.string_or("format"));
    one.description = given.string_or("description", schema.string_or("description"));
    const Json* holder = &schema;
    if (one.kind == Kind::array) {
      const Json* items = schema.find("items");
      if (items != nullptr && items->is_object()) {
        holder = &plain(*items);
        one.item = kind_of(*holder);
        if (one.description.empty()) one.description = holder->string_or("description");
      } else {
        one.item = Kind::any;
      }
    }
    one.limits = limits_of(schema, one.description);
    if (const Json* choices = holder->find("enum"); choices != nullptr && choices->is_array())
      one.choices = choices->as_array();
    for (const Json& choice : one.choices) one.choice_stems.push_back(stems_of(choice));
    if (const Json* otherwise = given.find("default"); otherwise != nullptr) one.otherwise = *otherwise;
    describe(one);
    tool.parameters.push_back(std::move(one));
  }

  // "living_room" as "live room"; nothing for what has a word that says nothing, such as "turn off".
  std::string stems_of(const Json& choice) {
    const std::string name = choice.is_string() ? choice.as_string() : std::string();
    const auto says_nothing = [](const search::Word& word) { return !search::is_content(word.term); };
    if (std::ranges::any_of(words_.split(name), says_nothing)) return {};
    std::string stems;
    for (const std::string& stem : name_stems(name, words_)) stems += (stems.empty() ? "" : " ") + stem;
    return stems;
  }

  void describe(Parameter& one) {
    const std::string_view text = base_text(one.description);
    one.name = name_stems(one.key(), words_);
    if (one.name.empty()) one.name.push_back(lowered(one.key()));
    one.words = text_stems(text, words_);
    one.examples = examples_in(text);
    const auto told = default_in(text);
    one.has_default = one.otherwise.has_value() || told.has_value();
    if (told && !told->empty() && !one.otherwise && one.kind != Kind::array) one.otherwise = Json(*told);
    one.sense = sense_of(one.name);
    if (one.sense == Sense::none)
      one.sense = sense_of(std::span(one.words).first(std::min<std::size_t>(one.words.size(), 6)));
    one.unit = unit_of_name(one.key(), words_);
    if (!one.unit) one.unit = unit_in(one.key() + " " + std::string(text));
    if (!one.unit) one.unit = unit_in_front(text);
    if (one.unit && one.sense == Sense::money && one.unit->dimension == Dimension::mass) one.unit = unit_named("gbp");
    see_format(one, text);
    const std::string lower = lowered(text) + " " + lowered(one.key());
    one.wants_region =
        one.sense == Sense::place && one.description.find(", ") != std::string::npos &&
        (lower.find("state") != std::string::npos || lower.find("country") != std::string::npos ||
         lower.find("san francisco, ca") != std::string::npos || lower.find("new york, ny") != std::string::npos);
    const auto is_code = [](const std::string& example) {
      return example.size() == 3 && std::ranges::all_of(example, [](char c) { return c >= 'A' && c <= 'Z'; });
    };
    one.wants_code = one.sense == Sense::currency &&
                     (lower.find("code") != std::string::npos || std::ranges::any_of(one.examples, is_code) ||
                      (one.otherwise && one.otherwise->is_string() && is_code(one.otherwise->as_string())));
    one.wants_percent = (lower.find("percent") != std::string::npos && lower.find("decimal") == std::string::npos) ||
                        lower.find("in %") != std::string::npos || lower.find("(%)") != std::string::npos;
  }

  // How its value is written. What the description says of that goes before what the schema does: a time as HH:MM is
  // none of its "time", which has seconds and a zone.
  static void see_format(Parameter& one, std::string_view text) {
    one.look = look_of({.name = one.key(), .description = text, .format = one.format});
    one.time_pattern = time_pattern(text);
    const std::string_view pattern = pattern_of_format(one.format);
    if (is_told_as(one.time_pattern, pattern)) one.time_pattern = pattern;
    if (one.format.empty() && lowered(text).find("iso 8601 duration") != std::string::npos) one.format = "duration";
  }

  // Whether the description says nothing else than the format; a zone is left out of examples.
  static bool is_told_as(const std::string& told, std::string_view pattern) {
    return !pattern.empty() && (told.empty() || told == pattern || told + "Z" == pattern);
  }

  // What the description tells otherwise than the format does is not held to the format.
  static Limits limits_of(const Json& schema, std::string_view description) {
    const std::string_view pattern = pattern_of_format(schema.string_or("format"));
    const std::string told = time_pattern(base_text(description));
    if (pattern.empty() || is_told_as(told, pattern)) return Limits::of_value(schema);
    JsonObject without = schema.as_object();
    without.erase("format");
    return Limits::of_value(Json(std::move(without)));
  }

  // Descriptions that hold "Parameters: {"name": "Required. string. What it is"}".
  void from_description(Tool& tool) {
    const std::size_t at = tool.description.find("Parameters: {");
    if (at == std::string::npos) return;
    const std::size_t begin = at + 12;
    const std::size_t end = tool.description.find("}\n", begin);
    const auto parsed =
        base::parse_json(tool.description.substr(begin, end == std::string::npos ? end : end + 1 - begin));
    tool.words = text_stems(base_text(tool.description.substr(0, at)), words_);
    if (!parsed || !parsed->is_object()) return;
    for (const auto& [name, told] : parsed->as_object()) {
      if (!told.is_string() || tool.parameters.size() >= kParametersMax) continue;
      std::string_view text = told.as_string();
      Parameter one{.path = {name}};
      if (text.starts_with("Required. ")) {
        one.is_required = true;
        text.remove_prefix(10);
      }
      const std::string_view type = text.substr(0, text.find('.'));
      one.kind = kind_of(JsonObject{{"type", lowered(type)}});
      one.description = std::string(text.substr(std::min(text.size(), type.size() + 1)));
      describe(one);
      tool.parameters.push_back(std::move(one));
    }
  }

  search::Words words_;
};

}  // namespace

Result<ToolSet> ToolSet::compile(const Json& tools) {
  if (!tools.is_array()) return fail(ErrorCode::invalid_argument, "tools is no list", "a list of tools");
  if (tools.as_array().size() > kToolsMax)
    return fail(ErrorCode::invalid_argument, "more than " + std::to_string(kToolsMax) + " tools", "give fewer");
  ToolSet set;
  Compiler compiler;
  for (const Json& given : tools.as_array()) {
    if (!given.is_object()) return fail(ErrorCode::invalid_argument, "a tool is no object", "{\"name\": ..., ...}");
    set.tools_.push_back(TRY(compiler.tool(given)));
  }
  set.count_stems();
  return set;
}

void ToolSet::count_stems() {
  std::map<std::string, double> counts;
  for (const Tool& tool : tools_) {
    std::set<std::string_view> stems(tool.name_words.begin(), tool.name_words.end());
    stems.insert(tool.words.begin(), tool.words.end());
    for (const std::string_view stem : stems) counts[std::string(stem)] += 1;
  }
  const double most = std::log(1.0 + static_cast<double>(tools_.size()));
  for (const auto& [stem, count] : counts)
    rarities_.emplace_back(stem, std::log(1.0 + static_cast<double>(tools_.size()) / count) / most);
}

double ToolSet::rarity(const std::string& stem) const {
  const auto found = std::ranges::lower_bound(rarities_, stem, {}, &std::pair<std::string, double>::first);
  return found != rarities_.end() && found->first == stem ? found->second : 1.0;
}

std::string out_of_bounds(const Tool& tool, const Json& arguments) {
  for (const Parameter& one : tool.parameters) {
    const Json* value = &arguments;
    std::string name;
    for (const std::string& part : one.path) {
      value = value != nullptr && value->is_object() ? value->find(part) : nullptr;
      name += (name.empty() ? "" : ".") + part;
    }
    if (value != nullptr && !one.limits.hold(*value)) return name;
  }
  return tool.limits.hold(arguments) ? std::string() : tool.name;
}

}  // namespace lilux::brain
