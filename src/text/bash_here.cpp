// Here-documents: their bodies begin at the next line end, in the order of their delimiters.

#include <algorithm>
#include <utility>

#include "text/bash_parser.h"

namespace lilux::text {

using base::Result;

namespace {

struct Line {
  std::string text;        // without its end
  std::size_t size = 0;    // as it stands
  bool is_joined = false;  // of several
  bool is_cut = false;     // by the end of the script, behind a backslash: bash adds a byte there
};

Line next_line(std::string_view text, bool joins_lines) {
  Line line;
  while (line.size < text.size()) {
    const char c = text[line.size++];
    if (c == '\n') break;
    const std::string_view next = text.substr(line.size, 1);
    if (c == '\\' && joins_lines && next == "\n") {
      line.is_joined = true;
      ++line.size;
      continue;
    }
    line.text += c;
    if (c == '\\' && joins_lines) {
      line.is_cut = next.empty();
      line.text += next;
      line.size += next.size();
    }
  }
  return line;
}

}  // namespace

Result<void> BashParser::here_redirection(std::list<BashCommand>::iterator command) {
  if (at_ < reread_until_) return refused("begins a here-document within two parentheses");
  const bool strips_tabs = is_next("<<-");
  take(strips_tabs ? "<<-" : "<<");
  skip_blanks();
  const std::size_t start = at_;
  Word delimiter = TRY(word(Place::argument));
  // In a substitution bash parses what it prints: `<< -A` comes out as `<<-A`.
  if (delimiter.has_expansion || delimiter.word.text.find('\n') != std::string::npos || text_.substr(start, 1) == "-")
    return refused("begins a delimiter that is not plain", start);
  here_documents_.push_back({.command = command,
                             .redirection = command->redirections.size(),
                             .delimiter = std::move(delimiter.word.text),
                             .strips_tabs = strips_tabs,
                             .is_quoted = delimiter.is_quoted});
  command->redirections.push_back({.kind = BashStream::here_document, .target = {}});
  return {};
}

Result<void> BashParser::here_document(const HereDocument& here) {
  std::string body;
  while (at_ < text_.size()) {
    Line line = next_line(text_.substr(at_), !here.is_quoted);
    const std::size_t tabs = here.strips_tabs ? std::min(line.text.find_first_not_of('\t'), line.text.size()) : 0;
    line.text.erase(0, tabs);
    const bool is_delimiter = line.text == here.delimiter;
    // bash takes `EOF)` for the end of both, within a substitution.
    const bool ends_substitution = !is_delimiter && substitutions_ > 0 && line.text.starts_with(here.delimiter) &&
                                   line.text.find(')', here.delimiter.size()) != std::string::npos;
    if (line.is_cut || (ends_substitution && line.is_joined)) return refused("begins a line that is not understood");
    at_ += ends_substitution ? tabs + here.delimiter.size() : line.size;
    if (is_delimiter || ends_substitution) break;
    body += line.text + '\n';
  }
  BashWord& target = here.command->redirections[here.redirection].target;
  if (here.is_quoted) {
    target.text = std::move(body);
    findings_.note_text(target.text);
    return {};
  }
  TRY(spend(body.size()));
  const Holding holding(findings_, here.command);
  auto text = BashParser(body, findings_).here_text();
  if (!text) return base::in_context(text.error(), "in the here-document '" + here.delimiter + "'");
  target = std::move(*text);
  return {};
}

Result<BashWord> BashParser::here_text() {
  Word found;
  while (peek() != '\0') {
    const std::size_t start = at_;
    if (peek() == '\\') {
      escaped(found, "$`\\");
    } else if (peek() == '`') {
      TRY(backticks(Quoting::here_document));
      found.add_expansion(since(start));
    } else if (peek() == '$' && TRY(dollar(Quoting::here_document))) {
      found.add_expansion(since(start));
    } else {
      found.add_quoted(text_.substr(at_++, 1));
    }
  }
  findings_.note_text(found.literal);
  return std::move(found.word);
}

}  // namespace lilux::text
