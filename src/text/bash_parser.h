#pragma once

// The parser behind parse_bash(): one class, since words hold commands and commands hold words. bash first finds where
// a word ends and expands it later, by other rules; text that the two could take differently is refused here. Its
// parts: lists and simple commands in bash.cpp, control flow in bash_compound.cpp, words in bash_word.cpp, what is
// expanded in them in bash_expansion.cpp and bash_arithmetic.cpp, here-documents in bash_here.cpp. Used by one thread.

#include <algorithm>
#include <array>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/bash.h"

namespace lilux::text {

inline bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}
inline bool is_name_byte(char byte) {
  return is_digit(byte) || byte == '_' || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}
template <std::size_t kSize>
bool is_one_of(const std::array<std::string_view, kSize>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}
// Whether a variable may be called so.
bool is_name(std::string_view text);
// Whether this as a value would run a command where arithmetic takes it.
bool hides_subscript(std::string_view literal);
// Whether it may be a part of such a value.
bool may_begin_subscript(std::string_view literal);
bool may_begin_substitution(std::string_view literal);

// What is found, and what bounds the search; shared with the parsers of texts inside the script.
struct BashFindings {
  explicit BashFindings(std::size_t script_size) : bytes_left(64 * script_size + 4096) {}

  std::list<BashCommand> commands;
  std::list<BashCommand>::iterator before = commands.end();  // the next one goes here
  std::vector<std::string> functions;
  int depth = 0;
  std::size_t bytes_left;             // that may be read once more
  bool has_arithmetic = false;        // something takes the values of variables for expressions
  bool hides_subscript = false;       // a value is given that would run a command there: 'a[$(b)]'
  bool has_inner_script = false;      // of which only its own parser knows whether it has arithmetic,
  bool is_subscript_outside = false;  // and such a value, given by another command
  bool begins_subscript = false;      // parts of such a value, to be put together
  bool begins_substitution = false;
  bool sets_scripts = false;  // see BashScript

  void note_text(std::string_view literal) {
    hides_subscript = hides_subscript || text::hides_subscript(literal);
    begins_subscript = begins_subscript || may_begin_subscript(literal);
    begins_substitution = begins_substitution || may_begin_substitution(literal);
  }
};

class BashParser {
 public:
  // Both must outlive it; the text holds no NUL byte.
  BashParser(std::string_view text, BashFindings& findings) : text_(text), findings_(findings) {}

  base::Result<void> script();
  // The body of a here-document whose delimiter is not quoted.
  base::Result<BashWord> here_text();

 private:
  // Where a word stands decides what is special in it.
  enum class Place : unsigned char { command, declaration, argument, element, pattern, regexp };
  enum class Quoting : unsigned char { none, quotes, here_document, arithmetic };

  // Whether what a dollar begins is one thing, or its brackets count like others.
  enum class Dollars : unsigned char { read, counted };

  struct Word {
    BashWord word;
    std::string literal;  // the text with a blank for each expansion
    bool is_quoted = false;
    bool has_expansion = false;
    bool is_assignment = false;
    bool has_bracket = false;  // these three tell globs and braces; of bytes outside quotes
    int brace = 0;
    char last = '^';  // the byte before, '^' at the beginning, NUL for a quoted one

    void add_quoted(std::string_view bytes);
    void add_expansion(std::string_view source);
    void add_plain(char byte);
  };

  struct HereDocument {
    std::list<BashCommand>::iterator command;
    std::size_t redirection = 0;
    std::string delimiter;
    bool strips_tabs = false;
    bool is_quoted = false;
  };

  struct Mark {
    std::size_t at = 0;
    std::optional<std::list<BashCommand>::iterator> last;
    std::size_t functions = 0;
    std::size_t here_documents = 0;
  };

  class Nesting;
  class Holding;

  // Reading. peek() goes past joined lines and gives NUL at the end.
  char peek();
  char peek_second();
  bool is_next(std::string_view wanted);
  bool take(std::string_view wanted);
  void skip_blanks();
  base::Result<void> skip_lines();
  base::Result<void> line_end();
  base::Result<void> expect(std::string_view wanted);
  bool is_word_end(char byte);
  std::string_view since(std::size_t start) const { return text_.substr(start, at_ - start); }
  Mark mark() const;
  void go_back(const Mark& mark);
  base::Result<void> spend(std::size_t bytes);
  std::unexpected<base::Error> refused(std::string_view why, std::size_t at) const;
  std::unexpected<base::Error> refused(std::string_view why) const { return refused(why, at_); }
  std::unexpected<base::Error> unexpected() const;

  // Commands. A list ends before what cannot begin a command and says whether it holds any.
  base::Result<bool> list();
  base::Result<void> some_list();
  bool is_list_end();
  base::Result<void> and_or();
  base::Result<void> pipeline();
  base::Result<bool> pipeline_prefix();
  base::Result<void> command();
  base::Result<void> simple_command();
  void note_values(const BashCommand& command, bool hides_subscript);
  bool is_redirection();
  base::Result<void> redirection(std::list<BashCommand>::iterator command);
  base::Result<void> here_redirection(std::list<BashCommand>::iterator command);
  base::Result<void> duplication(BashCommand& command, char direction);
  std::string_view reserved_word();
  base::Result<void> expect_reserved(std::string_view word);

  // Control flow.
  bool is_compound();
  base::Result<void> compound();
  base::Result<void> compound_redirections();
  base::Result<void> parenthesized();
  base::Result<void> if_command();
  base::Result<void> while_command();
  base::Result<void> for_command();
  base::Result<void> loop_words();
  base::Result<void> loop_body();
  base::Result<void> case_command();
  base::Result<void> case_clause();
  base::Result<void> function_command();
  base::Result<void> function_definition(const Word& name);
  base::Result<void> function_body(const Word& name);
  base::Result<void> coproc_command();
  base::Result<void> condition();
  base::Result<void> condition_term();
  base::Result<void> condition_test();
  base::Result<Word> operand(Place place);

  // Words.
  bool is_word_start();
  base::Result<Word> word(Place place);
  base::Result<bool> word_piece(Word& word, Place place);
  base::Result<bool> assignment_head(Word& word, Place place);
  base::Result<void> array(Word& word);
  base::Result<void> single_quoted(Word& word);
  base::Result<void> ansi_quoted(Word& word);
  base::Result<void> double_quoted(Word& word);
  void escaped(Word& word, std::string_view special);
  base::Result<void> pattern_group(Word& word, Place place);

  // Expansions. Each begins at its first byte and ends after its last.
  base::Result<bool> dollar(Quoting quoting);
  base::Result<void> substitution();
  base::Result<void> process_substitution();
  base::Result<void> backticks(Quoting quoting);
  base::Result<void> parameter(Quoting quoting);
  base::Result<void> parameter_name();
  base::Result<void> parameter_operand(Quoting quoting, bool is_pattern);
  base::Result<bool> operand_quotes(Quoting quoting, bool is_pattern);
  base::Result<void> harmless_quotes();

  // Arithmetic.
  base::Result<std::size_t> closing(char open, char close, Dollars dollars = Dollars::read);
  base::Result<void> expression(std::size_t end, char open, char close);
  base::Result<void> subscript();
  base::Result<void> arithmetic_substitution();
  base::Result<bool> arithmetic_command();

  base::Result<void> here_document(const HereDocument& here);

  std::string_view text_;
  BashFindings& findings_;
  std::size_t at_ = 0;
  std::vector<HereDocument> here_documents_;  // whose bodies begin at the next line end
  int substitutions_ = 0;                     // that are open here
  std::size_t reread_until_ = 0;  // bash has text before it in hand, and takes here-documents from behind it
};

// Counts how deep the parser is, for as long as it lives.
class BashParser::Nesting {
 public:
  explicit Nesting(BashFindings& findings) : findings_(findings) { ++findings_.depth; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;
  ~Nesting() { --findings_.depth; }
  bool is_too_deep() const { return findings_.depth > 100; }

 private:
  BashFindings& findings_;
};

// While it lives, commands are found before `command`, which holds them.
class BashParser::Holding {
 public:
  Holding(BashFindings& findings, std::list<BashCommand>::iterator command)
      : findings_(findings), outer_(findings.before) {
    findings_.before = command;
  }
  Holding(const Holding&) = delete;
  Holding& operator=(const Holding&) = delete;
  ~Holding() { findings_.before = outer_; }

 private:
  BashFindings& findings_;
  std::list<BashCommand>::iterator outer_;
};

}  // namespace lilux::text
