#include "brain/caller_feature.h"

#include <algorithm>
#include <cmath>

#include "brain/caller_weights.h"
#include "brain/extract_text.h"

namespace lilux::brain {

bool is_number_kind(Kind kind) {
  return kind == Kind::integer || kind == Kind::number;
}

std::uint32_t row_of(Kind kind) {
  if (kind == Kind::any) kind = Kind::string;
  return is_number_kind(kind) ? 1U : static_cast<std::uint32_t>(kind) + 2;
}

std::uint32_t shape_of(std::string_view text) {
  std::uint32_t hash = 7;
  char before = 0;
  std::size_t runs = 0;
  for (const char c : text) {
    char kind = c;
    if (is_digit(c)) kind = '0';
    if (c >= 'a' && c <= 'z') kind = 'a';
    if (c >= 'A' && c <= 'Z') kind = 'A';
    if (static_cast<unsigned char>(c) >= 0x80) kind = 'u';
    if (kind == before) continue;
    before = kind;
    if (++runs > 8) break;
    hash = mixed(hash, static_cast<unsigned char>(kind));
  }
  return hash;
}

std::uint32_t bucket(double share) {
  return static_cast<std::uint32_t>(std::lround(std::clamp(share, 0.0, 1.0) * 5));
}

std::uint32_t few(std::size_t count, std::size_t most) {
  return static_cast<std::uint32_t>(std::min(count, most));
}

}  // namespace lilux::brain
