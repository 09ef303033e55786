#include "tools/item_ready.h"

#include <algorithm>

#include "base/nearest.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "tools/script_environment.h"
#include "tools/script_packages.h"

namespace lilux::tools::item_tools {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;

namespace {

Result<void> check_runs(const CallContext& call, const Volumes& volumes, const Ready& ready) {
  const item::Item& item = ready.read.item;
  const std::string path = sys::quoted(path_of(ready.found));
  if (!volumes.is_trusted(*ready.found.volume))
    return fail(ErrorCode::denied, path + " is not run: nobody trusts this project yet",
                "look at it; then `lilux policy trust " + call.caller().project + "`");
  if (!item.stamp.fits())
    return fail(ErrorCode::conflict, path + " is not run: it is not as it was stamped",
                "look at it; then `lilux item update " + std::string(base::enum_name(item.place.kind)) + " " +
                    item.place.name + "` stamps it");
  if (const Result<void> sound = item.check(); !sound)
    return base::in_context(base::Error(sound.error()), path + " is broken");
  return {};
}

bool is_of_type(const Json& value, const std::string& type) {
  if (type == "integer" || type == "int") return value.is_integer();
  if (type == "number" || type == "float") return value.is_number();
  if (type == "boolean" || type == "bool") return value.is_bool();
  if (type == "array" || type == "list") return value.is_array();
  if (type == "object" || type == "dict") return value.is_object();
  if (type == "string" || type == "str") return value.is_string();
  return true;
}

Result<void> check_input(const item::Input& input, const Json& value, const std::string& name) {
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

// A name that is none of them is a mistake where there are any; those with an underscore are for who runs it.
Result<void> check_names(const std::vector<item::Input>& inputs, const JsonObject& given, const std::string& name) {
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

// What was given and what stands for the rest; names all that is missing at once.
enum class Defaults : std::uint8_t { are_set, are_its_own };  // a script knows its defaults itself
Result<JsonObject> filled(const std::vector<item::Input>& inputs, const std::optional<Json>& given,
                          const std::string& name, Defaults takes) {
  if (given && !given->is_object())
    return fail(ErrorCode::invalid_argument, "field 'inputs' is no object", "for example {\"env\": \"test\"}");
  JsonObject made = given ? given->as_object() : JsonObject{};
  TRY(check_names(inputs, made, name));
  std::string missing;
  for (const item::Input& input : inputs) {
    const Json* value = made.find(input.name);
    if (value) TRY(check_input(input, *value, name));
    if (!value && input.is_required && !input.value) missing += (missing.empty() ? "" : ", ") + input.name;
    if (!value && input.value && takes == Defaults::are_set) made.set(input.name, *input.value);
  }
  if (missing.empty()) return made;
  return fail(ErrorCode::invalid_argument, std::string(kMissingInputs) + sys::quoted(name) + " are missing: " + missing,
              "`lilux item load` shows what it is given");
}

}  // namespace

Result<std::string> packages_of(const CallContext& call, const FoundItem& found) {
  const std::string of_user =
      found.volume->place().scope == item::Scope::user ? found.volume->place().folder + "/scripts" : std::string();
  const bool has_own = !of_user.empty() && TRY(script::environment_in(call, of_user));
  return has_own ? of_user : script::project_scripts(call);
}

Result<item::FindTemplate> templates_for(const CallContext& call, const Volumes& volumes) {
  return [sight = TRY(Sight::of(call)), &volumes](std::string_view name) -> std::optional<std::string> {
    const Result<FoundItem> other = volumes.find(Kind::template_item, std::string(name), std::nullopt);
    if (!other || !volumes.is_trusted(*other->volume) || sight.is_denied(path_of(*other))) return std::nullopt;
    const Result<ReadItem> read = read_item(*other);
    return read ? std::optional(read->content.bytes) : std::nullopt;
  };
}

Result<Ready> ready(const CallContext& call, const Volumes& volumes, const RunRequest& request) {
  Ready made{.found = TRY(volumes.find(request.kind, request.name, request.source)), .read = {}, .inputs = {}};
  made.read = TRY(read_item(made.found));
  add_unknown_tools(call, made.read.content.bytes, made.read.item);
  TRY(check_runs(call, volumes, made));
  if (const auto* document = std::get_if<item::Document>(&made.read.item.detail);
      document && request.kind == Kind::template_item)
    made.read.item.inputs = item::inputs_of_line(*document, TRY(templates_for(call, volumes)));
  const Defaults defaults = request.kind == Kind::script ? Defaults::are_its_own : Defaults::are_set;
  made.inputs = TRY(filled(made.read.item.inputs, request.inputs, request.name, defaults));
  const auto* script = std::get_if<item::Script>(&made.read.item.detail);
  if (script && script->language == item::ScriptLanguage::python)
    TRY(check_packages(*script, TRY(packages_of(call, made.found))));
  return made;
}

RunResponse begun(const Ready& ready, std::string status) {
  const item::Item& item = ready.read.item;
  return {.status = std::move(status), .name = item.place.name, .description = item.description};
}

void warn_of(const std::vector<std::string>& left_out, std::optional<std::string>& warning) {
  for (const std::string& one : left_out) warning = (warning ? *warning + ", " : "it runs without the right to ") + one;
}

}  // namespace lilux::tools::item_tools
