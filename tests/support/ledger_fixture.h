#pragma once

// A ledger in a folder of its own for tests: its files, their bytes, and how to damage them. One thread.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "ledger/format.h"
#include "ledger/ledger.h"
#include "ledger/segment_reader.h"
#include "sys/file.h"

namespace lilux::ledger {

inline std::string bytes_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void replace_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

class LedgerFolder {
 public:
  explicit LedgerFolder(std::size_t segment_bytes = std::size_t{16} << 20) {
    // In memory where there is such a place: damage is tried at thousands of offsets.
    const std::string parent = sys::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path().string();
    root_ = sys::make_temporary_directory(parent, "ledger-test-").value();
    options = {
        .directory = root_ / "state" / "ledger", .anchor_directory = root_ / "config", .segment_bytes = segment_bytes};
    std::filesystem::create_directories(root_ / "state");
  }
  ~LedgerFolder() { std::filesystem::remove_all(root_); }
  LedgerFolder(const LedgerFolder&) = delete;
  LedgerFolder& operator=(const LedgerFolder&) = delete;

  std::unique_ptr<Ledger> open() const {
    auto ledger = Ledger::open(options);
    if (!ledger) FAIL(ledger.error().message);
    return *std::move(ledger);
  }
  std::filesystem::path segment(std::uint64_t first = 1) const { return options.directory / segment_name(first); }
  std::filesystem::path anchor() const { return options.anchor_directory / "ledger.anchor"; }
  std::filesystem::path key() const { return options.directory / "key"; }
  std::vector<std::uint64_t> segments() const { return list_segments(options.directory.string()).value(); }

  std::uintmax_t size_bytes() const {
    std::uintmax_t bytes = 0;
    for (const std::uint64_t first : segments()) bytes += std::filesystem::file_size(segment(first));
    return bytes;
  }

  // Everything the ledger has on disk, to put back after damage.
  void save() {
    std::filesystem::remove_all(root_ / "saved");
    std::filesystem::create_directories(root_ / "saved");
    std::filesystem::copy(options.directory, root_ / "saved" / "ledger", std::filesystem::copy_options::recursive);
    std::filesystem::copy(options.anchor_directory, root_ / "saved" / "config",
                          std::filesystem::copy_options::recursive);
  }
  void restore() const {
    std::filesystem::remove_all(options.directory);
    std::filesystem::remove_all(options.anchor_directory);
    std::filesystem::copy(root_ / "saved" / "ledger", options.directory, std::filesystem::copy_options::recursive);
    std::filesystem::copy(root_ / "saved" / "config", options.anchor_directory,
                          std::filesystem::copy_options::recursive);
  }

  // What verify says, in one line; empty when the ledger is sound.
  std::string faults() const {
    const auto verified = verify(options);
    if (!verified) return verified.error().message;
    return verified->faults.empty() ? "" : verified->faults.front().what;
  }
  std::vector<Record> records() const {
    std::vector<Record> all;
    const auto ledger = open();
    REQUIRE(ledger->scan({}, [&](const Record& record) {
      all.push_back(record);
      return true;
    }));
    return all;
  }

  Options options;

 private:
  std::filesystem::path root_;
};

inline Position put(Ledger& ledger, std::string_view body) {
  const auto position = ledger.append(1, body);
  REQUIRE(position);
  return *position;
}

}  // namespace lilux::ledger
