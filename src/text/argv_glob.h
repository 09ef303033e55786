#pragma once

// Globs over command lines. A pattern is words with single spaces between them; each fits exactly one word of the
// command, and ` **` at the end any number of further ones. A pattern of one word names a program, whatever its
// arguments. Within a word the globs of glob.h hold; what stands in single quotes is meant literally, so that a command
// line as text::join() writes it is a pattern of itself. Values, immutable once compiled; any thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/glob.h"

namespace lilux::text {

// How a pattern is read. `strict` is for what gives rights:
// - a program named without a slash ("npm") has to lie where only the system installs programs, or be named without a
//   slash in the command too; anybody can call a file in a project npm;
// - where a shell is among the words, no wildcard stands for a word with ; & | $ ` ( ) < > or a line end in it; such a
//   word has to be written out in the pattern.
// `lenient` is for what takes rights: the program fits by its name wherever it lies, and wildcards stand for anything.
enum class Reading : std::uint8_t { strict, lenient };

// Whether a program lies where only the system installs programs.
bool is_installed(std::string_view program);

class ArgvGlob {
 public:
  // Refuses spaces too many, which no command line has, and `**` before the end.
  static base::Result<ArgvGlob> compile(std::string_view pattern);

  bool matches(std::span<const std::string> words, Reading reading) const;
  const std::vector<NameGlob>& words() const { return words_; }
  // Whether the program is named without a slash.
  bool is_by_name() const { return is_by_name_; }
  bool has_rest() const { return has_rest_; }
  // Whether it matches one command line alone.
  bool is_literal() const;
  // Programs named by a path are matched by their other paths too; see PathGlob.
  void add_elsewhere(const PathGlob::Elsewhere& elsewhere);

 private:
  bool program_matches(std::string_view program, Reading reading) const;

  std::vector<NameGlob> words_;
  bool is_by_name_ = true;
  bool has_rest_ = false;
};

// True when everything the second matches, read strictly or not, is matched by the first read the same way; false when
// that cannot be shown.
bool covers(const ArgvGlob& wide, const ArgvGlob& narrow);

}  // namespace lilux::text
