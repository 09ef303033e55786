#include "text/glob.h"

#include <algorithm>
#include <utility>

#include "text/wildcard.h"

namespace lilux::text {

using base::Result;

namespace {

constexpr std::string_view kSegments = "**";   // any number of path segments, or of words
constexpr std::size_t kComparedSegments = 64;  // covers() gives up on deeper patterns

std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(separator, from), text.size());
    parts.emplace_back(text.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

// The segments of an absolute path; none for "/".
std::vector<std::string> segments_of(std::string_view path) {
  return path == "/" ? std::vector<std::string>() : parts_of(path.substr(1), '/');
}

bool is_dots(std::string_view segment) { return segment == "." || segment == ".."; }

bool is_rest(const std::string& segment) { return segment == kSegments; }

Result<void> check_segment(std::string_view pattern, const std::string& segment) {
  if (segment.empty()) {
    return refused_pattern(pattern, "has a slash too many, so it never matches a canonical path",
                       "single slashes, none at the end; /a/** for all below /a");
  }
  if (const auto literal = literal_of(segment); literal && is_dots(*literal)) {
    return refused_pattern(pattern, "holds '" + *literal + "', so it never matches a canonical path", "write the path it means");
  }
  if (!is_rest(segment) && segment.find(kSegments) != std::string::npos) {
    return refused_pattern(pattern, "has '**' inside a segment", "'**' stands for whole segments: /a/**/b");
  }
  return check_classes(segment);  // again: a class cannot span a slash
}

// `**` is to segments what '*' is to bytes, and takes more in the same way.
bool segments_match(std::span<const std::string> pattern, std::span<const std::string> path) {
  constexpr auto kNone = static_cast<std::size_t>(-1);
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = kNone;
  std::size_t star_path = 0;
  while (t < path.size()) {
    if (p < pattern.size() && is_rest(pattern[p])) {
      star = p++;
      star_path = t;
    } else if (p < pattern.size() && wild_matches(pattern[p], path[t])) {
      ++p;
      ++t;
    } else if (star != kNone) {
      p = star + 1;
      t = ++star_path;
    } else {
      return false;
    }
  }
  return std::ranges::all_of(pattern.subspan(p), is_rest);
}

// covered[n] is about the rest of `wide` from the segment at hand and the rest of `narrow` from n; built from the ends.
bool segments_cover(std::span<const std::string> wide, std::span<const std::string> narrow) {
  if (std::max(wide.size(), narrow.size()) > kComparedSegments) return false;
  std::vector<bool> covered(narrow.size() + 1, false);
  covered.back() = true;
  for (std::size_t w = wide.size(); w-- > 0;) {
    std::vector<bool> next(narrow.size() + 1, false);
    next.back() = is_rest(wide[w]) && covered.back();
    for (std::size_t n = narrow.size(); n-- > 0;) {
      if (is_rest(wide[w])) next[n] = covered[n] || next[n + 1];  // takes nothing, or one element more
      else next[n] = !is_rest(narrow[n]) && covered[n + 1] && wild_covers(wide[w], narrow[n]);
    }
    covered = std::move(next);
  }
  return covered.front();
}

std::string_view name_part(std::string_view program) { return program.substr(program.rfind('/') + 1); }

bool is_by_path(std::string_view pattern) { return pattern.find('/') != std::string_view::npos; }

bool program_matches(const NameGlob& glob, const std::string& program) {
  // A path that goes up is not where it seems to be: /usr/bin/../../tmp/x is not in /usr/bin.
  const bool goes_up = program.find("/../") != std::string::npos || program.starts_with("../");
  return std::ranges::any_of(glob.choices(), [&](const std::string& choice) {
    return is_by_path(choice) ? !goes_up && wild_matches(choice, program) : wild_matches(choice, name_part(program));
  });
}

bool program_covers(const std::string& wide, const std::string& narrow) {
  if (is_by_path(wide) == is_by_path(narrow)) return wild_covers(wide, narrow);
  if (is_by_path(wide)) return false;
  const auto literal = literal_of(narrow);
  return wild_covers(wide, "*") || (literal && wild_matches(wide, name_part(*literal)));
}

template <class Covers>
bool choices_cover(const auto& wide, const auto& narrow, const Covers& covers_one) {
  return std::ranges::all_of(narrow.choices(), [&](const auto& inner) {
    return std::ranges::any_of(wide.choices(), [&](const auto& outer) { return covers_one(outer, inner); });
  });
}

}  // namespace

Result<NameGlob> NameGlob::compile(std::string_view pattern) {
  NameGlob made;
  made.choices_ = TRY(expand_choices(pattern));
  return made;
}

bool NameGlob::matches(std::string_view text) const {
  return std::ranges::any_of(choices_, [&](const std::string& choice) { return wild_matches(choice, text); });
}

bool name_matches(std::string_view pattern, std::string_view text) {
  const Result<NameGlob> glob = NameGlob::compile(pattern);
  return glob && glob->matches(text);
}

Result<PathGlob> PathGlob::compile(std::string_view pattern) {
  PathGlob made;
  for (const std::string& choice : TRY(expand_choices(pattern))) {
    if (!choice.starts_with('/')) {
      return refused_pattern(pattern, "is relative, so it never matches a canonical path", "begin it with /");
    }
    std::vector<std::string> segments = segments_of(choice);
    for (const std::string& segment : segments) TRY(check_segment(pattern, segment));
    made.choices_.push_back(std::move(segments));
  }
  return made;
}

bool PathGlob::matches(std::string_view path) const {
  if (!path.starts_with('/') || path.find('\0') != std::string_view::npos) return false;
  const std::vector<std::string> segments = segments_of(path);
  if (std::ranges::any_of(segments, [](const std::string& one) { return one.empty() || is_dots(one); })) return false;
  return std::ranges::any_of(choices_, [&](const auto& choice) { return segments_match(choice, segments); });
}

std::string PathGlob::literal_prefix() const {
  std::vector<std::string> shared;
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    std::vector<std::string> literals;
    for (const std::string& segment : choices_[i]) {
      const auto literal = literal_of(segment);
      if (!literal) break;
      literals.push_back(*literal);
    }
    if (i == 0) shared = literals;
    const auto common = std::ranges::mismatch(shared, literals);
    shared.erase(common.in1, shared.end());
  }
  std::string prefix;
  for (const std::string& segment : shared) prefix.append("/").append(segment);
  return prefix;
}

Result<ArgvGlob> ArgvGlob::compile(std::string_view pattern) {
  std::vector<std::string> words = parts_of(pattern, ' ');
  if (std::ranges::find(words, "") != words.end()) {
    return refused_pattern(pattern, "has a space too many, so it never matches a command line", "put single spaces between words");
  }
  ArgvGlob made;
  made.has_rest_ = words.back() == kSegments;
  if (made.has_rest_) words.pop_back();
  for (const std::string& word : words) {
    if (is_rest(word)) return refused_pattern(pattern, "has '**' before its last word", "write * for one word, end in ** for any number");
    made.words_.push_back(TRY(NameGlob::compile(word)));
  }
  return made;
}

bool ArgvGlob::matches(std::span<const std::string> words) const {
  if (words.empty() || words.size() < words_.size() || (!has_rest_ && words.size() != words_.size())) return false;
  if (words_.empty()) return true;
  if (!program_matches(words_.front(), words.front())) return false;
  for (std::size_t i = 1; i < words_.size(); ++i) {
    if (!words_[i].matches(words[i])) return false;
  }
  return true;
}

bool ArgvGlob::matches_text(std::string_view joined) const { return !joined.empty() && matches(parts_of(joined, ' ')); }

bool covers(const NameGlob& wide, const NameGlob& narrow) { return choices_cover(wide, narrow, wild_covers); }

bool covers(const PathGlob& wide, const PathGlob& narrow) {
  return choices_cover(wide, narrow, [](const auto& outer, const auto& inner) { return segments_cover(outer, inner); });
}

bool covers(const ArgvGlob& wide, const ArgvGlob& narrow) {
  const std::size_t size = wide.words().size();
  if (narrow.words().size() < size) return false;
  if (!wide.has_rest() && (narrow.has_rest() || narrow.words().size() != size)) return false;
  for (std::size_t i = 0; i < size; ++i) {
    const NameGlob& outer = wide.words()[i];
    const NameGlob& inner = narrow.words()[i];
    if (!(i == 0 ? choices_cover(outer, inner, program_covers) : covers(outer, inner))) return false;
  }
  return true;
}

}  // namespace lilux::text
