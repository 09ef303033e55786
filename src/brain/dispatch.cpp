#include "brain/dispatch.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "brain/extract_text.h"

namespace lilux::brain {

namespace {

constexpr std::size_t kCommandBytesMax = 64 * 1024;

enum class Takes : std::uint8_t { nothing, name, text };  // behind the verb and the kind

struct Form {
  std::string_view words;  // as they are said
  std::string_view verb;
  std::string_view kind;
  Takes takes;
};

// Longer forms before those they begin with.
constexpr Form kForms[] = {
    {"search directives", "search", "directive", Takes::text},
    {"search scripts", "search", "script", Takes::text},
    {"search knowledge", "search", "knowledge", Takes::text},
    {"load directive", "load", "directive", Takes::name},
    {"load script", "load", "script", Takes::name},
    {"load knowledge", "load", "knowledge", Takes::name},
    {"run directive", "run", "directive", Takes::name},
    {"run script", "run", "script", Takes::name},
    {"run knowledge", "run", "knowledge", Takes::name},
    {"run", "run", "directive", Takes::name},
    {"create directive", "create", "directive", Takes::name},
    {"create script", "create", "script", Takes::name},
    {"create knowledge", "create", "knowledge", Takes::name},
    {"edit directive", "edit", "directive", Takes::name},
    {"delete directive", "delete", "directive", Takes::name},
    {"sync directives", "sync", "directive", Takes::nothing},
    {"sync scripts", "sync", "script", Takes::nothing},
    {"sync knowledge", "sync", "knowledge", Takes::nothing},
    {"sync agent config", "sync", "agent_config", Takes::nothing},
    {"bootstrap", "bootstrap", "", Takes::name},
    {"init", "init", "", Takes::name},
    {"anneal script", "anneal", "script", Takes::name},
    {"anneal directive", "anneal", "directive", Takes::name},
};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Takes words off the front when the text begins with them, whatever stands between them.
bool take_words(std::string_view& text, std::string_view words) {
  std::string_view rest = text;
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    rest = trimmed(rest);
    if (rest.size() < word.size() || lowered(rest.substr(0, word.size())) != word) return false;
    rest.remove_prefix(word.size());
    if (!rest.empty() && !is_space(rest.front())) return false;
  }
  text = trimmed(rest);
  return true;
}

// A word, or what stands in quotes.
std::optional<std::string> take_name(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const char mark = text.front();
  if (mark == '"' || mark == '\'' || mark == '`') {
    const std::size_t end = text.find(mark, 1);
    if (end == std::string_view::npos || end == 1) return std::nullopt;
    const std::string name(text.substr(1, end - 1));
    text = text.substr(end + 1);
    if (!text.empty() && !is_space(text.front())) return std::nullopt;
    text = trimmed(text);
    return name;
  }
  std::size_t end = 0;
  while (end < text.size() && !is_space(text[end])) ++end;
  std::string name(text.substr(0, end));
  text = trimmed(text.substr(end));
  return name;
}

// The object at the front, to the bracket that closes it.
std::optional<base::JsonObject> take_object(std::string_view& text) {
  if (!text.starts_with('{')) return std::nullopt;
  std::size_t depth = 0;
  bool is_text = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_text && c == '\\') {
      ++at;
      continue;
    }
    if (c == '"') is_text = !is_text;
    if (is_text) continue;
    if (c == '{') ++depth;
    if (c != '}' || --depth > 0) continue;
    const auto parsed = base::parse_json(text.substr(0, at + 1));
    if (!parsed || !parsed->is_object()) return std::nullopt;
    text = trimmed(text.substr(at + 1));
    return parsed->as_object();
  }
  return std::nullopt;
}

bool take_place(std::string_view& text, std::string_view word, std::span<const std::string_view> places,
                std::string& into) {
  std::string_view rest = text;
  if (!take_words(rest, word)) return false;
  for (const std::string_view place : places) {
    if (!take_words(rest, place)) continue;
    if (!into.empty()) return false;
    into = place;
    text = rest;
    return true;
  }
  return false;
}

// One modifier off the front; each may stand once.
bool take_modifier(std::string_view& text, Dispatched& found) {
  constexpr std::array<std::string_view, 2> kTo{"user", "project"};
  constexpr std::array<std::string_view, 3> kFrom{"registry", "user", "project"};
  if (take_place(text, "to", kTo, found.destination) || take_place(text, "from", kFrom, found.source)) return true;
  if (!found.is_dry_run && (take_words(text, "dry run") || take_words(text, "dry-run"))) return found.is_dry_run = true;
  std::string_view rest = text;
  if (found.version.empty() && take_words(rest, "version")) {
    const auto version = take_name(rest);
    if (!version) return false;
    found.version = *version;
    text = rest;
    return true;
  }
  if (found.inputs.empty() && (take_words(rest, "with inputs") || take_words(rest, "with params"))) {
    auto inputs = take_object(rest);
    if (!inputs) return false;
    found.inputs = std::move(*inputs);
    text = rest;
    return true;
  }
  return false;
}

bool take_modifiers(std::string_view text, Dispatched& found) {
  while (!text.empty()) {
    if (!take_modifier(text, found)) return false;
  }
  return true;
}

// The words that are searched for go as far as modifiers do not begin.
bool take_text(std::string_view text, Dispatched& found) {
  if (text.empty()) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at == 0 || !is_space(text[at - 1]) || is_space(text[at])) continue;
    Dispatched rest = found;
    if (!take_modifiers(text.substr(at), rest)) continue;
    rest.name = std::string(trimmed(text.substr(0, at)));
    found = std::move(rest);
    return true;
  }
  found.name = std::string(text);
  return true;
}

bool fill(const Form& form, std::string_view text, Dispatched& found) {
  if (form.takes == Takes::text) return take_text(text, found);
  if (form.takes == Takes::name) {
    auto name = take_name(text);
    if (!name) return false;
    found.name = std::move(*name);
  }
  return take_modifiers(text, found);
}

// "run script" alone is no directive of the name "script".
bool is_kind(std::string_view name) {
  return name == "directive" || name == "script" || name == "knowledge";
}

}  // namespace

std::optional<Dispatched> dispatch(std::string_view text) {
  if (text.size() > kCommandBytesMax) return std::nullopt;
  text = trimmed(text);
  for (const Form& form : kForms) {
    std::string_view rest = text;
    if (!take_words(rest, form.words)) continue;
    Dispatched found{.verb = std::string(form.verb), .kind = std::string(form.kind)};
    if (!fill(form, rest, found)) return std::nullopt;
    if (form.words == "run" && is_kind(found.name)) return std::nullopt;
    if (form.verb == "load" && found.source.empty()) found.source = "project";
    return found;
  }
  return std::nullopt;
}

}  // namespace lilux::brain
