#include "sandbox/record.h"

#include <string_view>

#include <fcntl.h>

#include "base/number.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"

namespace lilux::sandbox {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kBytesMax = std::size_t{64} << 20;

// What stands before the separator, which goes too.
std::optional<std::string_view> take(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return taken;
}

std::optional<RecordLine> take_line(std::string_view& rest) {
  RecordLine line;
  for (std::uint64_t& number : line.numbers) {
    const auto text = take(rest, ' ');
    const auto found = text ? base::number_from<std::uint64_t>(*text) : std::nullopt;
    if (!found) return std::nullopt;
    number = *found;
  }
  const auto path = take(rest, '\0');
  if (!path || path->empty()) return std::nullopt;
  line.path = *path;
  return line;
}

}  // namespace

Result<void> write_record(const std::string& file, std::span<const RecordLine> lines, Outlives what) {
  std::string text;
  for (const RecordLine& line : lines) {
    for (const std::uint64_t number : line.numbers) text += std::to_string(number) + ' ';
    text += line.path;
    text += '\0';
  }
  if (text.size() > kBytesMax)
    return fail(ErrorCode::over_budget,
                "the names of " + std::to_string(lines.size()) + " files take more than " +
                    std::to_string(kBytesMax >> 20) + " MiB",
                "work on fewer files");
  if (what == Outlives::power_loss) return sys::write_file_atomic(file, text, 0600);
  const sys::Fd fd = TRY(sys::open(file, O_WRONLY | O_CREAT | O_EXCL, 0600));
  return sys::write_all(fd.get(), text, file);
}

Result<std::optional<std::vector<RecordLine>>> read_record(const std::string& file) {
  const Result<std::string> text = sys::read_file(file, kBytesMax);
  if (!text && text.error().code == ErrorCode::not_found) return std::nullopt;
  if (!text) return std::unexpected(text.error());
  std::vector<RecordLine> lines;
  for (std::string_view rest = *text; !rest.empty();) {
    std::optional<RecordLine> line = take_line(rest);
    if (!line)
      return fail(ErrorCode::corrupt, sys::quoted(file) + " is not as it was written", "run the command again");
    lines.push_back(*std::move(line));
  }
  return lines;
}

}  // namespace lilux::sandbox
