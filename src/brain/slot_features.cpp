#include "brain/slot_features.h"

#include <algorithm>
#include <array>
#include <string>

namespace lilux::brain {

namespace {

using Hash = std::uint64_t;

constexpr std::size_t kAround = 3;  // pieces to each side
constexpr std::size_t kLettersMost = 4;
constexpr std::size_t kOften = 8;
constexpr std::size_t kSeldom = 2;

// Where a piece stands in a value that the lexicon knows, or beside one.
enum class Standing : std::uint8_t { begins, goes_on, ends, alone, starts_here, behind, before, word_of };

// Two of a sign in a row stand for any number: "Xx", "dd:dd".
std::string shape_of(std::string_view word) {
  std::string shape;
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    const char sign = c >= '0' && c <= '9'   ? 'd'
                      : c >= 'a' && c <= 'z' ? 'x'
                      : c >= 'A' && c <= 'Z' ? 'X'
                      : byte >= 0x80         ? 'u'
                                             : c;
    if (shape.size() < 2 || shape.back() != sign || shape[shape.size() - 2] != sign) shape += sign;
  }
  return shape;
}

// A text with the hashes of everything its features are made of; places outside of it have hashes too.
class Sight {
 public:
  Sight(std::string_view text, std::span<const SlotPiece> pieces, const Lexicon& lexicon)
      : lexicon_(lexicon),
        pieces_(pieces),
        words_(pieces.size() + 2 * kAround),
        shapes_(words_.size()),
        known_(pieces.size() + 2) {
    std::fill_n(words_.begin(), kAround, hash_of_word("<"));
    std::fill(words_.end() - kAround, words_.end(), hash_of_word(">"));
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      words_[i + kAround] = hash_of_word(pieces[i].word);
      const std::string_view written = text.substr(pieces[i].begin, pieces[i].end - pieces[i].begin);
      shapes_[i + kAround] = hash_of_word(shape_of(written));
    }
    look_up();
  }

  std::vector<std::uint32_t> at(std::size_t place) {
    features_.clear();
    kind_ = 0;
    put_words(place);
    put_letters(place);
    put_known(place);
    return features_;
  }

 private:
  Hash word(std::size_t place, int beside) const {
    return words_[static_cast<std::size_t>(static_cast<int>(place + kAround) + beside)];
  }
  Hash shape(std::size_t place, int beside) const {
    return shapes_[static_cast<std::size_t>(static_cast<int>(place + kAround) + beside)];
  }

  // Every call site is a kind of its own.
  void put(Hash one, Hash two = 0, Hash three = 0) { add(kind_++, hash_of_two(hash_of_two(one, two), three)); }
  void add(Hash kind, Hash value) { features_.push_back(static_cast<std::uint32_t>(hash_of_two(kind, value) >> 32)); }

  void put_words(std::size_t place) {
    const Hash here = word(place, 0);
    const Hash left = word(place, -1);
    const Hash right = word(place, 1);
    put(0);
    for (int beside = -3; beside <= 3; ++beside) put(word(place, beside));
    put(left, here);
    put(here, right);
    put(left, right);
    put(left, here, right);
    put(word(place, -2), left);
    put(word(place, -2), left, here);
    put(word(place, -3), word(place, -2), left);
    put(right, word(place, 2));
    put(here, right, word(place, 2));
    put(right, word(place, 2), word(place, 3));
    put(place == 0 ? 1 : place + 1 == pieces_.size() ? 2 : 0);
  }

  void put_letters(std::size_t place) {
    const std::string_view here = pieces_[place].word;
    for (std::size_t size = 1; size <= kLettersMost; ++size) {
      put(hash_of_word(here.substr(0, size)));
      put(hash_of_word(here.substr(here.size() - std::min(size, here.size()))));
    }
    for (const int beside : {-1, 1}) {
      const bool is_there = beside < 0 ? place > 0 : place + 1 < pieces_.size();
      const std::string_view other = is_there ? pieces_[beside < 0 ? place - 1 : place + 1].word : std::string_view();
      put(hash_of_word(other.substr(0, 3)));
      put(hash_of_word(other.substr(other.size() - std::min<std::size_t>(3, other.size()))));
    }
    for (int beside = -1; beside <= 1; ++beside) put(shape(place, beside));
    put(shape(place, -1), shape(place, 0));
    put(shape(place, 0), shape(place, 1));
  }

  void put_known(std::size_t place) {
    const auto seen = [&](std::size_t at) { return at < pieces_.size() && is_seen_[at] ? Hash{1} : Hash{0}; };
    put(seen(place));
    put(place > 0 ? seen(place - 1) : 2, seen(place), place + 1 < pieces_.size() ? seen(place + 1) : 2);
    for (const Hash known : known_[place + 1]) add(kind_, known);
    for (const Hash known : known_[place]) add(kind_ + 1, known);
    for (const Hash known : known_[place + 2]) add(kind_ + 2, known);
  }

  void know(std::size_t place, Standing standing, std::size_t more, std::uint16_t slot) {
    known_[place + 1].push_back(hash_of_two(static_cast<Hash>(standing) * 16 + more, slot));
  }

  void look_up() {
    is_seen_.resize(pieces_.size());
    for (std::size_t place = 0; place < pieces_.size(); ++place) {
      look_up_values(place);
      for (const Lexicon::Entry& entry : lexicon_.word(word(place, 0))) {
        if (entry.count == 0) continue;
        if (entry.slot == Lexicon::kAnywhere)
          is_seen_[place] = true;
        else
          know(place, Standing::word_of, entry.count > kOften ? 3 : entry.count > kSeldom ? 2 : 1, entry.slot);
      }
    }
    for (std::vector<Hash>& known : known_) {
      std::ranges::sort(known);
      const auto again = std::ranges::unique(known);
      known.erase(again.begin(), again.end());
    }
  }

  // The longest known value that begins here.
  void look_up_values(std::size_t place) {
    std::array<Hash, Lexicon::kWordsMost + 1> values{};
    const std::size_t most = std::min(Lexicon::kWordsMost, pieces_.size() - place);
    for (std::size_t size = 1; size <= most; ++size)
      values[size] = hash_of_two(values[size - 1], word(place + size - 1, 0));
    for (std::size_t size = most; size > 0; --size) {
      bool is_known = false;
      for (const Lexicon::Entry& entry : lexicon_.whole(values[size])) {
        if (entry.count == 0) continue;
        is_known = true;
        know_value(place, size, entry.slot);
      }
      if (is_known) return;
    }
  }

  void know_value(std::size_t place, std::size_t size, std::uint16_t slot) {
    const std::size_t length = std::min<std::size_t>(size, 4);
    for (std::size_t i = 0; i < size; ++i) {
      const bool is_last = i + 1 == size;
      know(place + i,
           i == 0    ? (is_last ? Standing::alone : Standing::begins)
           : is_last ? Standing::ends
                     : Standing::goes_on,
           length, slot);
    }
    know(place, Standing::starts_here, 0, slot);
    if (place + size < pieces_.size()) know(place + size, Standing::behind, 0, slot);
    if (place > 0) know(place - 1, Standing::before, 0, slot);
  }

  const Lexicon& lexicon_;
  std::span<const SlotPiece> pieces_;
  std::vector<Hash> words_, shapes_;
  std::vector<std::vector<Hash>> known_;  // of each piece, with an empty one at each end
  std::vector<bool> is_seen_;
  std::vector<std::uint32_t> features_;
  Hash kind_ = 0;
};

}  // namespace

std::uint64_t hash_of_word(std::string_view word) {
  Hash hash = 0xcbf29ce484222325;
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

std::vector<std::uint64_t> hashes_of(std::span<const SlotPiece> pieces) {
  std::vector<Hash> hashes;
  hashes.reserve(pieces.size());
  for (const SlotPiece& piece : pieces) hashes.push_back(hash_of_word(piece.word));
  return hashes;
}

std::vector<std::vector<std::uint32_t>> slot_features(std::string_view text, std::span<const SlotPiece> pieces,
                                                      const Lexicon& lexicon) {
  Sight sight(text, pieces, lexicon);
  std::vector<std::vector<std::uint32_t>> features;
  features.reserve(pieces.size());
  for (std::size_t place = 0; place < pieces.size(); ++place) features.push_back(sight.at(place));
  return features;
}

}  // namespace lilux::brain
