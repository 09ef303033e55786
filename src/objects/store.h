#pragma once

// Content-addressed store of pre-images and large outputs: files named by the SHA-256 of their bytes below one folder,
// written once (temporary name, sync, rename), deduplicated, verified on reading, collected by size and age. Any
// thread; several processes may read while one writes.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"
#include "sys/temporary.h"

namespace lilux::objects {

class Store {
 public:
  static base::Result<Store> open(std::filesystem::path directory);

  // Durable when it returns (unless it was there already). The digest is 64 lower-case hex digits.
  base::Result<std::string> put(std::string_view bytes);
  // Streams an open regular file in; clones where the filesystem can. Gives the digest.
  base::Result<std::string> put_file(int fd);
  class Batch;  // of many files, which are made durable together

  // `corrupt` when the bytes no longer have that digest.
  base::Result<std::string> get(std::string_view digest) const;
  // Writes the object's bytes to an open file from its current offset; checks the digest while doing so.
  base::Result<void> copy_to(std::string_view digest, int fd) const;
  bool contains(std::string_view digest) const;

  struct Limits {
    std::uint64_t bytes_max = std::uint64_t{2} << 30;
    std::chrono::seconds age_max{30 * 86400};
  };
  struct Collected {
    std::uint64_t removed = 0;
    std::uint64_t removed_bytes = 0;
    std::uint64_t kept_bytes = 0;
  };
  // Removes what is older than the limit and then the oldest beyond the size; never what is in `keep`, nor what was put
  // in the last seconds, since its reference may still be on its way to the disk. Putting what is there makes it new.
  base::Result<Collected> collect(const Limits& limits, const std::set<std::string>& keep);

 private:
  explicit Store(std::filesystem::path directory);
  std::string path_of(std::string_view digest) const;
  enum class Found : std::uint8_t { no, new_name, old_name };
  base::Result<Found> find(std::string_view digest, std::uint64_t size);
  base::Result<bool> refresh(std::string_view digest, std::uint64_t size);
  struct Written {
    std::string digest;
    std::uint64_t size = 0;
    sys::Temporary file;
  };
  base::Result<Written> write(int fd, const sys::Fd& directory) const;
  base::Result<Written> write(std::string_view bytes, std::string digest, const sys::Fd& directory) const;
  base::Result<void> make_shard(const std::string& shard);
  base::Result<void> name(sys::Temporary& file, std::string_view digest);
  base::Result<void> keep(Written written);
  base::Result<bool> remove_unused(std::string_view digest, std::int64_t used_ns);

  std::filesystem::path directory_;
  std::unique_ptr<std::mutex> using_ = std::make_unique<std::mutex>();  // while an object is made new, or goes
};

// What is put is there, and durable, when finish() has returned, at the price of a few syncs for hundreds of files;
// what was not finished leaves nothing that matters. One thread.
class Store::Batch {
 public:
  static base::Result<Batch> begin(Store& store);
  // As Store::put_file.
  base::Result<std::string> put_file(int fd);
  base::Result<void> finish();

 private:
  Batch(Store& store, sys::Fd directory);
  base::Result<void> name_all();
  Store* store_;
  sys::Fd directory_;  // open since before the first write, so that it hears of every failed one
  std::map<std::string, sys::Temporary> files_;  // not synced yet, by digest
  std::set<std::string> folders_;                // with new names
};

}  // namespace lilux::objects
