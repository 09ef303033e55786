#include "item/stamp.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/hash.h"
#include "base/time.h"
#include "item/directive.h"
#include "text/edit.h"
#include "text/front_matter.h"

namespace lilux::item {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kShort = 12;  // digits; later versions of Kiwi write all of them
constexpr std::size_t kWhole = 64;
constexpr std::string_view kWord = " kiwi-mcp:validated:";
constexpr std::string_view kTimeKey = "validated_at";
constexpr std::string_view kHashKey = "content_hash";

// Kiwi hashes texts as Python reads them: every line end is "\n".
std::string with_plain_line_ends(std::string_view text) {
  std::string made;
  made.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r')
      made += text[i];
    else if (text.substr(i + 1, 1) != "\n")
      made += '\n';
  }
  return made;
}

// What Python's str.strip() takes away.
std::string_view stripped(std::string_view text) {
  static const std::vector<std::string> kSpaces = [] {
    std::vector<std::string> made;  // those that are found often first
    for (const char c : {' ', '\n', '\r', '\t', '\v', '\f', '\x1C', '\x1D', '\x1E', '\x1F'}) made.emplace_back(1, c);
    for (const char* wide : {"\xC2\x85", "\xC2\xA0", "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF",
                             "\xE2\x81\x9F", "\xE3\x80\x80"})
      made.emplace_back(wide);
    for (char last = '\x80'; last <= '\x8A'; ++last) made.push_back(std::string("\xE2\x80") + last);
    return made;
  }();
  const auto strip = [&text](auto has, auto remove) {
    while (true) {
      const auto found = std::ranges::find_if(kSpaces, [&](const std::string& space) { return has(space); });
      if (text.empty() || found == kSpaces.end()) return;
      remove(found->size());
    }
  };
  strip([&](const std::string& s) { return text.starts_with(s); }, [&](std::size_t n) { text.remove_prefix(n); });
  strip([&](const std::string& s) { return text.ends_with(s); }, [&](std::size_t n) { text.remove_suffix(n); });
  return text;
}

// How a stamp of that kind stands in its line: "# kiwi-mcp:validated:TIME:HASH", "<!-- ... -->".
struct Style {
  std::string_view before;
  std::string_view after;
  bool is_behind_shebang;
};
Style style_of(Kind kind, std::string_view ending) {
  if (kind == Kind::directive) return {.before = "<!--", .after = " -->", .is_behind_shebang = false};
  return {.before = ending == "js" || ending == "mjs" ? "//" : "#", .after = "", .is_behind_shebang = true};
}

struct Found {
  text::LineSpan line = {};
  std::optional<Stamp> stamp = {};  // nothing when the line is no stamp
};

Found find_line(std::string_view text, const Style& style) {
  text::LineSpan line = text::line_at(text, 0);
  if (style.is_behind_shebang && text.starts_with("#!/")) line = text::line_at(text, line.next);
  Found found{.line = line};
  std::string_view all = text::text_of(text, line);
  const std::string before = std::string(style.before) + std::string(kWord);
  if (!all.starts_with(before)) return found;
  all.remove_prefix(before.size());
  Stamp stamp{.state = StampState::invalid};
  const std::size_t colon = all.rfind(':');
  if (all.ends_with(style.after) && colon != std::string_view::npos) {
    stamp.time = all.substr(0, colon);
    stamp.hash = all.substr(colon + 1, all.size() - colon - 1 - style.after.size());
  }
  found.stamp = std::move(stamp);
  return found;
}

// The bytes a stamp is of; nothing when they are not there.
std::optional<std::string> stamped_part(Kind kind, std::string_view text, std::string_view ending) {
  if (kind == Kind::directive) {
    const auto block = directive_block(text);
    if (!block) return std::nullopt;
    return with_plain_line_ends(stripped(text.substr(block->begin, block->end - block->begin)));
  }
  if (kind == Kind::knowledge) {
    const auto front = text::parse_front_matter(text, text::FrontMatterReading::mending);
    if (!front || !*front) return std::nullopt;
    return std::string(stripped(with_plain_line_ends(text.substr((*front)->body))));
  }
  const Found found = find_line(text, style_of(kind, ending));
  const std::size_t shebang = text.starts_with("#!/") ? text::line_at(text, 0).next : 0;
  return with_plain_line_ends(text.substr(found.stamp ? found.line.next : shebang));
}

Stamp checked(Stamp stamp, const std::optional<std::string>& part) {
  const bool is_hash = (stamp.hash.size() == kShort || stamp.hash.size() == kWhole) &&
                       stamp.hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  stamp.state = StampState::invalid;
  if (!part || !is_hash || stamp.time.empty()) return stamp;
  const bool is_same = base::to_hex(base::sha256(*part)).starts_with(stamp.hash);
  stamp.state = is_same ? StampState::valid : StampState::modified;
  return stamp;
}

Stamp knowledge_stamp(std::string_view text) {
  const auto front = text::parse_front_matter(text, text::FrontMatterReading::mending);
  if (!front || !*front) return {};
  const bool has_hash = (*front)->value.find(kHashKey) != nullptr;
  Stamp stamp{.time = text::front_matter_text(text, **front, kTimeKey),
              .hash = text::front_matter_text(text, **front, kHashKey)};
  if (!has_hash) return {};
  return checked(std::move(stamp), stamped_part(Kind::knowledge, text, {}));
}

}  // namespace

bool has_stamp(Kind kind) {
  return kind == Kind::directive || kind == Kind::script || kind == Kind::knowledge;
}

Stamp verify_stamp(Kind kind, std::string_view text, std::string_view ending) {
  if (!has_stamp(kind)) return {};
  if (kind == Kind::knowledge) return knowledge_stamp(text);
  Found found = find_line(text, style_of(kind, ending));
  if (!found.stamp) return {};
  return checked(std::move(*found.stamp), stamped_part(kind, text, ending));
}

Result<std::string> stamped(Kind kind, std::string_view text, std::int64_t now_us, std::string_view ending) {
  if (!has_stamp(kind)) return fail(ErrorCode::invalid_argument, "only directives, scripts and knowledge have stamps");
  const std::optional<std::string> part = stamped_part(kind, text, ending);
  if (!part) return fail(ErrorCode::invalid_argument, "there is nothing to stamp", "mend the item first");
  const std::string hash = base::to_hex(base::sha256(*part)).substr(0, kShort);
  const std::string time = base::format_time(now_us).substr(0, 19) + "Z";
  if (kind == Kind::knowledge) {
    const std::string timed = TRY(text::with_front_matter(text, kTimeKey, time));
    return text::with_front_matter(timed, kHashKey, hash);
  }
  const Style style = style_of(kind, ending);
  const Found found = find_line(text, style);
  const std::size_t behind = found.stamp ? found.line.next : found.line.begin;
  std::string made(text.substr(0, found.line.begin));
  if (!made.empty() && !made.ends_with('\n')) made += '\n';
  made += std::string(style.before) + std::string(kWord) + time + ":" + hash + std::string(style.after) + "\n";
  return made + std::string(text.substr(behind));
}

}  // namespace lilux::item
