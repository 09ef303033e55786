#include "brain/extract_text.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace lilux::brain {

namespace {

constexpr std::string_view kOpening = "([{<\"'`*";
constexpr std::string_view kClosing = ")]}>\"'`*.,;:!?";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

bool is_capital_letter(char c) {
  return c >= 'A' && c <= 'Z';
}

// Curly quotes, dashes and the like stand as three bytes; they end words as their plain forms do.
std::size_t wide_mark(std::string_view text) {
  if (!text.starts_with("\xe2\x80")) return text.starts_with("\xe3\x80") || text.starts_with("\xef\xbc") ? 3 : 0;
  if (text.size() < 3) return 0;
  const auto third = static_cast<unsigned char>(text[2]);
  return third >= 0x93 && third <= 0x9f ? 3 : 0;
}

// Of writings without spaces between words each character is a token.
std::size_t ideograph(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  return text.size() >= 3 && first >= 0xe3 && first <= 0xe9 && wide_mark(text) == 0 ? 3 : 0;
}

Gap gap_of(std::string_view between) {
  Gap gap = Gap::none;
  for (std::size_t i = 0; i < between.size(); ++i) {
    const char c = between[i];
    const bool ends = i + 1 == between.size() || is_space(between[i + 1]);
    if ((c == '.' && ends) || c == '?' || c == '!' || c == ';' || c == '\n') return Gap::stop;
    if (c == ',') gap = Gap::comma;
    if (gap == Gap::comma) continue;
    if (c == '"' || c == '\'' || c == '`' || c == '\xe2') gap = Gap::quote;
    if (gap == Gap::quote) continue;
    if (c == '(' || c == '[' || c == '{') gap = Gap::open;
    if (c == ')' || c == ']' || c == '}') gap = Gap::close;
    if (c == ':') gap = Gap::colon;
    if (c == '=') gap = Gap::equals;
    if (gap == Gap::none && is_space(c)) gap = Gap::space;
  }
  return gap;
}

class Reader {
 public:
  Reader(std::string_view text, search::Words& words) : words_(&words) {
    result_.text = std::string(base::clipped(text, kRequestBytesMax));
  }

  Text read() {
    const std::string_view text = result_.text;
    std::size_t at = 0;
    while (at < text.size() && result_.tokens.size() < kRequestTokensMax) {
      if (is_space(text[at])) {
        ++at;
        continue;
      }
      std::size_t end = at;
      while (end < text.size() && !is_space(text[end])) ++end;
      chunk(at, end);
      at = end;
    }
    const auto first = std::ranges::find_if(text, is_letter);
    result_.is_small = std::none_of(first == text.end() ? first : first + 1, text.end(), is_capital_letter);
    return std::move(result_);
  }

 private:
  // What stands between spaces, without the marks round it.
  void chunk(std::size_t begin, std::size_t end) {
    const std::string_view text = result_.text;
    for (;;) {
      const std::size_t wide = begin < end ? wide_mark(text.substr(begin, end - begin)) : 0;
      if (wide > 0)
        begin += wide;
      else if (begin < end && kOpening.find(text[begin]) != std::string_view::npos)
        ++begin;
      else
        break;
    }
    while (begin < end) {
      if (kClosing.find(text[end - 1]) != std::string_view::npos)
        --end;
      else if (end - begin >= 3 && wide_mark(text.substr(end - 3, 3)) > 0)
        end -= 3;
      else
        break;
    }
    while (begin < end) begin = piece(begin, end);
  }

  // One token of a chunk; gives where the next begins.
  std::size_t piece(std::size_t begin, std::size_t end) {
    const std::string_view text = std::string_view(result_.text).substr(0, end);
    if (const std::size_t size = ideograph(text.substr(begin)); size > 0) {
      add(begin, std::min(begin + size, end));
      return begin + size;
    }
    std::size_t at = begin;
    while (at < end && !ends_piece(text, begin, at)) ++at;
    if (at == begin) return begin + std::max<std::size_t>(1, wide_mark(text.substr(begin)));
    std::size_t last = at;
    if (at == end && is_name_of_place(begin, at)) {
      add(begin, at);
      return at;
    }
    if (at == end && last - begin > 2 && text.substr(last - 2) == "'s") last -= 2;
    if (at == end && last - begin > 4 && text.substr(last - 4) == "\xe2\x80\x99s") last -= 4;
    add(begin, last);
    return at;
  }

  // "Luigi's" of "a table at Luigi's for two": a name behind "at", and nothing behind it that would be Luigi's.
  bool is_name_of_place(std::size_t begin, std::size_t end) const {
    constexpr std::array<std::string_view, 12> kBehind{"for", "at", "on",   "in",      "to",       "with",
                                                       "and", "by", "from", "tonight", "tomorrow", "please"};
    const std::string_view text = result_.text;
    const bool is_name = text[begin] >= 'A' && text[begin] <= 'Z' && end - begin > 3 &&
                         text.substr(end - 2, 2) == "'s" && begin > 3 && text.substr(begin - 4, 4) == " at ";
    if (!is_name || end >= text.size() || text[end] != ' ') return is_name;
    const std::string_view rest = text.substr(end + 1);
    const std::string_view word = rest.substr(0, rest.find_first_of(" ,.?!"));
    return std::ranges::find(kBehind, word) != kBehind.end();
  }

  static bool ends_piece(std::string_view text, std::size_t begin, std::size_t at) {
    const char c = text[at];
    if (c == '=' || c == '"' || c == '(' || c == ')' || c == '[' || c == ']') return true;
    if (at > begin && (ideograph(text.substr(at)) > 0 || wide_mark(text.substr(at)) > 0)) return true;
    const bool is_between_digits =
        at > begin && is_digit(text[at - 1]) && at + 1 < text.size() && is_digit(text[at + 1]);
    const std::string_view before = text.substr(begin, at - begin);  // "1600x900" is two numbers, and 0x10 is one
    const bool is_all_digits = before.find_first_not_of("0123456789") == std::string_view::npos && before != "0";
    if (c == 'x' && is_between_digits && is_all_digits) return true;
    if (c == ',') return !(is_between_digits && is_thousands(text, at));
    if (c == ':')
      return !is_between_digits && (at + 1 >= text.size() || (text[at + 1] != '/' && text[at + 1] != '\\')) &&
             text.substr(begin, at - begin).find_first_of("/@.") == std::string_view::npos;
    return false;
  }

  static bool is_thousands(std::string_view text, std::size_t comma) {
    const auto digit = [&](std::size_t at) { return at < text.size() && is_digit(text[at]); };
    return digit(comma + 1) && digit(comma + 2) && digit(comma + 3) && !digit(comma + 4);
  }

  void add(std::size_t begin, std::size_t end) {
    const std::string_view word = std::string_view(result_.text).substr(begin, end - begin);
    if (word.empty() || result_.tokens.size() >= kRequestTokensMax) return;
    Token token{.begin = begin, .end = end, .lower = lowered(word)};
    const std::size_t before = result_.tokens.empty() ? 0 : result_.tokens.back().end;
    token.gap =
        result_.tokens.empty() ? Gap::start : gap_of(std::string_view(result_.text).substr(before, begin - before));
    token.begins_text = token.gap == Gap::start || token.gap == Gap::stop;
    token.is_capital = is_capital_letter(word.front());
    const auto letters = std::ranges::count_if(word, is_letter);
    token.is_upper = letters >= 2 && letters == std::ranges::count_if(word, is_capital_letter);
    token.has_digit = std::ranges::any_of(word, is_digit);
    token.is_number = token.has_digit && word.find_first_not_of("0123456789.,-+") == std::string_view::npos;
    const std::vector<search::Word> parts = words_->split(token.lower);
    if (parts.size() == 1 && search::is_content(parts.front().term)) token.stem = parts.front().term;
    if (parts.size() > 1) token.stem = token.lower;
    result_.tokens.push_back(std::move(token));
  }

  Text result_;
  search::Words* words_;
};

}  // namespace

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string lowered(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (is_capital_letter(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Text read_text(std::string_view text, search::Words& words) {
  return Reader(text, words).read();
}

std::vector<std::string> name_parts(std::string_view name) {
  std::vector<std::string> parts(1);
  char before = ' ';
  for (const char c : name) {
    const bool is_hump = c >= 'A' && c <= 'Z' && before >= 'a' && before <= 'z';
    before = c;
    const bool is_part = is_letter(c) || is_digit(c);
    if ((is_hump || !is_part) && !parts.back().empty()) parts.emplace_back();
    if (is_part) parts.back() += c;
  }
  if (parts.back().empty()) parts.pop_back();
  for (std::string& part : parts) part = lowered(part);
  return parts;
}

std::vector<std::string> name_stems(std::string_view name, search::Words& words) {
  std::vector<std::string> stems;
  const std::vector<search::Word> parts = words.split(name);
  for (const search::Word& part : parts) {
    const bool is_whole = std::ranges::any_of(parts, [&](const search::Word& other) {
      return &other != &part && other.begin >= part.begin && other.end <= part.end &&
             other.end - other.begin < part.end - part.begin;
    });
    if (!is_whole && search::is_content(part.term)) stems.push_back(part.term);
  }
  return stems;
}

std::vector<std::string> text_stems(std::string_view text, search::Words& words) {
  return name_stems(text, words);
}

}  // namespace lilux::brain
