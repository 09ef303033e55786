#include "search/postings.h"

#include <limits>

namespace lilux::search {

using base::ErrorCode;
using base::fail;
using base::Result;

void append_number(std::string& out, std::uint32_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(0x80 | (number & 0x7f));
  out += static_cast<char>(number);
}

bool take_number(std::string_view& bytes, std::uint32_t& number) {
  number = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 5; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    number |= static_cast<std::uint32_t>(byte & 0x7fU) << (7 * i);
    if (byte < 0x80) {
      bytes.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

std::string encode_postings(std::span<const Posting> postings, std::uint32_t first) {
  std::string bytes;
  bytes.reserve(2 * postings.size() + 5);
  append_number(bytes, static_cast<std::uint32_t>(postings.size()));
  for (const Posting& posting : postings) {
    append_number(bytes, posting.document - first);
    append_number(bytes, posting.count);
    first = posting.document + 1;
  }
  return bytes;
}

Result<void> decode_postings(std::string_view bytes, std::uint32_t first, std::uint32_t end,
                             std::vector<Posting>& into) {
  const auto damaged = [] { return fail(ErrorCode::corrupt, "the search index has damaged postings"); };
  std::uint32_t size = 0;
  if (!take_number(bytes, size) || size > bytes.size() / 2) return damaged();
  const std::size_t before = into.size();
  into.resize(before + size);
  for (std::uint32_t i = 0; i < size; ++i) {
    std::uint32_t gap = 0;
    std::uint32_t count = 0;
    if (bytes.size() >= 2 && ((bytes[0] | bytes[1]) & 0x80) == 0) {  // nearly always
      gap = static_cast<std::uint32_t>(bytes[0]);
      count = static_cast<std::uint32_t>(bytes[1]);
      bytes.remove_prefix(2);
    } else if (!take_number(bytes, gap) || !take_number(bytes, count)) {
      return damaged();
    }
    if (first >= end || gap >= end - first || count == 0) return damaged();
    into[before + i] = {.document = first + gap, .count = count};
    first += gap + 1;
  }
  if (!bytes.empty()) return damaged();
  return {};
}

std::string encode_terms(std::span<const TermCount> terms) {
  std::string bytes;
  std::uint32_t before = 0;
  for (const TermCount& term : terms) {
    append_number(bytes, term.term - before);
    append_number(bytes, term.count);
    before = term.term;
  }
  return bytes;
}

Result<std::vector<TermCount>> decode_terms(std::string_view bytes) {
  std::vector<TermCount> terms;
  std::uint32_t before = 0;
  while (!bytes.empty()) {
    std::uint32_t gap = 0;
    std::uint32_t count = 0;
    const bool is_whole = take_number(bytes, gap) && take_number(bytes, count);
    if (!is_whole || gap > std::numeric_limits<std::uint32_t>::max() - before)
      return fail(ErrorCode::corrupt, "the search index has a damaged document");
    before += gap;
    terms.push_back({.term = before, .count = count});
  }
  return terms;
}

}  // namespace lilux::search
