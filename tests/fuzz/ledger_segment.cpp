// Arbitrary bytes as the segment of a ledger whose key and anchor are sound: verifying and opening must end in a report
// or an error, and a ledger that opens must take records, verify after that and keep them.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>

#include <unistd.h>

#include "ledger/anchor.h"
#include "ledger/format.h"
#include "ledger/ledger.h"
#include "ledger/segment_check.h"

namespace {

using namespace lilux::ledger;

// One folder for the whole run; key and anchor of an empty ledger are put back before every input.
class Folder {
 public:
  Folder() {
    const std::filesystem::path shared = "/dev/shm";
    root_ = (std::filesystem::exists(shared) ? shared : std::filesystem::temp_directory_path()) /
            ("fuzz-ledger-" + std::to_string(::getpid()));
    options = {.directory = root_ / "ledger", .anchor_directory = root_ / "anchor", .segment_bytes = 65536};
    if (!Ledger::open(options)) std::abort();
    std::filesystem::copy(options.directory / "key", root_ / "key");
    std::filesystem::copy(options.anchor_directory / "ledger.anchor", root_ / "ledger.anchor");
  }
  ~Folder() { std::filesystem::remove_all(root_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void reset(const std::string& segment) const {
    constexpr auto kOver = std::filesystem::copy_options::overwrite_existing;
    for (const auto& entry : std::filesystem::directory_iterator(options.directory)) {
      std::filesystem::remove(entry.path());
    }
    std::filesystem::copy_file(root_ / "key", options.directory / "key", kOver);
    std::filesystem::copy_file(root_ / "ledger.anchor", options.anchor_directory / "ledger.anchor", kOver);
    std::ofstream(options.directory / segment_name(1), std::ios::binary) << segment;
  }

  Options options;

 private:
  std::filesystem::path root_;
};

void require(bool is_true) {
  if (!is_true) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  std::string segment(reinterpret_cast<const char*>(data), size);
  const auto anchor = read_anchor(folder.options.anchor_directory);
  // Headers carry CRCs, which mutation rarely hits: an input that begins with 'H' is put behind a sound header, and so
  // are records, whose hashes and CRCs are computed: what follows each length byte becomes a body.
  if (segment.starts_with("H")) {
    const Hash genesis = genesis_hash({reinterpret_cast<const char*>((*anchor)->root.data()), 32});
    std::string made = encode(SegmentHeader{.first = 1, .previous = genesis});
    Hash previous = genesis;
    std::uint64_t sequence = 0;
    std::size_t at = 1;
    for (; at + 1 < segment.size() && segment[at] != 'R'; ++sequence) {
      RecordHeader header{.sequence = sequence + 1, .time_us = 1, .kind = static_cast<std::uint8_t>(segment[at])};
      const auto length = static_cast<std::uint8_t>(segment[at + 1]);
      append_record(made, header, previous, segment.substr(at + 2, length));
      previous = header.hash;
      at += std::size_t{2} + length;
    }
    segment = made + (at < segment.size() ? segment.substr(at) : "");
  }
  folder.reset(segment);
  std::ignore = check_segment(folder.options.directory.string(), 1, SegmentPlace::before_others, (*anchor)->root);
  auto opened = Ledger::open(folder.options);
  if (!opened) return 0;
  const std::uint64_t before = (*opened)->head().sequence;
  const auto position = (*opened)->append(1, "{}");
  require(position && position->sequence == before + 1);
  require((*opened)->flush().has_value());
  std::uint64_t count = 0;
  require((*opened)->scan({}, [&](const Record&) { return ++count > 0; }).has_value());
  require(count == before + 1);
  opened->reset();
  const auto verified = verify(folder.options);
  require(verified && verified->faults.empty() && verified->records == before + 2);
  return 0;
}
