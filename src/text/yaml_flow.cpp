// Lists and mappings in brackets and braces.

#include <unordered_set>
#include <utility>

#include "text/yaml_reader.h"

namespace lilux::text {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

Result<Yaml> YamlReader::flow(Indent parent) {
  if (depth_ >= kDepthMax) return wrong(pos_, "it is nested too deeply", "at most 64 levels");
  ++depth_;
  const std::size_t at = pos_;
  const std::size_t around = std::exchange(opened_, at);
  Result<Yaml> made = peek() == '[' ? flow_sequence(parent) : flow_mapping(parent);
  --depth_;
  opened_ = around;
  if (made) made->span = {.at = at, .begin = at, .end = pos_, .inner = std::move(made->span.inner)};
  return made;
}

Result<Yaml> YamlReader::flow_sequence(Indent parent) {
  Yaml made;
  JsonArray list;
  const std::size_t opened = pos_++;
  while (true) {
    TRY(skip_in_flow(parent));
    if (peek() == ']') break;
    if (at_end()) return wrong(opened, "'[' is not closed");
    Yaml entry = TRY(flow_entry(parent));
    list.push_back(std::move(entry.value));
    made.span.inner.push_back(std::move(entry.span));
    TRY(skip_in_flow(parent));
    if (at_end()) return wrong(opened, "'[' is not closed");
    if (peek() == ',')
      ++pos_;
    else if (peek() != ']')
      return wrong(pos_, "',' or ']' is expected here");
  }
  ++pos_;
  made.value = std::move(list);
  return made;
}

// A value, or a single pair that stands for an object: [a: 1].
Result<Yaml> YamlReader::flow_entry(Indent parent) {
  const bool is_quoted = peek() == '"' || peek() == '\'';
  const bool is_nested = peek() == '[' || peek() == '{';
  const Mark from = mark();
  Yaml first = TRY(flow_value(parent));
  const Mark behind = mark();
  skip_blanks();
  const bool is_pair = peek() == ':' && (is_quoted || is_nested || at_colon(Style::flow));
  if (!is_pair) {
    go_back(behind);
    return first;
  }
  if (is_nested || line_ != from.line) return wrong(from.at, "keys that are no scalars on one line are not read");
  if (behind.at - from.at > kKeyBytesMax) return wrong(from.at, "a key is longer than 1024 bytes");
  const std::string key(is_quoted ? first.value.as_string() : text_.substr(from.at, first.span.end - from.at));
  ++pos_;
  TRY(skip_in_flow(parent));
  Yaml value{.value = nullptr, .span = {.at = pos_, .begin = pos_, .end = pos_}};
  if (peek() != ',' && peek() != ']') value = TRY(flow_value(parent));
  value.span.at = from.at;
  Yaml made{.value = JsonObject{{key, std::move(value.value)}},
            .span = {.at = from.at, .begin = from.at, .end = value.span.end}};
  made.span.inner.push_back(std::move(value.span));
  return made;
}

Result<Yaml> YamlReader::flow_mapping(Indent parent) {
  Yaml made;
  std::vector<JsonObject::Member> members;
  std::unordered_set<std::string> names;
  const std::size_t opened = pos_++;
  while (true) {
    TRY(skip_in_flow(parent));
    if (peek() == '}') break;
    if (at_end()) return wrong(opened, "'{' is not closed");
    if (peek() == '[' || peek() == '{') return wrong(pos_, "keys that are no scalars are not read");
    const bool is_quoted = peek() == '"' || peek() == '\'';
    const std::size_t at = pos_;
    Yaml key = TRY(flow_value(parent));
    const std::string name(is_quoted ? key.value.as_string() : text_.substr(at, key.span.end - at));
    if (name.size() > kKeyBytesMax || name.contains('\n')) return wrong(at, "a key does not end on its line");
    if (!names.insert(name).second) return wrong(at, "the key '" + name + "' stands here a second time");
    TRY(skip_in_flow(parent));
    Yaml value{.value = nullptr, .span = {.at = pos_, .begin = pos_, .end = pos_}};
    if (peek() == ':') {
      const std::size_t colon = ++pos_;
      TRY(skip_in_flow(parent));
      if (peek() != ',' && peek() != '}') value = TRY(flow_value(parent));
      value.span.colon = colon;
    }
    value.span.at = at;
    members.emplace_back(name, std::move(value.value));
    made.span.inner.push_back(std::move(value.span));
    TRY(skip_in_flow(parent));
    if (at_end()) return wrong(opened, "'{' is not closed");
    if (peek() == ',')
      ++pos_;
    else if (peek() != '}')
      return wrong(pos_, "',' or '}' is expected here");
  }
  ++pos_;
  made.value = JsonObject::from_unique(std::move(members));
  return made;
}

Result<Yaml> YamlReader::flow_value(Indent parent) {
  if (at_end()) return wrong(pos_, "a value is missing at the end");
  return inline_value(parent, Style::flow);
}

Result<void> YamlReader::skip_in_flow(Indent parent) {
  const bool is_below = TRY(skip_to_content());
  if (!is_below || at_end()) return {};
  const std::string open = "'" + std::string(1, text_[opened_]) + "' is not closed";
  if (at_marker()) return wrong(opened_, open);
  if (!is_within(parent))
    return wrong(opened_, open + " before a line that is indented too little to be in it",
                 "close it, or indent that line");
  return {};
}

}  // namespace lilux::text
