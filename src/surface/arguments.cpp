// Words of a command line into the fields of a request, by its schema.

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/escape.h"
#include "base/nearest.h"
#include "surface/cli.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

namespace {

std::string field_name(std::string_view flag) {
  std::string name(flag);
  std::ranges::replace(name, '-', '_');
  return name;
}

Result<Json> value_of(const Json& schema, const std::string& name, const std::string& text) {
  if (!base::is_utf8(text))  // on its way to the daemon it would become another text
    return fail(ErrorCode::invalid_argument, "--" + name + ": '" + base::escape_for_terminal(text) + "' is not UTF-8",
                "arguments are text");
  const std::string type = schema.string_or("type");
  if (type == "string") return Json(text);
  if (type == "boolean" && (text == "true" || text == "false")) return Json(text == "true");
  if (type == "array" && !text.starts_with('[')) {
    const Json* items = schema.find("items");
    return base::JsonArray{TRY(value_of(items ? *items : Json(JsonObject{}), name, text))};
  }
  Result<Json> parsed = base::parse_json(text);
  if (parsed) return parsed;
  if (type.empty()) return Json(text);  // anything: what is no JSON is text
  return fail(ErrorCode::invalid_argument,
              "--" + name + ": '" + std::string(base::clipped(text, 100)) + "' is no " + type,
              type == "object"    ? "write JSON: '{\"name\": \"value\"}'"
              : type == "boolean" ? "--" + name + " or --no-" + name
                                  : "for example --" + name + " 10");
}

// Repeated lists and objects grow; anything else is said once.
Result<void> put(JsonObject& into, const std::string& name, Json value) {
  Json* before = into.find(name);
  if (!before) {
    into.set(name, std::move(value));
    return {};
  }
  if (!before->is_array() || !value.is_array())
    return fail(ErrorCode::invalid_argument, "--" + name + " is given twice", "give it once");
  for (Json& entry : value.as_array()) before->as_array().push_back(std::move(entry));
  return {};
}

std::unexpected<base::Error> unknown(const Json& properties, const std::string& name) {
  std::vector<std::string_view> names;
  std::string all;
  for (const auto& [key, value] : properties.as_object()) {
    names.push_back(key);
    all.append(all.empty() ? "--" : ", --").append(key);
  }
  const auto near = base::nearest(name, names);
  return fail(ErrorCode::invalid_argument, "unknown flag --" + std::string(base::clipped(name, 100)),
              near          ? "did you mean --" + std::string(*near) + "?"
              : all.empty() ? "it takes no flags"
                            : "flags are " + all);
}

}  // namespace

Result<Json> arguments_from(const Json& schema, std::span<const std::string_view> positional,
                            std::span<const std::string> words) {
  const Json properties = schema.find("properties") ? *schema.find("properties") : Json(JsonObject{});
  JsonObject made;
  std::size_t next_positional = 0;
  bool only_words = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--" && !only_words) {
      only_words = true;
      continue;
    }
    if (only_words || !word.starts_with("--")) {
      const bool has_place = next_positional < positional.size();
      const Json* field = has_place ? properties.find(positional[next_positional]) : nullptr;
      const std::string type = field ? field->string_or("type") : "string";
      // A list may hold flags of its own, a number has a sign.
      if (!only_words && type == "string" && word.size() > 1 && word.starts_with('-'))
        return fail(ErrorCode::invalid_argument, "unknown flag '" + std::string(base::clipped(word, 100)) + "'",
                    "flags are written out: --name value; behind a lone -- a word may begin with '-'");
      if (!has_place)
        return fail(
            ErrorCode::invalid_argument, "unexpected word '" + std::string(base::clipped(word, 100)) + "'",
            positional.empty() ? "fields are given as flags: --name value" : "quote words that belong together");
      const std::string name(positional[next_positional]);
      if (type != "array") ++next_positional;
      TRY(put(made, name, TRY(value_of(field ? *field : Json(JsonObject{}), name, word))));
      continue;
    }
    const std::size_t equals = word.find('=');
    std::string name = field_name(std::string_view(word).substr(2, equals == std::string::npos ? equals : equals - 2));
    const Json* field = properties.find(name);
    if (!field && name.starts_with("no_") && properties.find(name.substr(3))) {
      TRY(put(made, name.substr(3), false));
      continue;
    }
    if (!field) return unknown(properties, name);
    if (equals != std::string::npos) {
      TRY(put(made, name, TRY(value_of(*field, name, word.substr(equals + 1)))));
    } else if (field->string_or("type") == "boolean") {
      TRY(put(made, name, true));
    } else if (i + 1 < words.size()) {
      TRY(put(made, name, TRY(value_of(*field, name, words[++i]))));
    } else {
      return fail(ErrorCode::invalid_argument, "--" + name + " needs a value", field->string_or("description"));
    }
  }
  return Json(std::move(made));
}

}  // namespace lilux::surface
