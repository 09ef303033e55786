#include "text/front_matter.h"

#include <algorithm>

#include "text/edit.h"
#include "text/fault.h"

namespace lilux::text {

using base::Json;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::string_view kFence = "---";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_fence(std::string_view text, const LineSpan& line) {
  const std::string_view all = text_of(text, line);
  return all.starts_with(kFence) && all.find_first_not_of(" \t", kFence.size()) == std::string_view::npos;
}

// "[issue] [priority]": brackets that are part of a text, as something follows those that the value begins with.
bool is_text_in_brackets(std::string_view value) {
  const bool is_list = value.front() == '[';
  if (!is_list && value.front() != '{') return false;
  int depth = 0;
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (value[at] == '"' || value[at] == '\'') return false;
    if (value[at] == (is_list ? '[' : '{')) ++depth;
    if (value[at] == (is_list ? ']' : '}') && --depth == 0) {
      const std::size_t next = skip_blanks(value, at + 1);
      return next < value.size() && value[next] != '#';
    }
  }
  return false;
}

// "*.ts,src/**": a pattern of files and no alias, which has a name behind its star.
bool is_pattern(std::string_view value) {
  return value == "*" || (value.size() > 1 && value.front() == '*' && std::string_view("*./,").contains(value[1]));
}

// Lines "key: value" of the outermost mapping with their values in quotes, where these only lack them: a colon within,
// brackets that close too early, or a pattern of files. Anchors and aliases stay what they are, and so do the signs
// that no value begins with.
std::string quoted_values(std::string_view text) {
  std::string made;
  for (std::size_t at = 0; at < text.size();) {
    const LineSpan line = line_at(text, at);
    const std::string_view all = text_of(text, line);
    const std::size_t colon = all.find(": ");
    const std::size_t value = colon == std::string_view::npos ? all.size() : skip_blanks(all, colon + 1);
    const bool has_key = value < all.size() && all.front() != '-' && all.find_first_of(" \t#\"'[{") > colon;
    const bool is_text = has_key && is_text_in_brackets(all.substr(value));
    const bool has_colon = has_key && !std::string_view("\"'[{|>&!*@%`").contains(all[value]) &&
                           (all.substr(value).contains(": ") || all.ends_with(':'));
    if (has_key && (has_colon || is_text || is_pattern(all.substr(value))))
      made += std::string(all.substr(0, value)) + yaml_inline(Json(all.substr(value)));
    else
      made += all;
    made += '\n';
    at = line.next;
  }
  return made;
}

Result<Yaml> parse_head(std::string_view text, FrontMatter& front, FrontMatterReading reading) {
  Result<Yaml> made = parse_yaml(text.substr(0, front.end), front.begin);
  if (made || reading == FrontMatterReading::strict) return made;
  Result<Yaml> mended = parse_yaml(quoted_values(text.substr(front.begin, front.end - front.begin)));
  if (!mended) return made;
  front.is_mended = true;
  mended->span = {.at = front.begin, .begin = front.begin, .end = front.end};
  return mended;
}

const YamlSpan* span_of(const FrontMatter& front, std::string_view key) {
  const auto& members = front.value.as_object();
  const auto found = std::ranges::find(members, key, [](const auto& member) { return std::string_view(member.first); });
  const auto index = static_cast<std::size_t>(found - members.begin());
  return found != members.end() && index < front.span.inner.size() ? &front.span.inner[index] : nullptr;
}

}  // namespace

std::size_t FrontMatter::place_of(std::string_view key) const {
  const YamlSpan* found = span_of(*this, key);
  return found ? found->begin : begin;
}

Result<std::optional<FrontMatter>> parse_front_matter(std::string_view text, FrontMatterReading reading) {
  const std::size_t start = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const LineSpan first = line_at(text, start);
  if (!is_fence(text, first)) return std::nullopt;
  FrontMatter front{.begin = first.next};
  LineSpan line = line_at(text, first.next);
  while (!is_fence(text, line)) {
    if (line.next >= text.size())
      return fault_at(text, start, "the front matter is not closed", "end it with a line of '---'");
    line = line_at(text, line.next);
  }
  front.end = line.begin;
  front.body = line.next;
  if (front.end - front.begin > kFrontMatterBytesMax)
    return fault_at(text, start, "the front matter is larger than 256 KiB", "say less in it, and the rest below it");
  Yaml made = TRY(parse_head(text, front, reading));
  if (made.value.is_null()) return front;
  if (!made.value.is_object())
    return fault_at(text, made.span.begin, "the front matter is no mapping", "write one 'key: value' a line");
  front.value = std::move(made.value);
  front.span = std::move(made.span);
  return front;
}

std::string front_matter_text(std::string_view text, const FrontMatter& front, std::string_view key) {
  const Json* value = front.value.find(key);
  if (!value || value->is_null() || value->is_array() || value->is_object()) return {};
  if (value->is_string()) return value->as_string();
  const YamlSpan* span = span_of(front, key);
  return span ? std::string(text.substr(span->begin, span->end - span->begin)) : base::to_text(*value);
}

namespace {

std::string with_line(std::string_view text, const FrontMatter& front, const YamlSpan* span, std::string_view key,
                      std::string_view yaml) {
  if (!span) {
    const std::size_t first = front.span.inner.empty() ? front.begin : front.span.inner.front().at;
    const std::string line = std::string(indent_at(text, first)) + yaml_inline(Json(key)) + ": " + std::string(yaml);
    return edited(text, {{.at = front.end, .size = 0, .text = line + std::string(line_end_of(text))}});
  }
  std::size_t end = std::max(span->end, span->colon);
  if (yaml.empty()) {
    if (text[end - 1] != '\n') end = line_at(text, end).next;
    const std::size_t begin = line_begin(text, span->at);
    return edited(text, {{.at = begin, .size = end - begin}});
  }
  // A text in a block ends behind its last line end, which stays.
  while (end > span->colon && (text[end - 1] == '\n' || text[end - 1] == '\r')) --end;
  return edited(text, {{.at = span->colon, .size = end - span->colon, .text = " " + std::string(yaml)}});
}

}  // namespace

Result<std::string> with_front_matter(std::string_view text, std::string_view key, std::string_view yaml) {
  const std::optional<FrontMatter> front = TRY(parse_front_matter(text));
  if (!front) {
    if (yaml.empty()) return std::string(text);
    const std::string end(line_end_of(text));
    const std::string fence = std::string(kFence) + end;
    return fence + yaml_inline(Json(key)) + ": " + std::string(yaml) + end + fence + std::string(text);
  }
  const YamlSpan* span = span_of(*front, key);
  if (!span && yaml.empty()) return std::string(text);
  std::string made = with_line(text, *front, span, key, yaml);
  Json wanted = front->value;
  if (yaml.empty())
    wanted.as_object().erase(key);
  else
    wanted.as_object().set(key, TRY(parse_yaml(yaml)).value);
  const Result<std::optional<FrontMatter>> again = parse_front_matter(made);
  if (again && *again && (*again)->value == wanted) return made;
  return fault_at(text, front->span.begin, "the front matter is written in a way that cannot be edited safely",
                  "write one key a line");
}

}  // namespace lilux::text
