#include "text/yaml.h"

#include <algorithm>
#include <unordered_set>

#include "base/encoding.h"
#include "text/edit.h"
#include "text/fault.h"
#include "text/yaml_reader.h"

namespace lilux::text {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kBytesMax = std::size_t{4} << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

YamlReader::YamlReader(std::string_view text, std::size_t begin, std::size_t end)
    : text_(text.substr(0, end)), begin_(begin), pos_(begin), line_(line_begin(text, begin)) {}

Result<Yaml> YamlReader::document() {
  TRY(check_characters());
  if (pos_ == 0 && text_.starts_with(kByteOrderMark)) pos_ = line_ = kByteOrderMark.size();
  TRY(skip_to_content());
  if (peek() == '%' && column() == 0) return wrong(pos_, "directives are not read", "leave the line out");
  const bool is_marked = at_marker() && peek() == '-';
  if (is_marked) pos_ += 3;
  Yaml made = TRY(node(-1, is_marked ? After::colon : After::nothing));
  TRY(after_document());
  return made;
}

Result<void> YamlReader::after_document() {
  TRY(skip_to_content());
  if (at_marker() && peek() == '.') {
    pos_ += 3;
    TRY(end_of_value());
    TRY(skip_to_content());
  }
  if (at_end()) return {};
  if (at_marker() || peek() == '%') return wrong(pos_, "a second document begins here", "only one is read");
  return wrong(pos_, "this belongs to nothing above it", "indent it like what it belongs to");
}

Result<Yaml> YamlReader::value(Indent indent) {
  TRY(check_characters());
  Yaml made = TRY(node(indent, After::colon));
  TRY(skip_to_content());
  if (!at_end()) return wrong(pos_, "this belongs to nothing above it", "indent it like what it belongs to");
  return made;
}

Result<void> YamlReader::check_characters() const {
  if (text_.size() - begin_ > kBytesMax) return wrong(begin_, "it is larger than 4 MiB");
  if (!base::is_utf8(text_.substr(begin_))) return wrong(begin_, "it is not UTF-8", "save it as UTF-8");
  for (std::size_t i = begin_; i < text_.size(); ++i) {
    const char c = text_[i];
    if (c == '\r' && text_.substr(i + 1, 1) != "\n") return wrong(i, "a carriage return that ends no line");
    const bool is_control = static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\n' && c != '\r';
    if (is_control || c == '\x7F') return wrong(i, "a control character", "write it as an escape in double quotes");
  }
  return {};
}

Result<Yaml> YamlReader::node(Indent parent, After after) {
  if (depth_ >= kDepthMax) return wrong(pos_, "it is nested too deeply", "at most 64 levels");
  const Mark before = mark();
  const bool is_below = TRY(skip_to_content()) || after == After::nothing;
  const Yaml nothing{.value = nullptr, .span = {.at = before.at, .begin = before.at, .end = before.at}};
  if (at_end()) return nothing;
  ++depth_;
  const auto made = [&]() -> Result<Yaml> {
    if (is_below) {
      const bool is_list_of_key = after == After::colon && static_cast<Indent>(column()) == parent && at_dash();
      if (at_marker() || (!is_within(parent) && !is_list_of_key)) return nothing;
      return block(parent);
    }
    if (after == After::colon) return inline_value(parent, Style::block);
    const bool has_tab = text_.substr(before.at, pos_ - before.at).contains('\t');
    if (has_tab && (at_dash() || is_key())) return wrong(pos_, "a tab stands before it", "indent with spaces");
    return block(parent);
  }();
  --depth_;
  return made;
}

Result<Yaml> YamlReader::block(Indent parent) {
  if (at_dash()) return sequence(column());
  if (is_key()) return mapping(column());
  return inline_value(parent, Style::block);
}

Result<Yaml> YamlReader::sequence(std::size_t column) {
  JsonArray list;
  Yaml made{.value = {}, .span = {.at = pos_, .begin = pos_}};
  while (true) {
    ++pos_;
    Yaml entry = TRY(node(static_cast<Indent>(column), After::dash));
    made.span.end = std::max(entry.span.end, pos_);
    list.push_back(std::move(entry.value));
    made.span.inner.push_back(std::move(entry.span));
    TRY(skip_to_content());
    if (at_end() || this->column() < column || at_marker()) break;
    if (this->column() > column) return wrong(pos_, "it is indented more than the entry before it");
    if (!at_dash()) break;
  }
  made.span.end = made.span.inner.back().end;
  made.value = std::move(list);
  return made;
}

Result<Yaml> YamlReader::mapping(std::size_t column) {
  std::vector<JsonObject::Member> members;
  std::unordered_set<std::string> names;
  Yaml made{.value = {}, .span = {.at = pos_, .begin = pos_}};
  while (true) {
    Key key = TRY(this->key());
    if (!names.insert(key.name).second) return wrong(key.at, "the key '" + key.name + "' stands here a second time");
    const std::size_t colon = pos_;
    Yaml member = TRY(node(static_cast<Indent>(column), After::colon));
    member.span.at = key.at;
    member.span.colon = colon;
    members.emplace_back(std::move(key.name), std::move(member.value));
    made.span.inner.push_back(std::move(member.span));
    TRY(skip_to_content());
    if (at_end() || this->column() < column || at_marker()) break;
    if (this->column() > column)
      return wrong(pos_, "it is indented more than the key before it", "indent keys of one mapping alike");
    if (!is_key()) {
      if (at_dash() || peek() == '?') return wrong(pos_, "a key is expected here");
      TRY(inline_value(static_cast<Indent>(column) - 1, Style::block));
      return wrong(pos_, "a key with a colon is expected here", "write 'key: value', or indent it to go on above");
    }
  }
  made.span.end = made.span.inner.back().end;
  made.value = JsonObject::from_unique(std::move(members));
  return made;
}

bool YamlReader::is_key() const {
  YamlReader ahead = *this;
  if (peek() == '"' || peek() == '\'') {
    if (!ahead.quoted(-1) || ahead.line_ != line_) return false;
  } else {
    if (!begins_plain(Style::block)) return false;
    ahead.plain_line(Style::block);
  }
  ahead.skip_blanks();
  return ahead.at_colon(Style::block);
}

Result<YamlReader::Key> YamlReader::key() {
  Key key{.name = {}, .at = pos_};
  if (peek() == '"' || peek() == '\'')
    key.name = TRY(quoted(-1)).value.as_string();
  else
    key.name = plain_line(Style::block);
  if (pos_ - key.at > kKeyBytesMax) return wrong(key.at, "a key is longer than 1024 bytes");
  skip_blanks();
  ++pos_;
  return key;
}

Result<Yaml> YamlReader::inline_value(Indent parent, Style style) {
  constexpr std::string_view kQuoteIt = "put the value into quotes";
  const char c = peek();
  if (c == '&') return wrong(pos_, "anchors are not read", std::string(kQuoteIt));
  if (c == '*') return wrong(pos_, "aliases are not read", std::string(kQuoteIt));
  if (c == '!') return wrong(pos_, "tags are not read", std::string(kQuoteIt));
  if (c == '?' && at_gap(1)) return wrong(pos_, "keys that are no scalars are not read");
  if (at_colon(style)) return wrong(pos_, "a key is missing before ':'");
  if (at_dash()) return wrong(pos_, "a list begins on a line of its own");
  if (style == Style::block && (c == '|' || c == '>')) return block_scalar(parent);
  Yaml made;
  if (c == '[' || c == '{')
    made = TRY(flow(parent));
  else if (c == '"' || c == '\'')
    made = TRY(quoted(parent));
  else if (begins_plain(style))
    made = TRY(plain(parent, style));
  else
    return wrong(pos_, "a value cannot begin with '" + std::string(1, c) + "'", std::string(kQuoteIt));
  if (style == Style::block) TRY(end_of_value());
  return made;
}

bool YamlReader::at_break(std::size_t ahead) const {
  return pos_ + ahead >= text_.size() || peek(ahead) == '\n' || (peek(ahead) == '\r' && peek(ahead + 1) == '\n');
}

bool YamlReader::at_marker() const {
  const std::string_view rest = text_.substr(pos_);
  return column() == 0 && (rest.starts_with("---") || rest.starts_with("...")) && at_gap(3);
}

bool YamlReader::at_comment() const {
  return peek() == '#' && (pos_ == begin_ || column() == 0 || text_[pos_ - 1] == ' ' || text_[pos_ - 1] == '\t');
}

bool YamlReader::at_colon(Style style, std::size_t ahead) const {
  if (peek(ahead) != ':') return false;
  if (at_gap(ahead + 1)) return true;
  return style == Style::flow && std::string_view(",[]{}").contains(peek(ahead + 1));
}

void YamlReader::skip_blanks() {
  while (peek() == ' ' || peek() == '\t') ++pos_;
}

void YamlReader::skip_line() {
  while (!at_break()) ++pos_;
}

void YamlReader::take_break() {
  if (at_end()) return;
  pos_ += peek() == '\r' ? 2U : 1U;
  line_ = pos_;
}

Result<bool> YamlReader::skip_to_content() {
  bool is_below = false;
  while (true) {
    const std::size_t from = pos_;
    skip_blanks();
    if (at_comment()) skip_line();
    if (at_end()) return is_below;
    if (!at_break()) {
      const bool is_indentation = from == line_;
      if (is_indentation && text_.substr(from, pos_ - from).contains('\t'))
        return wrong(from, "it is indented with a tab", "indent with spaces");
      return is_below;
    }
    take_break();
    is_below = true;
  }
}

Result<void> YamlReader::end_of_value() {
  skip_blanks();
  if (at_comment()) skip_line();
  if (at_break()) return {};
  if (at_colon(Style::block)) return wrong(pos_, "a second ':' in one value", "put the value into quotes");
  return wrong(pos_, "nothing may follow the value here", "put the whole value into quotes");
}

std::unexpected<base::Error> YamlReader::wrong(std::size_t at, std::string_view what, std::string hint) const {
  return fault_at(text_, at, what, std::move(hint));
}

Result<Yaml> parse_yaml(std::string_view text, std::size_t begin, std::size_t end) {
  return YamlReader(text, begin, end).document();
}

Result<Yaml> parse_yaml_value(std::string_view text, std::size_t begin, std::size_t end, std::size_t indent) {
  return YamlReader(text, begin, end).value(static_cast<YamlReader::Indent>(indent));
}

}  // namespace lilux::text
