#include "base/id.h"

#include <algorithm>
#include <cstring>

#include "base/random.h"
#include "base/time.h"

namespace lilux::base {

namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr int kCounterBits = 18;
constexpr std::size_t kCharacters = 12;

std::uint64_t now_part() {
  return (static_cast<std::uint64_t>(now_us() / 1000) & ((std::uint64_t{1} << 42) - 1)) << kCounterBits;
}

// Where the counter of one millisecond starts: random in the lower half, so two processes seldom meet.
std::uint64_t random_part() {
  std::uint32_t value = 0;
  std::memcpy(&value, random_bytes(sizeof(value)).data(), sizeof(value));
  return value & ((1u << (kCounterBits - 1)) - 1);
}

}  // namespace

IdSource::IdSource() : last_(0) {}

std::string IdSource::next(char kind) {
  std::uint64_t last = last_.load();
  std::uint64_t value = 0;
  do {
    const std::uint64_t now = now_part();
    value = (last >> kCounterBits) >= (now >> kCounterBits) ? last + 1 : now | random_part();
  } while (!last_.compare_exchange_weak(last, value));
  std::string text(1 + kCharacters, kind);
  for (std::size_t i = kCharacters; i > 0; --i, value >>= 5) text[i] = kAlphabet[value & 31];
  return text;
}

bool is_id(std::string_view text, char kind) {
  return text.size() == 1 + kCharacters && text.front() == kind &&
         std::ranges::all_of(text.substr(1), [](char c) { return kAlphabet.find(c) != std::string_view::npos; });
}

std::int64_t time_of_id(std::string_view id) {
  if (id.empty() || !is_id(id, id.front())) return 0;
  std::uint64_t value = 0;
  for (const char c : id.substr(1)) value = value << 5 | kAlphabet.find(c);
  return static_cast<std::int64_t>(value >> kCounterBits) * 1000;
}

}  // namespace lilux::base
