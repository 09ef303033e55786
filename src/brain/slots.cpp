#include "brain/slots.h"

#include <algorithm>
#include <array>

#include <utf8proc.h>

#include "base/encoding.h"
#include "brain/examples.h"
#include "brain/features.h"

namespace lilux::brain {

using base::Json;

namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";
constexpr std::string_view kSignsBefore = "\"'([{<";
constexpr std::string_view kSignsBehind = "\"')]}>,;:!?.";

std::string lowered(std::string_view word) {
  std::string lower;
  for (std::size_t size = 1; !word.empty(); word.remove_prefix(size)) {
    size = base::utf8_length(word);
    if (size < 2) {
      const char c = word.front();
      lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      size = 1;
      continue;
    }
    utf8proc_int32_t c = 0;
    utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(word.data()), static_cast<utf8proc_ssize_t>(size), &c);
    std::array<utf8proc_uint8_t, 4> bytes{};
    const utf8proc_ssize_t length = utf8proc_encode_char(utf8proc_tolower(c), bytes.data());
    lower.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
  }
  return lower;
}

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<Range> words_between_blanks(std::string_view text) {
  std::vector<Range> words;
  for (std::size_t end = 0;;) {
    const std::size_t begin = text.find_first_not_of(kBlanks, end);
    if (begin == std::string_view::npos) return words;
    end = std::min(text.size(), text.find_first_of(kBlanks, begin));
    words.push_back({.begin = begin, .end = end});
  }
}

// The word itself, without the signs at its borders and without 's.
Range middle_of(std::string_view text, Range word) {
  while (word.end - word.begin > 1 && kSignsBefore.contains(text[word.begin])) ++word.begin;
  while (word.end - word.begin > 1 && kSignsBehind.contains(text[word.end - 1])) --word.end;
  const std::string_view middle = text.substr(word.begin, word.end - word.begin);
  if (middle.size() > 2 && (middle.ends_with("'s") || middle.ends_with("'S"))) word.end -= 2;
  return word;
}

// By "bio"; a tag that goes on with nothing begins.
std::optional<std::vector<Slot>> slots_by_tags(const Json& tags, std::string_view text) {
  const std::vector<Range> words = words_between_blanks(text);
  if (!tags.is_array() || tags.as_array().size() != words.size()) return std::nullopt;
  std::vector<Slot> slots;
  bool is_open = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Json& tag = tags.as_array()[i];
    if (!tag.is_string()) return std::nullopt;
    const std::string_view said = tag.as_string();
    const bool is_inside = said.starts_with("B-") || said.starts_with("I-");
    if (!is_inside && said != "O") return std::nullopt;
    const std::string_view name = is_inside ? said.substr(2) : "";
    if (is_inside && (name.empty() || name.size() > kLabelBytesMax)) return std::nullopt;
    if (said.starts_with("I-") && is_open && slots.back().name == name)
      slots.back().end = words[i].end;
    else if (is_inside)
      slots.push_back({.name = std::string(name), .begin = words[i].begin, .end = words[i].end});
    is_open = is_inside;
  }
  return slots;
}

// Puts values where they first stand and nothing was put before.
class Places {
 public:
  explicit Places(std::string_view text) : pieces_(slot_pieces_of(text)), is_taken_(pieces_.size()) {}

  void put(std::string_view name, const Json& value) {
    if (!value.is_string() || name.empty() || name.size() > kLabelBytesMax) return;
    const std::vector<SlotPiece> wanted = slot_pieces_of(value.as_string());
    for (std::size_t at = 0; !wanted.empty() && at + wanted.size() <= pieces_.size(); ++at) {
      if (!stands(wanted, at)) continue;
      std::fill_n(is_taken_.begin() + static_cast<std::ptrdiff_t>(at), wanted.size(), true);
      slots_.push_back(
          {.name = std::string(name), .begin = pieces_[at].begin, .end = pieces_[at + wanted.size() - 1].end});
      return;
    }
  }
  std::vector<Slot> take() {
    std::ranges::sort(slots_, {}, &Slot::begin);
    return std::move(slots_);
  }

 private:
  bool stands(std::span<const SlotPiece> wanted, std::size_t at) const {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (is_taken_[at + i] || pieces_[at + i].word != wanted[i].word) return false;
    }
    return true;
  }
  std::vector<SlotPiece> pieces_;
  std::vector<bool> is_taken_;
  std::vector<Slot> slots_;
};

std::optional<std::vector<Slot>> slots_by_values(const Json& values, std::string_view text) {
  Places places(text);
  if (values.is_array()) {
    for (const Json& slot : values.as_array()) {
      const Json* name = slot.find("name");
      const Json* value = slot.find("value");
      if (!name || !name->is_string() || !value) return std::nullopt;
      places.put(name->as_string(), *value);
    }
    return places.take();
  }
  if (!values.is_object()) return std::nullopt;
  for (const auto& [name, value] : values.as_object()) {
    if (!value.is_array()) {
      places.put(name, value);
      continue;
    }
    for (const Json& one : value.as_array()) places.put(name, one);
  }
  return places.take();
}

}  // namespace

std::vector<SlotPiece> slot_pieces_of(std::string_view text) {
  text = base::clipped(text, kTextBytesMax);
  std::vector<SlotPiece> pieces;
  const auto put = [&](std::size_t begin, std::size_t end) {
    if (pieces.size() < kTokensMax)
      pieces.push_back({.begin = begin, .end = end, .word = lowered(text.substr(begin, end - begin))});
  };
  for (const Range& word : words_between_blanks(text)) {
    const Range middle = middle_of(text, word);
    for (std::size_t at = word.begin; at < middle.begin; ++at) put(at, at + 1);
    put(middle.begin, middle.end);
    const bool is_owner = text.substr(middle.end, word.end - middle.end).starts_with('\'') &&
                          middle.end + 2 <= word.end && (text[middle.end + 1] == 's' || text[middle.end + 1] == 'S');
    if (is_owner) put(middle.end, middle.end + 2);
    for (std::size_t at = middle.end + (is_owner ? 2 : 0); at < word.end; ++at) put(at, at + 1);
  }
  return pieces;
}

std::optional<std::vector<Slot>> told_slots(const Json& row, std::string_view text) {
  if (const Json* tags = row.find("bio")) return slots_by_tags(*tags, text);
  if (const Json* values = row.find("slots")) return slots_by_values(*values, text);
  return std::nullopt;
}

}  // namespace lilux::brain
