#pragma once

// A sentence with gaps: "remind me to {{what}} in {{time}}". Words are compared without case (of ASCII letters) and
// without the marks around them; what stands in quotes is one word; a gap takes one word at least, and as few as will
// do. Pure; immutable once compiled; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace lilux::brain {

// What was said, in words.
struct Spoken {
  struct Word {
    std::string folded = {};
    std::size_t begin = 0;  // in the text
    std::size_t end = 0;
    bool is_quoted = false;  // one piece, whatever it says; `folded` is without the quotes
  };
  std::string text;
  std::vector<Word> words;  // none when there are more than kWordsMax
};
enum class Quotes : std::uint8_t { hold_together, are_marks };
inline constexpr std::size_t kWordsMax = 200;
Spoken spoken(std::string_view text, Quotes quotes = Quotes::hold_together);

// What stands in quotes without them, and the marks behind; any other text as it is.
std::string unquoted(std::string_view text);
// Whether the value stands in the text as one piece in quotes.
bool is_quoted(std::string_view value, std::string_view text);

class Phrase {
 public:
  // Refuses phrases without a word of their own, two gaps side by side, and gaps that share a name.
  static base::Result<Phrase> compile(std::string_view pattern);

  // What stands in the gaps, by their names, when the whole text fits.
  std::optional<base::JsonObject> match(const Spoken& said) const;

  std::vector<std::string> gaps() const;
  // Its own words, which every text that fits has.
  std::vector<std::string_view> words() const;
  std::size_t size() const;  // how many those are

 private:
  struct Part {
    bool is_gap = false;
    std::string text;  // the gap's name, or the folded word
  };
  std::vector<Part> parts_;
};

}  // namespace lilux::brain
