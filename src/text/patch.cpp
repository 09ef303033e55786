#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "text/diff.h"
#include "text/lines.h"

namespace lilux::text {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::string_view kRecount = "count the lines of the hunk and of its head again";

struct Hunk {
  std::size_t at = 0;  // index of the first line it replaces
  std::size_t old_count = 0;
  std::size_t new_count = 0;
  std::vector<std::string> old_lines;
  std::vector<std::string> new_lines;
};

// Reads "12,3" or "12" off the front of `text`.
bool take_range(std::string_view& text, std::size_t& first, std::size_t& count) {
  const auto take = [&](std::size_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc();
  };
  count = 1;
  if (!take(first)) return false;
  if (!text.starts_with(',')) return true;
  text.remove_prefix(1);
  return take(count);
}

// "@@ -12,3 +12,4 @@ anything"; nothing when it does not read so.
std::optional<Hunk> hunk_of(std::string_view line) {
  Hunk hunk;
  std::size_t old_first = 0;
  std::size_t new_first = 0;
  if (!line.starts_with("@@ -")) return std::nullopt;
  line.remove_prefix(4);
  if (!take_range(line, old_first, hunk.old_count) || !line.starts_with(" +")) return std::nullopt;
  line.remove_prefix(2);
  if (!take_range(line, new_first, hunk.new_count) || !line.starts_with(" @@")) return std::nullopt;
  if (old_first == 0 && hunk.old_count > 0) return std::nullopt;
  hunk.at = hunk.old_count == 0 ? old_first : old_first - 1;  // an empty range is named by the line before it
  return hunk;
}

class PatchReader {
 public:
  explicit PatchReader(std::string_view patch) : lines_(lines_of(patch)) {}

  Result<std::vector<Hunk>> read() {
    while (at_ < lines_.size() && !lines_[at_].starts_with("@@")) ++at_;  // the header
    while (at_ < lines_.size()) {
      const std::string_view line = lines_[at_];
      auto hunk = hunk_of(line);
      if (hunk) {
        ++at_;
        TRY(read_body(*hunk));
        hunks_.push_back(std::move(*hunk));
      } else if (line == "\n" || line == "\r\n") {
        ++at_;
      } else {
        return refused("does not begin it",
                       "a patch is of one file; hunks begin like @@ -1,3 +1,4 @@ and count their lines");
      }
    }
    if (hunks_.empty()) {
      return fail(ErrorCode::invalid_argument, "the patch has no hunks",
                  "a unified diff, with lines like @@ -1,3 +1,4 @@");
    }
    return std::move(hunks_);
  }

 private:
  Result<void> read_body(Hunk& hunk) {
    char kind = 0;  // of the line before
    while (true) {
      const bool is_full = hunk.old_lines.size() == hunk.old_count && hunk.new_lines.size() == hunk.new_count;
      const bool is_marker = at_ < lines_.size() && lines_[at_].starts_with('\\') && kind != 0;
      if (is_marker)
        TRY(drop_line_end(hunk, kind));
      else if (is_full)
        return {};
      else
        kind = TRY(read_line(hunk));
      if (is_marker) kind = 0;
    }
  }

  // A context line that is empty may have lost its space.
  Result<char> read_line(Hunk& hunk) {
    if (at_ == lines_.size()) return refused("is missing", kRecount);
    std::string line(lines_[at_]);
    if (!line.ends_with('\n')) line += '\n';
    const char kind = line == "\n" ? ' ' : line.front();
    if (line != "\n") line.erase(0, 1);
    if (kind != ' ' && kind != '-' && kind != '+') return refused("begins with none of space, - and +", kRecount);
    if (kind != '+') TRY(add(hunk.old_lines, hunk.old_count, line));
    if (kind != '-') TRY(add(hunk.new_lines, hunk.new_count, line));
    ++at_;
    return kind;
  }

  Result<void> add(std::vector<std::string>& lines, std::size_t count, const std::string& line) const {
    if (lines.size() == count) return refused("is one more than the hunk's head counts", kRecount);
    if (!lines.empty() && !lines.back().ends_with('\n'))
      return refused("follows a line without line end", "such a line is the last");
    lines.push_back(line);
    return {};
  }

  Result<void> drop_line_end(Hunk& hunk, char kind) {
    if (kind != '+') hunk.old_lines.back().pop_back();
    if (kind != '-') hunk.new_lines.back().pop_back();
    ++at_;
    return {};
  }

  std::unexpected<base::Error> refused(std::string_view why, std::string_view hint) const {
    return fail(ErrorCode::invalid_argument,
                "line " + std::to_string(at_ + 1) + " of the patch, in hunk " + std::to_string(hunks_.size() + 1) +
                    ", " + std::string(why),
                std::string(hint));
  }

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  std::vector<Hunk> hunks_;
};

// The first line of the hunk that does not stand there; nothing when all do.
std::optional<std::size_t> difference(std::span<const std::string_view> lines, std::size_t at, const Hunk& hunk) {
  for (std::size_t i = 0; i < hunk.old_lines.size(); ++i) {
    if (at + i >= lines.size() || lines[at + i] != hunk.old_lines[i]) return at + i;
  }
  return at > lines.size() ? std::optional(lines.size()) : std::nullopt;
}

std::unexpected<base::Error> misfit(std::size_t number, std::size_t line, std::string_view why) {
  return fail(ErrorCode::conflict,
              "hunk " + std::to_string(number) + " does not fit at line " + std::to_string(line + 1) + std::string(why),
              "read the file again and make a fresh diff");
}

// Where the hunk belongs: where it says, or at the only place where it fits behind the hunks before it.
Result<std::size_t> place_of(std::span<const std::string_view> lines, std::size_t from, const Hunk& hunk,
                             std::size_t number) {
  const auto differs = hunk.at < from ? std::optional(hunk.at) : difference(lines, hunk.at, hunk);
  if (!differs) return hunk.at;
  std::optional<std::size_t> found;
  for (std::size_t at = from; !hunk.old_lines.empty() && at + hunk.old_lines.size() <= lines.size(); ++at) {
    if (difference(lines, at, hunk)) continue;
    if (found) return misfit(number, *differs, ", but in several other places");
    found = at;
  }
  if (!found) return misfit(number, *differs, " or anywhere else");
  return *found;
}

}  // namespace

Result<std::string> apply_patch(std::string_view text, std::string_view patch) {
  const std::vector<std::string_view> lines = lines_of(text);
  std::string made;
  std::size_t from = 0;
  std::size_t number = 0;
  for (const Hunk& hunk : TRY(PatchReader(patch).read())) {
    const std::size_t at = TRY(place_of(lines, from, hunk, ++number));
    for (; from < at; ++from) made += lines[from];
    const bool follows_open_line = !made.empty() && !made.ends_with('\n') && !hunk.new_lines.empty();
    for (const std::string& line : hunk.new_lines) made += line;
    from = at + hunk.old_lines.size();
    const bool is_open = !made.empty() && !made.ends_with('\n') && from < lines.size();
    if (follows_open_line || is_open) return misfit(number, at, ": it would join two lines");
  }
  for (; from < lines.size(); ++from) made += lines[from];
  return made;
}

}  // namespace lilux::text
