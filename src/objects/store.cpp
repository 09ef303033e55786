#include "objects/store.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <tuple>
#include <vector>

#include <fcntl.h>

#include "base/hash.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/temporary.h"

namespace lilux::objects {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kInMemoryMax = std::size_t{1} << 20;
constexpr std::size_t kChunk = std::size_t{128} << 10;
constexpr std::size_t kShardDigits = 2;
constexpr std::chrono::seconds kGrace{10};  // between putting an object and writing down who refers to it

// Only this shape ever becomes part of a path.
Result<void> check_digest(std::string_view digest) {
  if (digest.size() == 64 && digest.find_first_not_of("0123456789abcdef") == std::string_view::npos) return {};
  return base::fail(ErrorCode::invalid_argument, sys::quoted(digest) + " is not a digest of 64 hex digits");
}

std::string name_of(std::string_view digest) {
  return std::string(digest.substr(0, kShardDigits)) + "/" + std::string(digest.substr(kShardDigits));
}

std::unexpected<base::Error> damaged(std::string_view digest) {
  return base::fail(ErrorCode::corrupt, "object " + std::string(digest) + " no longer has the bytes it was stored with",
                    "lilux doctor");
}

Result<std::string> digest_of(int fd, std::string_view name) {
  base::Sha256 hash;
  std::array<char, kChunk> buffer;
  for (std::uint64_t offset = 0;;) {
    const std::size_t size = TRY(sys::read_at(fd, offset, buffer, name));
    if (size == 0) return base::to_hex(hash.digest());
    hash.add({buffer.data(), size});
    offset += size;
  }
}

std::int64_t now_ns() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

struct Object {
  std::string digest;
  std::uint64_t size = 0;
  std::int64_t used_ns = 0;
};

Result<std::vector<Object>> all_objects(const std::string& directory) {
  std::vector<Object> objects;
  for (const sys::Entry& shard : TRY(sys::list_directory(directory))) {
    if (shard.name.size() != kShardDigits) continue;
    const std::string folder = directory + "/" + shard.name;
    for (const sys::Entry& entry : TRY(sys::list_directory(folder))) {
      if (!check_digest(shard.name + entry.name)) continue;
      const auto status = sys::lstat(folder + "/" + entry.name);
      if (!status) continue;  // collected by another process meanwhile
      objects.push_back({.digest = shard.name + entry.name, .size = status->size, .used_ns = status->modified_ns});
    }
  }
  return objects;
}

}  // namespace

Store::Store(std::filesystem::path directory) : directory_(std::move(directory)) {}

Result<Store> Store::open(std::filesystem::path directory) {
  TRY(sys::make_private_directory(directory));
  TRY(sys::remove_abandoned(directory));
  return Store(std::move(directory));
}

std::string Store::path_of(std::string_view digest) const {
  return directory_.string() + "/" + name_of(digest);
}

// A hit counts as new use. Its name may be so fresh that nobody has synced the folder yet, so that is done here too.
Result<bool> Store::refresh(std::string_view digest, std::uint64_t size) {
  const std::string path = path_of(digest);
  {
    const std::lock_guard guard(*using_);
    const auto found = TRY(sys::stat_if_there(path));
    if (!found || found->size != size) return false;  // cut short by a damaged disk: to be replaced
    const std::int64_t now = now_ns();
    if (now - found->modified_ns > std::chrono::nanoseconds(kGrace).count() / 2) {
      TRY(sys::set_times(path, {.accessed_ns = now, .modified_ns = now}));
      return true;
    }
  }
  TRY(sys::sync_directory(sys::parent_of(path)));
  return true;
}

// What was put again since it was listed is new.
Result<bool> Store::remove_unused(std::string_view digest, std::int64_t used_ns) {
  const std::string path = path_of(digest);
  const std::lock_guard guard(*using_);
  const auto found = TRY(sys::stat_if_there(path));
  if (!found || found->modified_ns != used_ns) return false;
  TRY(sys::remove_file(path));
  return true;
}

Result<void> Store::keep(sys::Temporary temporary, std::string_view digest) {
  const std::string shard = sys::parent_of(path_of(digest));
  TRY(temporary.set_mode(0400));
  TRY(temporary.sync());
  if (!sys::exists(shard)) {
    TRY(sys::make_directories(shard, 0700));
    TRY(sys::sync_directory(directory_));
  }
  {
    const std::lock_guard guard(*using_);
    TRY(temporary.move_to(name_of(digest), sys::Replace::yes));
  }
  return sys::sync_directory(shard);
}

Result<std::string> Store::put(std::string_view bytes) {
  const std::string digest = base::to_hex(base::sha256(bytes));
  if (TRY(refresh(digest, bytes.size()))) return digest;
  const sys::Fd directory = TRY(sys::open(directory_, O_RDONLY | O_DIRECTORY));
  sys::Temporary temporary = TRY(sys::Temporary::create(directory, directory_));
  TRY(sys::write_all(temporary.fd(), bytes, "object " + digest));
  TRY(keep(std::move(temporary), digest));
  return digest;
}

Result<std::string> Store::put_file(int fd) {
  TRY(sys::seek_to(fd, 0));
  if (TRY(sys::file_size(fd)) <= kInMemoryMax) {
    // It may grow meanwhile; then the streaming below takes it from the beginning.
    if (const auto bytes = sys::read_all(fd, kInMemoryMax)) return put(*bytes);
    TRY(sys::seek_to(fd, 0));
  }
  const sys::Fd directory = TRY(sys::open(directory_, O_RDONLY | O_DIRECTORY));
  sys::Temporary temporary = TRY(sys::Temporary::create(directory, directory_));
  // What counts is the copy: the file may change under our hands.
  const std::uint64_t size = TRY(sys::copy_bytes(fd, temporary.fd(), UINT64_MAX, "object"));
  const std::string digest = TRY(digest_of(temporary.fd(), "object"));
  if (!TRY(refresh(digest, size))) TRY(keep(std::move(temporary), digest));
  return digest;
}

Result<std::string> Store::get(std::string_view digest) const {
  TRY(check_digest(digest));
  std::string bytes = TRY(sys::read_file(path_of(digest), SIZE_MAX / 4));
  if (base::to_hex(base::sha256(bytes)) != digest) return damaged(digest);
  return bytes;
}

Result<void> Store::copy_to(std::string_view digest, int fd) const {
  TRY(check_digest(digest));
  const sys::Fd object = TRY(sys::open(path_of(digest), O_RDONLY));
  // Before the first byte is written: nobody wants half of something wrong.
  if (TRY(digest_of(object.get(), digest)) != digest) return damaged(digest);
  TRY(sys::copy_bytes(object.get(), fd, UINT64_MAX, digest));
  return {};
}

bool Store::contains(std::string_view digest) const {
  return check_digest(digest).has_value() && sys::exists(path_of(digest));
}

Result<Store::Collected> Store::collect(const Limits& limits, const std::set<std::string>& keep) {
  TRY(sys::remove_abandoned(directory_));
  std::vector<Object> objects = TRY(all_objects(directory_));
  std::ranges::sort(objects, {}, &Object::used_ns);
  Collected result;
  for (const Object& object : objects) result.kept_bytes += object.size;
  const std::int64_t now = now_ns();
  for (const Object& object : objects) {
    const std::chrono::nanoseconds age(now - object.used_ns);
    const bool is_wanted = age <= limits.age_max && result.kept_bytes <= limits.bytes_max;
    if (is_wanted || age < kGrace || keep.contains(object.digest)) continue;
    if (!TRY(remove_unused(object.digest, object.used_ns))) continue;
    ++result.removed;
    result.removed_bytes += object.size;
    result.kept_bytes -= object.size;
  }
  return result;
}

}  // namespace lilux::objects
