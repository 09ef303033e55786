#pragma once

// Texts as the terms that are looked for: Unicode words without case and accents, English ones by their stem, names
// like getUserName also in parts, Chinese and Japanese as pairs of characters. One Words is used by one thread at a
// time; splitting never fails, bytes that are no UTF-8 end a word.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sb_stemmer;

namespace lilux::search {

// Words that say nothing of what a text is about begin with it, so that they count only where there are no others.
inline constexpr char kStopMark = '\x02';
// Kinds, sources and tags begin with it, in the same table.
inline constexpr char kFilterMark = '\x01';
inline constexpr std::size_t kTermBytesMax = 64;

struct Word {
  std::string term = {};
  std::size_t begin = 0;  // where it stands in the text
  std::size_t end = 0;
};

// Whether a term says what a text is about: no mark.
bool is_content(std::string_view term);

// Of letters, marks and digits words are made; in writings without spaces each character stands for itself.
enum class CharacterClass : std::uint8_t { between, letter, ideograph };
CharacterClass class_of(std::int32_t code_point);

class Words {
 public:
  Words();
  std::vector<Word> split(std::string_view text);

 private:
  struct Ends {
    void operator()(sb_stemmer* stemmer) const;
  };
  void add(std::vector<Word>& words, std::string_view folded, std::size_t begin, std::size_t end);
  void add_ascii(std::vector<Word>& words, std::string_view word, std::size_t begin);

  std::unique_ptr<sb_stemmer, Ends> english_;
};

}  // namespace lilux::search
