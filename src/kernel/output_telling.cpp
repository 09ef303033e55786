#include "kernel/output_telling.h"

#include "base/encoding.h"
#include "sys/file.h"
#include "sys/io.h"

namespace lilux::kernel {

using base::Result;

namespace {

constexpr std::uint64_t kToldBytes = 256 * 1024;  // of a stream, at a time
constexpr std::uint64_t kPieceBytes = 16 * 1024;

// Without the beginning of a letter that the text ends in.
std::string_view without_cut_letter(std::string_view text) {
  constexpr std::size_t kLetterBytesMax = 4;
  for (std::size_t back = 1; back < kLetterBytesMax && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0U) == 0x80U) continue;  // the inside of one
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back ? text.substr(0, text.size() - back) : text;
  }
  return text;
}

void tell_stream(std::string_view stream, const std::string& file, std::uint64_t& told, bool is_last,
                 const OutputTelling::Tell& tell) {
  const Result<sys::Fd> fd = sys::open(file, 0);
  const std::uint64_t size = fd ? sys::file_size(fd->get(), file).value_or(0) : 0;
  if (size > told + kToldBytes) {
    const std::uint64_t left_out = size - kToldBytes - told;
    tell(stream, "\n(" + std::to_string(left_out) + " bytes are left out here)\n");
    told += left_out;
  }
  while (told < size) {
    const auto bytes = sys::read_at(fd->get(), told, std::min(size - told, kPieceBytes), file);
    if (!bytes || bytes->empty()) return;
    const std::string_view whole = is_last ? std::string_view(*bytes) : without_cut_letter(*bytes);
    if (whole.empty()) return;
    told += whole.size();
    tell(stream, base::to_valid_utf8(whole));
  }
}

}  // namespace

void OutputTelling::tell(const ChildOutput& output, bool is_last, const Tell& tell) {
  tell_stream("stdout", output.stdout_file, stdout_told_, is_last, tell);
  tell_stream("stderr", output.stderr_file, stderr_told_, is_last, tell);
}

}  // namespace lilux::kernel
