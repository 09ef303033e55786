#include "text/diff.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <vector>

#include "base/escape.h"
#include "text/lines.h"

namespace lilux::text {

namespace {

constexpr int kEditsMax = 2000;  // the comparison takes its square in time and memory, at most 8 MiB
constexpr std::size_t kBytesMax = std::size_t{8} << 20;
constexpr std::size_t kContext = 3;

struct Step {
  enum class Kind : char { keep = ' ', remove = '-', add = '+' };
  Kind kind = Kind::keep;
  std::size_t old_line = 0;  // of the next line of either text when the step is taken
  std::size_t new_line = 0;
};

// How far down `before` each diagonal (old line minus new line) gets, for one more edit each time: Myers' greedy
// search.
class EditSearch {
 public:
  EditSearch(std::span<const std::string_view> before, std::span<const std::string_view> after)
      : before_(before),
        after_(after),
        old_size_(static_cast<int>(before.size())),
        new_size_(static_cast<int>(after.size())) {}

  // The kinds of the shortest way from one text to the other; nothing when it takes more than kEditsMax edits.
  std::optional<std::vector<Step::Kind>> run() {
    for (int edits = 0; edits <= kEditsMax; ++edits) {
      if (extend(edits)) return way_back(edits);
    }
    return std::nullopt;
  }

 private:
  // reach_[edits] holds the diagonals -edits, -edits + 2, ... edits.
  int reach(int edits, int diagonal) const {
    return reach_[static_cast<std::size_t>(edits)][static_cast<std::size_t>((diagonal + edits) / 2)];
  }

  // Whether the last edit on the way to this diagonal added a line.
  bool is_add(int edits, int diagonal) const {
    if (diagonal == -edits) return true;
    return diagonal != edits && reach(edits - 1, diagonal - 1) < reach(edits - 1, diagonal + 1);
  }

  int start(int edits, int diagonal) const {
    if (edits == 0) return 0;
    return is_add(edits, diagonal) ? reach(edits - 1, diagonal + 1) : reach(edits - 1, diagonal - 1) + 1;
  }

  bool extend(int edits) {
    reach_.emplace_back().reserve(static_cast<std::size_t>(edits) + 1);
    for (int diagonal = -edits; diagonal <= edits; diagonal += 2) {
      int old_line = start(edits, diagonal);
      while (is_same(old_line, old_line - diagonal)) ++old_line;
      reach_.back().push_back(old_line);
      if (old_line >= old_size_ && old_line - diagonal >= new_size_) return true;
    }
    return false;
  }

  bool is_same(int old_line, int new_line) const {
    if (old_line >= old_size_ || new_line >= new_size_) return false;
    return before_[static_cast<std::size_t>(old_line)] == after_[static_cast<std::size_t>(new_line)];
  }

  std::vector<Step::Kind> way_back(int edits) const {
    std::vector<Step::Kind> kinds;
    int old_line = old_size_;
    int diagonal = old_size_ - new_size_;
    for (; edits >= 0; --edits) {
      const int from = start(edits, diagonal);
      kinds.insert(kinds.end(), static_cast<std::size_t>(old_line - from), Step::Kind::keep);
      if (edits == 0) break;
      const bool added = is_add(edits, diagonal);
      kinds.push_back(added ? Step::Kind::add : Step::Kind::remove);
      old_line = added ? from : from - 1;
      diagonal += added ? 1 : -1;
    }
    std::ranges::reverse(kinds);
    return kinds;
  }

  std::span<const std::string_view> before_;
  std::span<const std::string_view> after_;
  int old_size_;
  int new_size_;
  std::vector<std::vector<int>> reach_;
};

// Equal ends are cut off first, so that a pure insertion or removal costs nothing however long it is.
std::optional<std::vector<Step>> steps_between(std::span<const std::string_view> before,
                                               std::span<const std::string_view> after) {
  const auto head = static_cast<std::size_t>(std::ranges::mismatch(before, after).in1 - before.begin());
  const std::size_t most = std::min(before.size(), after.size()) - head;
  std::size_t tail = 0;
  while (tail < most && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
  const auto old_middle = before.subspan(head, before.size() - head - tail);
  const auto new_middle = after.subspan(head, after.size() - head - tail);
  std::vector<Step::Kind> kinds(head, Step::Kind::keep);
  if (old_middle.empty() || new_middle.empty()) {
    kinds.insert(kinds.end(), old_middle.size(), Step::Kind::remove);
    kinds.insert(kinds.end(), new_middle.size(), Step::Kind::add);
  } else {
    const auto middle = EditSearch(old_middle, new_middle).run();
    if (!middle) return std::nullopt;
    kinds.insert(kinds.end(), middle->begin(), middle->end());
  }
  kinds.insert(kinds.end(), tail, Step::Kind::keep);
  std::vector<Step> steps;
  std::size_t old_line = 0;
  std::size_t new_line = 0;
  for (const Step::Kind kind : kinds) {
    steps.push_back({.kind = kind, .old_line = old_line, .new_line = new_line});
    old_line += kind != Step::Kind::add ? 1u : 0u;
    new_line += kind != Step::Kind::remove ? 1u : 0u;
  }
  return steps;
}

// An empty range is named by the line before it.
std::string range_text(std::size_t first, std::size_t count) {
  return std::to_string(count == 0 ? first : first + 1) + (count == 1 ? "" : "," + std::to_string(count));
}

std::string hunk_text(std::span<const std::string_view> before, std::span<const std::string_view> after,
                      std::span<const Step> steps) {
  std::size_t old_count = 0;
  std::size_t new_count = 0;
  std::string body;
  for (const Step& step : steps) {
    old_count += step.kind != Step::Kind::add ? 1u : 0u;
    new_count += step.kind != Step::Kind::remove ? 1u : 0u;
    const std::string_view line = step.kind == Step::Kind::add ? after[step.new_line] : before[step.old_line];
    body.append(1, static_cast<char>(step.kind)).append(line);
    if (!line.ends_with('\n')) body.append("\n").append(kNoLineEnd).append("\n");
  }
  return "@@ -" + range_text(steps.front().old_line, old_count) + " +" + range_text(steps.front().new_line, new_count) +
         " @@\n" + body;
}

// One line, whatever the name holds.
std::string header(std::string_view mark, std::string_view name) {
  std::string line = base::escape_for_terminal(name);
  for (std::size_t at = 0; (at = line.find_first_of("\n\t", at)) != std::string::npos; at += 2) {
    line.replace(at, 1, line[at] == '\n' ? "\\n" : "\\t");
  }
  return std::string(mark) + line + "\n";
}

}  // namespace

bool is_binary(std::string_view bytes) {
  return bytes.find('\0') != std::string_view::npos;
}

std::string unified_diff(std::string_view before, std::string_view after, const DiffNames& names) {
  if (before == after) return {};
  std::string out = header("--- ", names.old_name) + header("+++ ", names.new_name);
  const std::string sizes =
      "(" + std::to_string(before.size()) + " bytes before, " + std::to_string(after.size()) + " bytes after)\n";
  if (is_binary(before) || is_binary(after) || before.size() + after.size() > kBytesMax) return out + sizes;
  const std::vector<std::string_view> old_lines = lines_of(before);
  const std::vector<std::string_view> new_lines = lines_of(after);
  const auto steps = steps_between(old_lines, new_lines);
  if (!steps) return out + sizes;
  const auto is_change = [](const Step& step) { return step.kind != Step::Kind::keep; };
  for (auto change = std::ranges::find_if(*steps, is_change); change != steps->end();) {
    const auto from = change - std::min<std::ptrdiff_t>(kContext, change - steps->begin());
    auto to = change;  // behind the hunk; changes whose contexts would touch share one
    while (change != steps->end() && change - to <= std::ptrdiff_t{kContext}) {
      const auto last = std::find_if_not(change, steps->end(), is_change);
      to = last + std::min<std::ptrdiff_t>(kContext, steps->end() - last);
      change = std::find_if(last, steps->end(), is_change);
    }
    out += hunk_text(old_lines, new_lines, std::span(from, to));
  }
  return out;
}

}  // namespace lilux::text
