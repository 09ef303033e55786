#include "text/argv_glob.h"

#include <algorithm>
#include <array>

#include "text/inner_commands.h"
#include "text/shell.h"

namespace lilux::text {

using base::Result;

namespace {

constexpr std::string_view kControl{";&|$`()<>\n\r"};
constexpr auto kSystemRoots =
    std::to_array<std::string_view>({"/bin/", "/nix/store/", "/opt/", "/sbin/", "/snap/", "/usr/"});

bool has_control(std::string_view word) {
  return word.find_first_of(kControl) != std::string_view::npos;
}
std::string_view name_of(std::string_view program) {
  return program.substr(program.rfind('/') + 1);
}

struct Word {
  std::string pattern;  // without quotes
  bool is_quoted = false;
};

// The word that ends at the next space outside of quotes and classes.
Result<Word> next_word(std::string_view pattern, std::size_t& at) {
  Word word;
  while (at < pattern.size() && pattern[at] != ' ') {
    const char c = pattern[at];
    if (c == '\'') {
      const std::size_t end = pattern.find('\'', at + 1);
      if (end == std::string_view::npos)
        return bad_pattern(pattern, "has a quote that does not close", "add the other '");
      word.pattern += escape_glob(pattern.substr(at + 1, end - at - 1));
      word.is_quoted = true;
      at = end + 1;
    } else if (pattern.substr(at).starts_with("\\'")) {
      word.pattern += '\'';
      at += 2;
    } else if (const auto end = c == '[' ? class_end(pattern, at) : std::nullopt) {
      word.pattern += pattern.substr(at, *end - at);
      at = *end;
    } else {
      word.pattern += c;
      ++at;
    }
  }
  return word;
}

bool strict_word_matches(const NameGlob& glob, std::string_view word) {
  if (!has_control(word)) return glob.matches(word);
  return std::ranges::any_of(glob.choices(),
                             [&](const Wild& choice) { return choice.is_literal() && choice.tail() == word; });
}

// Words with control characters are matched by their own spelling alone when read strictly, so that covering them takes
// the same spelling.
bool word_covers(const NameGlob& wide, const NameGlob& narrow) {
  const bool is_plain = std::ranges::none_of(
      narrow.choices(), [](const Wild& choice) { return choice.is_literal() && has_control(choice.tail()); });
  if (is_plain) return covers(wide, narrow);
  return std::ranges::all_of(narrow.choices(), [&](const Wild& inner) {
    return std::ranges::any_of(wide.choices(), [&](const Wild& outer) {
      return inner.is_literal() && outer.is_literal() && inner.tail() == outer.tail();
    });
  });
}

bool program_covers(const ArgvGlob& wide, const ArgvGlob& narrow) {
  const NameGlob& outer = wide.words()[0];
  const NameGlob& inner = narrow.words()[0];
  if (wide.is_by_name() == narrow.is_by_name()) return word_covers(outer, inner);
  if (narrow.is_by_name()) return false;
  return std::ranges::all_of(inner.choices(), [&](const Wild& choice) {
    return choice.is_literal() && is_installed(choice.tail()) && !has_control(choice.tail()) &&
           outer.matches(name_of(choice.tail()));
  });
}

}  // namespace

bool is_installed(std::string_view program) {
  return is_canonical_path(program) &&
         std::ranges::any_of(kSystemRoots, [&](std::string_view root) { return program.starts_with(root); });
}

Result<ArgvGlob> ArgvGlob::compile(std::string_view pattern) {
  ArgvGlob made;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const Word word = TRY(next_word(pattern, at));
    const bool is_last = at >= pattern.size();
    if ((word.pattern.empty() && !word.is_quoted) || at + 1 == pattern.size()) {
      return bad_pattern(pattern, "has a space too many, so it never matches", "put single spaces between words");
    }
    if (word.pattern == "**" && !made.words_.empty()) {
      if (!is_last) return bad_pattern(pattern, "has '**' before its end", "'**' stands for all further words");
      made.has_rest_ = true;
      return made;
    }
    made.words_.push_back(word.pattern.empty() ? NameGlob::empty() : TRY(NameGlob::compile(word.pattern)));
    if (made.words_.size() == 1) made.is_by_name_ = word.pattern.find('/') == std::string::npos;
  }
  if (made.words_.empty()) return bad_pattern(pattern, "is empty, so it never matches", "write ** for any command");
  made.has_rest_ = made.words_.size() == 1;
  return made;
}

bool ArgvGlob::program_matches(std::string_view program, Reading reading) const {
  if (!is_by_name_) return words_[0].matches(program);
  const bool is_anywhere = reading == Reading::lenient || program.find('/') == std::string_view::npos;
  return (is_anywhere || is_installed(program)) && words_[0].matches(name_of(program));
}

bool ArgvGlob::matches(std::span<const std::string> words, Reading reading) const {
  const bool is_long_enough = has_rest_ ? words.size() >= words_.size() : words.size() == words_.size();
  if (!is_long_enough || !program_matches(words[0], reading)) return false;
  const bool is_guarded =
      reading == Reading::strict && std::ranges::any_of(words, [](const std::string& word) { return is_shell(word); });
  for (std::size_t i = 1; i < words_.size(); ++i) {
    const bool is_match = is_guarded ? strict_word_matches(words_[i], words[i]) : words_[i].matches(words[i]);
    if (!is_match) return false;
  }
  return !is_guarded ||
         std::ranges::none_of(words.subspan(words_.size()), [](const std::string& word) { return has_control(word); });
}

bool ArgvGlob::is_literal() const {
  return !has_rest_ && std::ranges::all_of(words_, [](const NameGlob& word) {
    return word.choices().size() == 1 && word.choices()[0].is_literal();
  });
}

void ArgvGlob::add_elsewhere(const PathGlob::Elsewhere& elsewhere) {
  if (!is_by_name_) words_[0].add_elsewhere(elsewhere);
}

bool covers(const ArgvGlob& wide, const ArgvGlob& narrow) {
  const std::size_t count = wide.words().size();
  if (narrow.words().size() < count || !program_covers(wide, narrow)) return false;
  if (!wide.has_rest() && (narrow.has_rest() || narrow.words().size() != count)) return false;
  for (std::size_t i = 1; i < count; ++i) {
    if (!word_covers(wide.words()[i], narrow.words()[i])) return false;
  }
  // What the rest of the wide one stands for has to be words it may stand for.
  return std::ranges::all_of(std::span(narrow.words()).subspan(count), [](const NameGlob& word) {
    return std::ranges::none_of(word.choices(),
                                [](const Wild& choice) { return choice.is_literal() && has_control(choice.tail()); });
  });
}

}  // namespace lilux::text
