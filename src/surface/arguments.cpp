#include "surface/arguments.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/encoding.h"
#include "base/escape.h"
#include "base/nearest.h"
#include "base/time.h"
#include "surface/verbs.h"
#include "sys/file.h"
#include "sys/io.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::string_view kTimeout = "timeout";  // of tools that run programs, and of all calls
constexpr std::size_t kInputBytesMax = std::size_t{64} << 20;

// Puts a common flag where it belongs; false when the word is none. `value` gives what follows the flag.
template <class Value>
Result<bool> take_common(Common& common, std::string_view word, std::string_view flag, Value value) {
  if (word == "--json")
    common.is_json = true;
  else if (word == "--yes" || word == "-y")
    common.is_yes = true;
  else if (flag == "--args")
    common.arguments = TRY(value());
  else if (flag == "--reason")
    common.reason = TRY(value());
  else if (flag == "--as-task")
    common.task = TRY(value());
  else if (flag == "--idempotency-key")
    common.key = TRY(value());
  else if (flag == "--timeout")
    common.timeout = TRY(base::parse_duration(TRY(value())));
  else
    return word == "--no-color";  // nothing is coloured
  return true;
}

std::string field_name(std::string_view flag) {
  std::string name(flag);
  std::ranges::replace(name, '-', '_');
  return name;
}

// Tools count in seconds what people say as "2m".
Result<Json> seconds_of(const std::string& text) {
  Result<std::chrono::milliseconds> time = base::parse_duration(text);
  if (!time) return base::in_context(std::move(time.error()), "--" + std::string(kTimeout));
  return Json(std::chrono::ceil<std::chrono::seconds>(*time).count());
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
  if (type == "integer" && name == kTimeout) return seconds_of(text);
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
  return fail(ErrorCode::invalid_argument, "unknown flag --" + std::string(base::clipped(name, 100)),
              base::guess(name, names, all.empty() ? "it takes no flags" : "flags are " + all, "--"));
}

}  // namespace

std::vector<std::string_view> verb_first(std::span<const std::string_view> words) {
  std::vector<std::string_view> names;
  std::vector<std::string_view> flags;
  std::size_t at = 0;
  const auto is_command_next = [&] {
    const Verb* verb = names.empty() ? nullptr : find_verb(names[0]);
    return verb && verb->takes_command;
  };
  for (; at < words.size() && !is_command_next(); ++at) {
    const std::string_view name = words[at].substr(0, words[at].find('='));
    const auto flag = std::ranges::find(common_flags(), name, &Flag::name);
    if (flag != common_flags().end()) {
      flags.push_back(words[at]);
      if (!flag->value.empty() && name == words[at] && at + 1 < words.size()) flags.push_back(words[++at]);
    } else if (words[at].starts_with('-') && !names.empty()) {
      break;
    } else {
      names.push_back(words[at]);
    }
  }
  names.insert(names.end(), flags.begin(), flags.end());
  names.insert(names.end(), words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
  return names;
}

std::size_t count_own(std::span<const std::string_view> words) {
  const Verb* verb = words.empty() ? nullptr : find_verb(words[0]);
  if (!verb || !verb->takes_command) return words.size();
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (!words[i].starts_with('-') || words[i] == "--") return i;
    const auto flag = std::ranges::find(common_flags(), words[i], &Flag::name);
    if (flag != common_flags().end() && !flag->value.empty()) ++i;
  }
  return words.size();
}

Result<Command> read_words(std::span<const std::string_view> words, const Json* schema) {
  Command command;
  const Json* fields = schema ? schema->find("properties") : nullptr;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word(words[i]);
    const std::string flag = word.substr(0, word.find('='));
    const auto value = [&]() -> Result<std::string> {
      if (flag.size() < word.size()) return word.substr(flag.size() + 1);
      if (i + 1 >= words.size()) return fail(ErrorCode::invalid_argument, flag + " needs a value", "lilux help");
      return std::string(words[++i]);
    };
    if (word == "--") {
      command.words.insert(command.words.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      break;
    }
    const Json* field = fields && flag.starts_with("--") ? fields->find(field_name(flag.substr(2))) : nullptr;
    if (!field && TRY(take_common(command.common, word, flag, value))) continue;
    command.words.push_back(word);
    const bool has_value = field && field->string_or("type") != "boolean" && flag.size() == word.size();
    if (has_value && i + 1 < words.size()) command.words.emplace_back(words[++i]);
  }
  return command;
}

Result<Command> only_words(std::string_view verb, std::span<const std::string_view> words, std::size_t most) {
  Command command = TRY(read_words(words, nullptr));
  if (command.words.size() <= most) return command;
  return fail(ErrorCode::invalid_argument, "unexpected word '" + command.words[most] + "'",
              "lilux help " + std::string(verb));
}

Result<Json> whole_arguments(const std::string& text) {
  Result<Json> parsed = base::parse_json(text == "-" ? TRY(sys::read_all(0, kInputBytesMax, "standard input")) : text);
  if (!parsed) return base::in_context(std::move(parsed.error()), "--args");
  return parsed;
}

Result<std::string> read_given(const std::string& path, std::size_t bytes_max) {
  const bool may_wait = TRY(sys::stat(path)).type == sys::FileType::fifo && !path.starts_with("/dev/");
  if (may_wait)
    return fail(ErrorCode::invalid_argument, "'" + path + "' is no regular file but a fifo", "name a regular file");
  return sys::read_file(path, bytes_max);
}

Result<std::int64_t> number_of(std::string_view flag, const std::string& text, std::int64_t most) {
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && rest == text.data() + text.size() && number >= 0 && number <= most) return number;
  return fail(ErrorCode::invalid_argument,
              std::string(flag) + ": '" + std::string(base::clipped(text, 100)) + "' is no whole number from 0 to " +
                  std::to_string(most),
              "for example " + std::string(flag) + " 10");
}

std::vector<std::string_view> positional_of(const Json& schema) {
  std::vector<std::string_view> names;
  const Json* required = schema.find("required");
  const Json* fields = schema.find("properties");
  if (required) {
    for (const Json& name : required->as_array()) names.push_back(name.as_string());
  }
  if (names.empty() && fields && !fields->as_object().empty()) names.push_back(fields->as_object().begin()->first);
  return names;
}

namespace {

// What is written in sentences, which few people quote.
bool is_prose(std::span<const std::string_view> positional) {
  return !positional.empty() && (positional.back() == "query" || positional.back() == "text");
}

}  // namespace

Result<Json> arguments_from(const Json& schema, std::span<const std::string_view> positional,
                            std::span<const std::string> words, Prose prose) {
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
      if (!has_place && prose == Prose::joined && is_prose(positional)) {
        made.set(positional.back(), Json(made).string_or(positional.back()) + " " + word);
        continue;
      }
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
