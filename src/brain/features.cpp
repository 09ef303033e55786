#include "brain/features.h"

#include <algorithm>
#include <array>
#include <memory>

#include <libstemmer.h>
#include <utf8proc.h>

#include "base/encoding.h"
#include "search/words.h"

namespace lilux::brain {

namespace {

constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kPartBytesLeast = 3;
constexpr std::size_t kPartBytesMost = 5;

// Words that hold a sentence together rather than say what it is about, in order.
constexpr std::array<std::string_view, 77> kFunctionWords{
    "a",    "about", "all",   "am",    "an",    "and",  "any",  "are",    "as",    "at",     "be",   "been", "but",
    "by",   "can",   "could", "did",   "do",    "does", "for",  "from",   "had",   "has",    "have", "he",   "her",
    "him",  "his",   "how",   "i",     "if",    "in",   "into", "is",     "it",    "its",    "just", "me",   "my",
    "no",   "not",   "of",    "on",    "or",    "our",  "out",  "please", "she",   "should", "so",   "some", "that",
    "the",  "their", "them",  "then",  "there", "they", "this", "to",     "up",    "us",     "was",  "we",   "were",
    "what", "when",  "where", "which", "who",   "why",  "will", "with",   "would", "you",    "your", "yours"};
static_assert(std::ranges::is_sorted(kFunctionWords));

bool is_ascii_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Collects words as their characters come.
class Splitter {
 public:
  void add_ascii(char c) {
    if (is_ascii_word(c)) {
      const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      if (word_.size() < kWordBytesMax) word_ += lower;
    } else if (c == '\'' && !word_.empty()) {
      end_word();
      word_ = "'";
    } else {
      end_word();
      if (c == '?' || c == '$' || c == '%') put(std::string(1, c));
    }
  }
  void add_wide(utf8proc_int32_t c, std::string_view bytes) {
    if (c == 0x2019) return add_ascii('\'');  // the typographic apostrophe
    const search::CharacterClass kind = search::class_of(c);
    if (kind == search::CharacterClass::between) return end_word();
    if (kind == search::CharacterClass::ideograph) {
      end_word();
      return put(std::string(bytes));
    }
    std::array<utf8proc_uint8_t, 4> lower{};
    const utf8proc_ssize_t size = utf8proc_encode_char(utf8proc_tolower(c), lower.data());
    if (word_.size() < kWordBytesMax)
      word_.append(reinterpret_cast<const char*>(lower.data()), static_cast<std::size_t>(size));
  }
  void end_word() {
    if (!word_.empty() && word_ != "'") put(std::move(word_));
    word_.clear();
  }
  std::vector<std::string> take() {
    end_word();
    return std::move(tokens_);
  }

 private:
  void put(std::string token) {
    if (tokens_.size() < kTokensMax) tokens_.push_back(std::move(token));
  }
  std::string word_;
  std::vector<std::string> tokens_;
};

struct StemmerEnd {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};
using Stemmer = std::unique_ptr<sb_stemmer, StemmerEnd>;

std::string stem_of(const Stemmer& stemmer, const std::string& word) {
  if (!stemmer || !std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; })) return word;
  const sb_symbol* stem =
      sb_stemmer_stem(stemmer.get(), reinterpret_cast<const sb_symbol*>(word.data()), static_cast<int>(word.size()));
  if (stem == nullptr) return word;
  return {reinterpret_cast<const char*>(stem), static_cast<std::size_t>(sb_stemmer_length(stemmer.get()))};
}

constexpr std::uint64_t kHashStart = 0xcbf29ce484222325;

std::uint64_t hash_more(std::uint64_t hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

std::uint32_t finished(std::uint64_t hash) {
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15;
  return static_cast<std::uint32_t>(hash >> 32);
}

// One kind of feature: its sign keeps its hashes apart from those of the others.
struct Kind {
  char sign;
  std::string_view name;
  Group group;
};
constexpr Kind kWord{'w', "word", Group::words};
constexpr Kind kStem{'t', "stem", Group::words};
constexpr Kind kPair{'p', "words", Group::words};
constexpr Kind kSkip{'s', "words apart", Group::words};
constexpr Kind kPart{'c', "part", Group::characters};

std::uint64_t word_bit(std::size_t word) {
  return std::uint64_t{1} << std::min<std::size_t>(word, 63);
}

// Gives every feature to `put`, as its kind, the text of it in two pieces, the words it is made of, and
// whether it is a detail.
template <class Put>
void each_feature(const std::vector<std::string>& tokens, const Put& put) {
  const Stemmer stemmer(sb_stemmer_new("english", nullptr));
  static constexpr std::string_view kBegin = "<";
  static constexpr std::string_view kEnd = ">";
  const std::size_t count = tokens.size();
  // The token at a place that may be one before the first or one behind the last.
  const auto at = [&](std::size_t place) {
    return place == 0 ? kBegin : place == count + 1 ? kEnd : std::string_view(tokens[place - 1]);
  };
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t bit = word_bit(i);
    put(kWord, tokens[i], "", bit, false);
    const bool is_function = std::ranges::binary_search(kFunctionWords, tokens[i]);
    put(kStem, stem_of(stemmer, tokens[i]), "", bit, is_function);
    const std::string bounded = "<" + tokens[i] + ">";
    for (std::size_t size = kPartBytesLeast; size <= kPartBytesMost; ++size) {
      for (std::size_t from = 0; from + size <= bounded.size(); ++from)
        put(kPart, std::string_view(bounded).substr(from, size), "", bit, is_function && size < bounded.size());
    }
  }
  const auto bit_at = [&](std::size_t place) {
    return place == 0 || place == count + 1 ? std::uint64_t{0} : word_bit(place - 1);
  };
  for (std::size_t i = 0; i + 1 < count + 2; ++i) put(kPair, at(i), at(i + 1), bit_at(i) | bit_at(i + 1), false);
  for (std::size_t i = 0; i + 2 < count + 2; ++i) put(kSkip, at(i), at(i + 2), bit_at(i) | bit_at(i + 2), false);
}

Feature made(const Kind& kind, std::string_view first, std::string_view second, std::uint64_t words) {
  std::uint64_t hash = hash_more(kHashStart, {&kind.sign, 1});
  hash = hash_more(hash, first);
  if (!second.empty()) hash = hash_more(hash_more(hash, " "), second);
  return {.hash = finished(hash), .group = kind.group, .words = words};
}

}  // namespace

std::vector<std::string> tokens_of(std::string_view text) {
  Splitter splitter;
  text = base::clipped(text, kTextBytesMax);
  while (!text.empty()) {
    std::size_t size = 1;
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      splitter.add_ascii(text.front());
    } else if (size = base::utf8_length(text); size == 0) {
      splitter.end_word();
      size = 1;
    } else {
      utf8proc_int32_t c = 0;
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(size), &c);
      splitter.add_wide(c, text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  return splitter.take();
}

std::vector<Feature> features_of(const std::vector<std::string>& tokens) {
  std::vector<Feature> features;
  features.reserve(tokens.size() * 20 + 4);
  each_feature(tokens, [&](const Kind& kind, std::string_view first, std::string_view second, std::uint64_t words,
                           bool is_detail) {
    features.push_back(made(kind, first, second, words));
    features.back().is_detail = is_detail;
  });
  return features;
}

std::vector<NamedFeature> named_features_of(const std::vector<std::string>& tokens) {
  std::vector<NamedFeature> features;
  each_feature(tokens, [&](const Kind& kind, std::string_view first, std::string_view second, std::uint64_t words,
                           bool is_detail) {
    std::string name = std::string(kind.name) + " " + std::string(first);
    if (!second.empty()) name += " " + std::string(second);
    features.push_back({.feature = made(kind, first, second, words), .name = std::move(name)});
    features.back().feature.is_detail = is_detail;
  });
  return features;
}

}  // namespace lilux::brain
