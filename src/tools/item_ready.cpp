#include "tools/item_ready.h"

#include <algorithm>

#include "kernel/kernel.h"
#include "sys/error.h"
#include "text/shell.h"
#include "tools/item_inputs.h"
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
    return fail(ErrorCode::conflict, path + " is not run: it is not as it was stamped", way_to_stamp(ready.found));
  if (const Result<void> sound = item.check(); !sound)
    return base::in_context(base::Error(sound.error()), path + " is broken");
  return {};
}

// What was given and what stands for the rest; names all that is missing at once.
enum class Defaults : std::uint8_t { are_set, are_its_own };  // what a program declares itself, it sets itself
Result<JsonObject> filled(const std::vector<item::Input>& inputs, const std::optional<Json>& given,
                          const item::Place& place, Defaults takes) {
  const std::string& name = place.name;
  if (given && !given->is_object())
    return fail(ErrorCode::invalid_argument, "field 'inputs' is no object", "for example {\"env\": \"test\"}");
  JsonObject made = given ? given->as_object() : JsonObject{};
  TRY(check_input_names(inputs, made, name));
  std::string missing;
  for (const item::Input& input : inputs) {
    const Json* value = made.find(input.name);
    if (value) TRY(check_input(input, *value, name));
    if (!value && input.is_required && !input.value) missing += (missing.empty() ? "" : ", ") + input.name;
    if (!value && input.value && takes == Defaults::are_set) made.set(input.name, *input.value);
  }
  if (missing.empty()) return made;
  return fail(ErrorCode::invalid_argument, std::string(kMissingInputs) + sys::quoted(name) + " are missing: " + missing,
              "`lilux item load " + std::string(base::enum_name(place.kind)) + " " + text::quote(name) +
                  "` shows what it is given");
}

Result<void> check_version(const Ready& ready, const std::optional<std::string>& wanted) {
  const item::Item& item = ready.read.item;
  if (!wanted || item.version == *wanted) return {};
  const std::string kind(base::enum_name(item.place.kind));
  return fail(
      ErrorCode::conflict,
      kind + " " + sys::quoted(item.place.name) + " " +
          (item.version.empty() ? "has no version" : "is version " + item.version + " now") + ", and " + *wanted +
          " was asked for",
      "what it was is shown by `lilux item load " + kind + " " + item.place.name + " --version " + *wanted + "`");
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
  TRY(check_version(made, request.version));
  add_unknown_tools(call, made.read.content.bytes, made.read.item);
  TRY(check_runs(call, volumes, made));
  if (const auto* document = std::get_if<item::Document>(&made.read.item.detail);
      document && request.kind == Kind::template_item)
    made.read.item.inputs = item::inputs_of_line(*document, TRY(templates_for(call, volumes)));
  const auto* script = std::get_if<item::Script>(&made.read.item.detail);
  const Defaults defaults = script && !script->are_inputs_declared ? Defaults::are_its_own : Defaults::are_set;
  made.inputs = TRY(filled(made.read.item.inputs, request.inputs, made.read.item.place, defaults));
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
