#pragma once

// Reads YAML by descent, without tokens of its own. One reader per text; internal to this folder.
// Indentation is that of the parent: -1 for the document itself, so that its content may begin in the first column.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "text/yaml.h"

namespace lilux::text {

class YamlReader {
 public:
  using Indent = std::ptrdiff_t;

  YamlReader(std::string_view text, std::size_t begin, std::size_t end);

  base::Result<Yaml> document();
  base::Result<Yaml> value(Indent indent);

 private:
  static constexpr std::size_t kDepthMax = 64;
  static constexpr std::size_t kKeyBytesMax = 1024;  // the standard's own limit

  enum class After : std::uint8_t { nothing, dash, colon };
  enum class Style : std::uint8_t { block, flow };
  enum class Chomp : std::uint8_t { strip, clip, keep };
  struct Header {
    bool is_folded = false;
    Chomp chomp = Chomp::clip;
    Indent indent = -1;  // of the content; -1 until its first line tells
  };
  struct Key {
    std::string name = {};
    std::size_t at = 0;
  };
  struct Mark {
    std::size_t at = 0;
    std::size_t line = 0;
  };

  // yaml.cpp: what the lines are made of, documents and blocks.
  base::Result<void> check_characters() const;
  base::Result<Yaml> node(Indent parent, After after);
  base::Result<Yaml> block(Indent parent);
  base::Result<Yaml> sequence(std::size_t column);
  base::Result<Yaml> mapping(std::size_t column);
  base::Result<Key> key();
  base::Result<Yaml> inline_value(Indent parent, Style style);
  base::Result<void> after_document();
  bool is_key() const;

  // yaml_flow.cpp
  base::Result<Yaml> flow(Indent parent);
  base::Result<Yaml> flow_sequence(Indent parent);
  base::Result<Yaml> flow_mapping(Indent parent);
  base::Result<Yaml> flow_entry(Indent parent);
  base::Result<Yaml> flow_value(Indent parent);
  base::Result<void> skip_in_flow(Indent parent);

  // yaml_scalar.cpp
  base::Result<Yaml> plain(Indent parent, Style style);
  std::string_view plain_line(Style style);
  bool continues_plain(Indent parent, Style style, std::size_t& breaks);
  bool begins_plain(Style style) const;
  base::Result<Yaml> quoted(Indent parent);
  base::Result<void> escape(std::string& made);
  base::Result<void> fold_quoted(std::string& made, std::size_t kept, bool is_joined, Indent parent);
  base::Result<base::Json> resolved(std::string_view word, std::size_t at) const;
  base::Result<Yaml> block_scalar(Indent parent);
  base::Result<Header> block_header(Indent parent);
  base::Result<void> find_indent(Header& header, Indent parent);
  base::Result<std::string> block_lines(const Header& header);

  // What stands at the reading place; '\0' behind the end.
  char peek(std::size_t ahead = 0) const { return pos_ + ahead < text_.size() ? text_[pos_ + ahead] : '\0'; }
  bool at_end() const { return pos_ >= text_.size(); }
  bool at_break(std::size_t ahead = 0) const;
  bool at_gap(std::size_t ahead) const { return at_break(ahead) || peek(ahead) == ' ' || peek(ahead) == '\t'; }
  bool at_marker() const;  // "---" or "..." in the first column
  bool at_comment() const;
  bool at_dash() const { return peek() == '-' && at_gap(1); }
  bool at_colon(Style style, std::size_t ahead = 0) const;
  std::size_t column() const { return pos_ - line_; }
  bool is_within(Indent parent) const { return static_cast<Indent>(column()) > parent; }

  void skip_blanks();
  void skip_line();   // up to its break
  void take_break();  // the break at the reading place
  // Over blanks, comments and breaks; whether a line was left. Content behind a tab in an indentation is refused.
  base::Result<bool> skip_to_content();
  base::Result<void> end_of_value();

  Mark mark() const { return {.at = pos_, .line = line_}; }
  void go_back(Mark mark) {
    pos_ = mark.at;
    line_ = mark.line;
  }
  std::unexpected<base::Error> wrong(std::size_t at, std::string_view what, std::string hint = {}) const;

  std::string_view text_;
  std::size_t begin_;
  std::size_t pos_;
  std::size_t line_;  // where the line of the reading place begins
  std::size_t depth_ = 0;
  std::size_t opened_ = 0;  // the innermost bracket that is open
};

}  // namespace lilux::text
