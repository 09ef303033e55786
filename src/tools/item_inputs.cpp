#include "tools/item_inputs.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/nearest.h"
#include "brain/extract_text.h"
#include "sys/error.h"
#include "tools/item_rows.h"
#include "tools/volumes.h"

namespace lilux::tools {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

namespace {

bool is_of_type(const Json& value, const std::string& type) {
  if (type == "integer" || type == "int") return value.is_integer();
  if (type == "number" || type == "float") return value.is_number();
  if (type == "boolean" || type == "bool") return value.is_bool();
  if (type == "array" || type == "list") return value.is_array();
  if (type == "object" || type == "dict") return value.is_object();
  if (type == "string" || type == "str") return value.is_string();
  return true;
}

// What is said is text; a number and a choice in other letters are what the input takes of it.
Json as_input(const item::Input& input, const Json& value) {
  if (!value.is_string()) return value;
  const auto is_it = [&](const std::string& one) { return brain::lowered(one) == brain::lowered(value.as_string()); };
  const auto choice = std::ranges::find_if(input.choices, is_it);
  if (choice != input.choices.end()) return Json(*choice);
  if (is_of_type(value, input.type)) return value;
  const Result<Json> read = base::parse_json(value.as_string());
  return read && is_of_type(*read, input.type) ? *read : value;
}

// The item that a call would run, where the caller may see it.
std::optional<std::vector<item::Input>> inputs_of(const kernel::CallContext& call, const JsonObject& run) {
  const std::optional<item::Kind> kind = base::enum_from_name<item::Kind>(Json(run).string_or("kind"));
  const Result<Volumes> volumes = Volumes::of(call);
  if (!kind || !volumes) return std::nullopt;
  const std::string source = Json(run).string_or("source");
  const Result<FoundItem> found =
      volumes->find(*kind, Json(run).string_or("name"), source.empty() ? std::nullopt : std::optional(source));
  if (!found || !volumes->is_trusted(*found->volume) || !volumes->may_tell(*found->volume, found->listed.path))
    return std::nullopt;
  const Result<ReadItem> read = read_item(*found);
  return read && !read->item.is_broken() ? std::optional(read->item.inputs) : std::nullopt;
}

struct Faults {
  std::vector<std::string> inputs;
  std::string why;
  void add(const std::string& input, const base::Error& error) {
    inputs.push_back(input);
    if (why.empty()) why = error.message;
  }
};

// Of all inputs; those that are given are mended first.
Faults faults_of(const std::vector<item::Input>& inputs, JsonObject& given, const std::string& name) {
  Faults faults;
  for (const auto& [key, value] : given)
    if (const Result<void> known = check_input_names(inputs, JsonObject{{key, value}}, name); !known)
      faults.why = known.error().message;  // nothing to ask for
  std::string missing;
  for (const item::Input& input : inputs) {
    const Json* value = given.find(input.name);
    if (!value && input.is_required && !input.value) {
      faults.inputs.push_back(input.name);
      missing += (missing.empty() ? "" : ", ") + input.name;
    }
    if (!value) continue;
    given.set(input.name, as_input(input, *value));
    if (const Result<void> fits = check_input(input, *given.find(input.name), name); !fits)
      faults.add(input.name, fits.error());
  }
  if (faults.why.empty() && !missing.empty()) faults.why = sys::quoted(name) + " is not run without: " + missing;
  return faults;
}

}  // namespace

base::Result<void> check_input(const item::Input& input, const Json& value, const std::string& name) {
  if (!is_of_type(value, input.type))
    return fail(ErrorCode::invalid_argument,
                "input " + sys::quoted(input.name) + " of " + sys::quoted(name) + " is " + base::described(value) +
                    ", not " + input.type,
                input.description);
  if (input.choices.empty()) return {};
  const std::string text = value.is_string() ? value.as_string() : base::to_text(value);
  if (std::ranges::find(input.choices, text) != input.choices.end()) return {};
  std::string choices;
  for (const std::string& choice : input.choices) choices += (choices.empty() ? "" : ", ") + choice;
  return fail(ErrorCode::invalid_argument, "input " + sys::quoted(input.name) + " cannot be " + base::to_text(value),
              "one of " + choices);
}

base::Result<void> check_input_names(const std::vector<item::Input>& inputs, const JsonObject& given,
                                     const std::string& name) {
  std::vector<std::string_view> names;
  std::string list;
  for (const item::Input& input : inputs) {
    names.push_back(input.name);
    list += (list.empty() ? "it is given " : ", ") + input.name;
  }
  for (const auto& [key, value] : given) {
    if (names.empty() || key.starts_with('_') || std::ranges::find(names, key) != names.end()) continue;
    return fail(ErrorCode::invalid_argument, sys::quoted(name) + " has no input " + sys::quoted(key),
                base::guess(key, names, list));
  }
  return {};
}

std::string run_key(const Json& run) {
  return run.string_or("kind") + "\n" + run.string_or("name") + "\n" + run.string_or("source");
}

void check_inputs(const kernel::CallContext& call, brain::Proposal& said, const KnownInputs& known) {
  for (brain::ProposedCall& one : said.calls) {
    if (one.name != "item.run" || !one.arguments.is_object() || !one.results.empty()) continue;
    JsonObject& run = one.arguments.as_object();
    const auto read = known.find(run_key(run));
    const std::optional<std::vector<item::Input>> inputs =
        read == known.end() ? inputs_of(call, run) : std::optional(read->second);
    const Json* before = run.find("inputs");
    if (!inputs || (before && !before->is_object())) continue;
    JsonObject given = before ? before->as_object() : JsonObject{};
    Faults faults = faults_of(*inputs, given, Json(run).string_or("name"));
    if (!given.empty()) run.set("inputs", std::move(given));
    if (faults.why.empty()) continue;
    said.tool = one.name;
    said.why = std::move(faults.why);
    said.missing = std::move(faults.inputs);
    said.calls.clear();
    return;
  }
}

}  // namespace lilux::tools
