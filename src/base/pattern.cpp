#include "base/pattern.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include <re2/re2.h>

#include "base/encoding.h"
#include "base/number.h"

namespace lilux::base {

namespace {

constexpr std::int64_t kMemoryMax = std::int64_t{16} << 20;

// Inside brackets: what \s and \S are in ECMA-262, which is more than RE2's own.
constexpr std::string_view kSpace =
    R"(\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view kNoSpace =
    R"(\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e})"
    R"(\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";
constexpr std::string_view kNoLineEnd = R"([^\n\r\x{2028}\x{2029}])";
constexpr std::string_view kNothing = R"([^\x{0}-\x{10ffff}])";
constexpr std::string_view kAnything = R"([\x{0}-\x{10ffff}])";

// The long names of general categories; RE2 knows only the short ones.
constexpr std::array<std::pair<std::string_view, std::string_view>, 41> kCategories{{
    {"Cased_Letter", "Lu}\\p{Ll}\\p{Lt"},
    {"Close_Punctuation", "Pe"},
    {"Connector_Punctuation", "Pc"},
    {"Control", "Cc"},
    {"Currency_Symbol", "Sc"},
    {"Dash_Punctuation", "Pd"},
    {"Decimal_Number", "Nd"},
    {"Enclosing_Mark", "Me"},
    {"Final_Punctuation", "Pf"},
    {"Format", "Cf"},
    {"Initial_Punctuation", "Pi"},
    {"LC", "Lu}\\p{Ll}\\p{Lt"},
    {"Letter", "L"},
    {"Letter_Number", "Nl"},
    {"Line_Separator", "Zl"},
    {"Lowercase_Letter", "Ll"},
    {"Mark", "M"},
    {"Math_Symbol", "Sm"},
    {"Modifier_Letter", "Lm"},
    {"Modifier_Symbol", "Sk"},
    {"Nonspacing_Mark", "Mn"},
    {"Number", "N"},
    {"Open_Punctuation", "Ps"},
    {"Other", "C"},
    {"Other_Letter", "Lo"},
    {"Other_Number", "No"},
    {"Other_Punctuation", "Po"},
    {"Other_Symbol", "So"},
    {"Paragraph_Separator", "Zp"},
    {"Private_Use", "Co"},
    {"Punctuation", "P"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Spacing_Mark", "Mc"},
    {"Symbol", "S"},
    {"Titlecase_Letter", "Lt"},
    {"Uppercase_Letter", "Lu"},
    {"cntrl", "Cc"},
    {"digit", "Nd"},
    {"punct", "P"},
    {"Combining_Mark", "M"},
}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string code_point(std::uint32_t value) {
  std::array<char, 8> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return "\\x{" + std::string(digits.data(), end) + "}";
}

// Rewrites an expression of ECMA-262 as the same expression of RE2. Parentheses and repetitions are left to RE2 to
// check.
class Translation {
 public:
  explicit Translation(std::string_view expression) : expression_(expression), rest_(expression) {}

  Result<std::string> whole() {
    while (!rest_.empty()) TRY(next());
    return std::move(out_);
  }

 private:
  std::unexpected<Error> refused(ErrorCode code, const std::string& why) const {
    const std::string at = " at byte " + std::to_string(expression_.size() - rest_.size());
    return fail(code, "the pattern '" + std::string(clipped(expression_, 200)) + "' has " + why + at,
                code == ErrorCode::unavailable
                    ? "patterns are searched in linear time: no look-around, no back-references"
                    : "a regular expression of ECMA-262");
  }
  std::unexpected<Error> invalid(const std::string& why) const { return refused(ErrorCode::invalid_argument, why); }
  std::unexpected<Error> unsupported(const std::string& why) const { return refused(ErrorCode::unavailable, why); }

  bool skip(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  void copy(std::size_t count) {
    out_ += rest_.substr(0, count);
    rest_.remove_prefix(std::min(count, rest_.size()));
  }

  Result<void> next() {
    switch (rest_.front()) {
      case '\\': return escape();
      case '[': return brackets();
      case '(': return group();
      case '.':
        rest_.remove_prefix(1);
        out_ += kNoLineEnd;
        return {};
      case '{': return braces();
      case '}':
      case ']': out_ += '\\'; break;
      default: break;
    }
    copy(1);
    return {};
  }

  Result<void> group() {
    if (!rest_.starts_with("(?")) {
      copy(1);
      return {};
    }
    if (rest_.starts_with("(?=") || rest_.starts_with("(?!")) return unsupported("a look-ahead");
    if (rest_.starts_with("(?<=") || rest_.starts_with("(?<!")) return unsupported("a look-behind");
    if (skip("(?<")) {
      const std::size_t end = rest_.find('>');
      if (end == 0 || end == std::string_view::npos) return invalid("a group without a name");
      rest_.remove_prefix(end + 1);
      out_ += '(';
      return {};
    }
    const std::size_t end = rest_.find_first_not_of("ims-", 2);
    if (end == std::string_view::npos || rest_[end] != ':') return invalid("an unknown kind of group");
    copy(end + 1);
    return {};
  }

  // A repetition is copied; braces that are none stand for themselves.
  Result<void> braces() {
    const std::size_t end = rest_.find('}');
    const std::string_view inside = rest_.substr(1, end == std::string_view::npos ? 0 : end - 1);
    const bool is_repetition = !inside.empty() && is_digit(inside.front()) &&
                               std::ranges::all_of(inside, [](char c) { return is_digit(c) || c == ','; }) &&
                               std::ranges::count(inside, ',') <= 1;
    if (!is_repetition) out_ += '\\';
    copy(is_repetition ? end + 1 : 1);
    return {};
  }

  Result<void> escape() {
    rest_.remove_prefix(1);
    if (rest_.empty()) return invalid("a backslash at its end");
    const char c = rest_.front();
    if (c == 'b' || c == 'B') {
      out_ += '\\';
      copy(1);
      return {};
    }
    if (c == 'k' || (c >= '1' && c <= '9')) return unsupported("a back-reference");
    out_ += "[" + TRY(escaped_set()) + "]";
    return {};
  }

  Result<void> brackets() {
    rest_.remove_prefix(1);
    const bool is_negated = skip("^");
    if (skip("]")) {
      out_ += is_negated ? kAnything : kNothing;
      return {};
    }
    out_ += is_negated ? "[^" : "[";
    while (!rest_.empty() && rest_.front() != ']') {
      if (skip("\\b")) {
        out_ += "\\x{8}";
      } else if (skip("\\")) {
        if (rest_.empty()) return invalid("a backslash at its end");
        out_ += TRY(escaped_set());
      } else {
        if (rest_.front() == '[') out_ += '\\';
        copy(1);
      }
    }
    if (!skip("]")) return invalid("brackets that are not closed");
    out_ += ']';
    return {};
  }

  // What the characters after a backslash stand for, as it is written inside brackets.
  Result<std::string> escaped_set() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
      case 'd':
      case 'D':
      case 'w':
      case 'W':
      case 't':
      case 'n':
      case 'v':
      case 'f':
      case 'r': return std::string("\\") + c;
      case 's': return std::string(kSpace);
      case 'S': return std::string(kNoSpace);
      case 'p':
      case 'P': return property(c);
      case 'c': return control();
      case 'x': return code_point(TRY(hex(2)));
      case 'u': return unicode();
      case '0':
        if (!rest_.empty() && is_digit(rest_.front())) return invalid("an octal escape");
        return code_point(0);
      default: break;
    }
    const bool is_mark = static_cast<unsigned char>(c) < 0x80 && !is_letter(c) && !is_digit(c);
    if (!is_mark) return invalid("an unknown escape");
    return c == '_' ? std::string("_") : std::string("\\") + c;
  }

  Result<std::string> control() {
    if (rest_.empty() || !is_letter(rest_.front())) return invalid("\\c without a letter");
    const auto letter = static_cast<std::uint32_t>(static_cast<unsigned char>(rest_.front()));
    rest_.remove_prefix(1);
    return code_point(letter % 32);
  }

  Result<std::uint32_t> hex(std::size_t digits) {
    const auto value = number_from<std::uint32_t>(rest_.substr(0, digits), 16);
    if (rest_.size() < digits || !value) return invalid("a bad hexadecimal escape");
    rest_.remove_prefix(digits);
    return *value;
  }

  Result<std::string> unicode() {
    if (skip("{")) {
      const std::size_t end = rest_.find('}');
      if (end == 0 || end == std::string_view::npos || end > 6) return invalid("a bad \\u{...}");
      const std::uint32_t value = TRY(hex(end));
      rest_.remove_prefix(1);
      if (value > 0x10FFFF) return invalid("a bad \\u{...}");
      return code_point(value);
    }
    const std::uint32_t first = TRY(hex(4));
    if (first < 0xD800 || first > 0xDFFF) return code_point(first);
    if (first < 0xDC00 && skip("\\u")) {
      const std::uint32_t second = TRY(hex(4));
      if (second >= 0xDC00 && second <= 0xDFFF)
        return code_point(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
    }
    return unsupported("half a surrogate pair");
  }

  Result<std::string> property(char kind) {
    const std::size_t end = rest_.find('}');
    if (!rest_.starts_with('{') || end == std::string_view::npos) return invalid("\\p without {...}");
    std::string_view name = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    for (const std::string_view prefix : {"General_Category=", "gc=", "Script=", "sc=", "Script_Extensions=", "scx="}) {
      if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
    }
    if (name == "Any" && kind == 'p') return std::string(R"(\x{0}-\x{10ffff})");
    if (name == "ASCII") return std::string(kind == 'p' ? R"(\x{0}-\x{7f})" : R"(\x{80}-\x{10ffff})");
    const auto* known = std::ranges::find(kCategories, name, &std::pair<std::string_view, std::string_view>::first);
    if (known != kCategories.end()) name = known->second;
    const bool is_word = !name.empty() && std::ranges::all_of(name, [](char c) { return is_letter(c) || c == '_'; });
    if (known == kCategories.end() && !is_word) return invalid("an unknown property");
    if (kind == 'P' && name.find('}') != std::string_view::npos) return unsupported("\\P{LC}");
    return std::string("\\") + kind + "{" + std::string(name) + "}";
  }

  std::string_view expression_;
  std::string_view rest_;
  std::string out_;
};

}  // namespace

Pattern::Pattern(std::unique_ptr<const re2::RE2> program) : program_(std::move(program)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::compile(std::string_view expression) {
  const std::string translated = TRY(Translation(expression).whole());
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(kMemoryMax);
  auto program = std::make_unique<const re2::RE2>(translated, options);
  if (program->ok()) return Pattern(std::move(program));
  const bool is_too_large =
      program->error_code() == re2::RE2::ErrorPatternTooLarge || program->error_code() == re2::RE2::ErrorRepeatSize;
  const std::string text(clipped(expression, 200));
  if (is_too_large)
    return fail(ErrorCode::unavailable, "the pattern '" + text + "' is too large",
                "repetitions count up to 1000 at most");
  return fail(ErrorCode::invalid_argument, "the pattern '" + text + "' is none: " + program->error(),
              "a regular expression of ECMA-262");
}

bool Pattern::is_found_in(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *program_);
}

std::size_t Pattern::instructions() const {
  return static_cast<std::size_t>(std::max(0, program_->ProgramSize()));
}

}  // namespace lilux::base
