#include "surface/shell_history.h"

#include <algorithm>

#include "base/encoding.h"
#include "sys/file.h"
#include "text/private.h"

namespace lilux::surface {

using base::Result;

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{16} << 20;
std::vector<std::string> read_lines(const std::string& file) {
  const Result<std::string> text = sys::read_file(file, kFileBytesMax);
  std::vector<std::string> lines;
  if (!text) return lines;
  for (std::size_t from = 0; from < text->size();) {
    const std::size_t end = std::min(text->find('\n', from), text->size());
    std::string line = text->substr(from, end - from);
    if (!line.empty() && line.size() <= kHistoryLineMax && base::is_utf8(line)) lines.push_back(std::move(line));
    from = end + 1;
  }
  if (lines.size() > kHistoryMax) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kHistoryMax));
  return lines;
}

}  // namespace

ShellHistory::ShellHistory(std::string file)
    : file_(std::move(file)), lines_(read_lines(file_)), saved_(lines_.size()) {}

bool ShellHistory::add(std::string_view line) {
  if (line.empty() || line.size() > kHistoryLineMax || line.find('\n') != std::string_view::npos ||
      text::is_private(line) || !base::is_utf8(line) || (!lines_.empty() && lines_.back() == line))
    return false;
  lines_.emplace_back(line);
  return true;
}

Result<void> ShellHistory::save() {
  std::vector<std::string> all = read_lines(file_);
  all.insert(all.end(), lines_.begin() + static_cast<std::ptrdiff_t>(saved_), lines_.end());
  saved_ = lines_.size();
  const std::size_t from = all.size() > kHistoryMax ? all.size() - kHistoryMax : 0;
  std::string text;
  for (std::size_t i = from; i < all.size(); ++i) text.append(all[i]).append("\n");
  return sys::write_file_atomic(file_, text, 0600);
}

}  // namespace lilux::surface
