// YAML by its lines: which keys a mapping has is told by indentation alone, so nothing else has to be understood.

#include <algorithm>
#include <vector>

#include "text/edit.h"
#include "text/settings.h"
#include "text/yaml.h"

namespace lilux::text {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::size_t kStep = 2;  // of what is new

struct Line {
  std::size_t begin = 0;  // of what stands behind its indentation
  std::size_t end = 0;    // without the line end
  std::size_t indent = 0;
  std::size_t next = 0;  // where the next one begins
};

struct Key {
  std::string name;
  std::size_t line = 0;   // its number, from 0
  std::size_t end = 0;    // one past the last line that belongs to it
  std::size_t colon = 0;  // place behind it
};

std::unexpected<base::Error> wrong(std::size_t line, const std::string& what) {
  return fail(ErrorCode::invalid_argument, "line " + std::to_string(line + 1) + ": " + what, "mend the file");
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

// How long the quoted text is that begins here, with its quotes; 0 when it does not end.
std::size_t quoted_size(std::string_view text) {
  const char quote = text[0];
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool is_escape = quote == '"' && text[i] == '\\';
    const bool is_twice = quote == '\'' && text.substr(i).starts_with("''");
    if (is_escape || is_twice)
      ++i;
    else if (text[i] == quote)
      return i + 1;
  }
  return 0;
}

// Of a single quoted text, or a double quoted one with escapes that JSON has too.
std::optional<std::string> unquoted(std::string_view text) {
  if (text[0] == '"') {
    const Result<Json> parsed = base::parse_json(text);
    return parsed && parsed->is_string() ? std::optional(parsed->as_string()) : std::nullopt;
  }
  std::string made;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    made += text[i];
    if (text[i] == '\'') ++i;
  }
  return made;
}

// Where a value that begins a line's rest ends: before the comment.
std::size_t value_size(std::string_view text) {
  if (text.starts_with('#')) return 0;
  const bool is_quoted = text.starts_with('"') || text.starts_with('\'');
  const std::size_t quoted = is_quoted ? quoted_size(text) : 0;
  const std::size_t comment = std::min(text.find(" #", quoted), text.find("\t#", quoted));
  return text.find_last_not_of(" \t", std::min(comment, text.size()) - (comment < text.size() ? 0 : 1)) + 1;
}

class Document {
 public:
  explicit Document(std::string_view text) : text_(text) {
    for (std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::size_t begin = std::min(text.find_first_not_of(' ', at), end);
      const std::size_t last = end > begin && text[end - 1] == '\r' ? end - 1 : end;
      lines_.push_back({.begin = begin, .end = last, .indent = begin - at, .next = std::min(end + 1, text.size())});
      at = lines_.back().next;
    }
  }

  struct Mapping {
    std::vector<Key> keys = {};
    std::optional<Key> of = {};  // the key it is the value of
    std::size_t indent = 0;
    bool is_block = true;  // else its key has nothing, or {}
  };
  struct Found {
    Mapping holder;
    std::optional<Key> key;  // of the whole path
    std::size_t depth = 0;
  };

  Result<Found> follow(KeyPath path) const {
    Found found{.holder = TRY(root()), .key = {}};
    while (true) {
      const auto is_wanted = [&](const Key& key) { return key.name == path[found.depth]; };
      const auto key = std::ranges::find_if(found.holder.keys, is_wanted);
      if (key == found.holder.keys.end()) return found;
      if (const auto twin = std::find_if(key + 1, found.holder.keys.end(), is_wanted); twin != found.holder.keys.end())
        return wrong(twin->line, "'" + key->name + "' stands here again, after line " + std::to_string(key->line + 1));
      if (++found.depth == path.size()) {
        found.key = *key;
        return found;
      }
      found.holder = TRY(below(*key));
    }
  }

  // The value of a key; null for what is not understood.
  Json value(const Key& key) const {
    Result<Yaml> made = parse_yaml_value(text_, key.colon, end_of_line(key.end - 1), indent_of(key));
    return made ? std::move(made->value) : Json(nullptr);
  }

  // What stands on the line of the key.
  std::string_view own_value(const Key& key) const {
    const std::size_t begin = std::min(skip_blanks(text_, key.colon), lines_[key.line].end);
    const std::string_view rest = text_.substr(begin, lines_[key.line].end - begin);
    return rest.empty() ? rest : rest.substr(0, value_size(rest));
  }
  std::size_t end_of_line(std::size_t line) const { return lines_[line].end; }
  // Where a line begins; the end of the text behind the last one.
  std::size_t begin_of(std::size_t line) const {
    return line < lines_.size() ? lines_[line].begin - lines_[line].indent : text_.size();
  }
  std::size_t indent_of(const Key& key) const { return lines_[key.line].indent; }
  std::size_t line_count() const { return lines_.size(); }

 private:
  std::string_view content(const Line& line) const { return text_.substr(line.begin, line.end - line.begin); }
  bool is_empty(const Line& line) const {
    const std::string_view rest = trimmed(content(line));
    return rest.empty() || rest.starts_with('#');
  }
  bool is_entry(const Line& line) const { return content(line) == "-" || content(line).starts_with("- "); }
  std::optional<std::size_t> first_content(std::size_t from, std::size_t to) const {
    for (; from < to; ++from) {
      if (!is_empty(lines_[from])) return from;
    }
    return std::nullopt;
  }

  Result<Mapping> root() const {
    std::size_t from = first_content(0, lines_.size()).value_or(lines_.size());
    if (from < lines_.size() && content(lines_[from]) == "---") ++from;
    return mapping_in(from, lines_.size(), 0);
  }

  Result<Mapping> below(const Key& key) const {
    const std::string_view own = own_value(key);
    const std::optional<std::size_t> first = first_content(key.line + 1, key.end);
    if (!first && (own.empty() || own == "{}"))
      return Mapping{.keys = {}, .of = key, .indent = indent_of(key) + kStep, .is_block = false};
    if (!own.empty() || !first || lines_[*first].indent <= indent_of(key))
      return wrong(key.line, "'" + key.name + "' is no mapping with one key a line");
    Mapping mapping = TRY(mapping_in(*first, key.end, lines_[*first].indent));
    mapping.of = key;
    return mapping;
  }

  // Lines that are further in belong to the key above them, whatever they say.
  Result<Mapping> mapping_in(std::size_t from, std::size_t to, std::size_t indent) const {
    Mapping mapping{.keys = {}, .of = {}, .indent = indent};
    for (std::size_t i = from; i < to; ++i) {
      const Line& line = lines_[i];
      if (is_empty(line)) continue;
      if (content(line).starts_with('\t') && (line.indent <= indent || mapping.keys.empty()))
        return wrong(i, "it is indented with a tab");
      const bool belongs = line.indent > indent || (line.indent == indent && is_entry(line));
      if (belongs && mapping.keys.empty()) return wrong(i, "a key is expected here");
      if (line.indent < indent) return wrong(i, "it is indented less than what it belongs to");
      if (!belongs) mapping.keys.push_back(TRY(key_at(i)));
      mapping.keys.back().end = i + 1;
    }
    return mapping;
  }

  Result<Key> key_at(std::size_t number) const {
    const Line& line = lines_[number];
    const std::string_view rest = content(line);
    Key key{.name = {}, .line = number, .end = number + 1};
    std::size_t size = 0;
    if (rest.starts_with('"') || rest.starts_with('\'')) {
      size = quoted_size(rest);
      const std::optional<std::string> name = size > 0 ? unquoted(rest.substr(0, size)) : std::nullopt;
      if (!name) return wrong(number, "a key is expected here");
      key.name = *name;
    } else {
      size = 0;
      while (size < rest.size() &&
             !(rest[size] == ':' && (size + 1 == rest.size() || rest[size + 1] == ' ' || rest[size + 1] == '\t')))
        ++size;
      key.name = trimmed(rest.substr(0, size));
    }
    const std::size_t colon = skip_blanks(text_, line.begin + size);
    constexpr std::string_view kMeaning = "?&*!|>%@`{}[],#";
    const bool is_key = colon < line.end && text_[colon] == ':' && !key.name.empty() &&
                        kMeaning.find(rest[0]) == std::string_view::npos;
    if (!is_key || rest == "---" || rest == "...")
      return wrong(number, "a key is expected here, and nothing else is understood");
    key.colon = colon + 1;
    return key;
  }

  std::string_view text_;
  std::vector<Line> lines_;
};

// Behind the last line of a mapping.
std::string added(std::string_view text, const Document& document, const Document::Mapping& holder,
                  const std::string& key, const Json& value) {
  const std::string line_end(line_end_of(text));
  const std::size_t line =
      holder.keys.empty() ? (holder.of ? holder.of->line + 1 : document.line_count()) : holder.keys.back().end;
  const std::size_t at = document.begin_of(line);
  std::string lines = yaml_member(key, value, holder.indent, line_end);
  if (at > 0 && text[at - 1] != '\n') lines = line_end + lines;
  std::vector<Edit> edits;
  if (!holder.is_block) {
    const std::string_view braces = document.own_value(*holder.of);
    if (!braces.empty()) {
      const auto begin = static_cast<std::size_t>(braces.data() - text.data());
      const std::size_t from = back_over_blanks(text, begin);
      edits.push_back({.at = from, .size = begin + braces.size() - from});
    }
  }
  edits.push_back({.at = at, .text = std::move(lines)});
  return edited(text, edits);
}

std::string replaced(std::string_view text, const Document& document, const Key& key, const Json& value) {
  const std::string_view own = document.own_value(key);
  const std::size_t end = key.end > key.line + 1 ? document.end_of_line(key.end - 1)
                          : own.empty()          ? key.colon
                                                 : static_cast<std::size_t>(own.data() - text.data()) + own.size();
  if (value.is_object() && !value.as_object().empty()) {
    const std::size_t begin = document.begin_of(key.line);
    const std::string block = yaml_member(key.name, value, document.indent_of(key), line_end_of(text));
    return edited(text, {{.at = begin, .size = document.begin_of(key.end) - begin, .text = block}});
  }
  return edited(text, {{.at = key.colon, .size = end - key.colon, .text = " " + yaml_inline(value)}});
}

Result<std::string> checked(std::string made, KeyPath path, const std::optional<Json>& wanted) {
  const Result<std::optional<Json>> found = find_yaml(made, path);
  if (found && *found == wanted) return made;
  return fail(ErrorCode::invalid_argument, "it is written in a way that cannot be edited safely", "mend the file");
}

}  // namespace

Result<std::optional<Json>> find_yaml(std::string_view text, KeyPath path) {
  const Document document(text);
  const Document::Found found = TRY(document.follow(path));
  return found.key ? std::optional(document.value(*found.key)) : std::nullopt;
}

Result<std::string> with_yaml(std::string_view text, KeyPath path, const Json& value) {
  const Document document(text);
  const Document::Found found = TRY(document.follow(path));
  if (found.key) return checked(replaced(text, document, *found.key, value), path, value);
  Json whole = value;
  for (std::size_t i = path.size() - 1; i > found.depth; --i) whole = JsonObject{{path[i], std::move(whole)}};
  return checked(added(text, document, found.holder, path[found.depth], whole), path, value);
}

Result<std::string> without_yaml(std::string_view text, KeyPath path) {
  const Document document(text);
  const Document::Found found = TRY(document.follow(path));
  if (!found.key) return std::string(text);
  const std::size_t begin = document.begin_of(found.key->line);
  std::vector<Edit> edits;
  if (found.holder.keys.size() == 1 && found.holder.of) edits.push_back({.at = found.holder.of->colon, .text = " {}"});
  edits.push_back({.at = begin, .size = document.begin_of(found.key->end) - begin});
  return checked(edited(text, edits), path, std::nullopt);
}

}  // namespace lilux::text
