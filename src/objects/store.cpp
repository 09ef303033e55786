#include "objects/store.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <optional>
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
constexpr std::uint32_t kObjectMode = 0400;
constexpr std::size_t kUnsyncedMax = 256;   // of a batch: each is an open file
constexpr std::size_t kSyncedAloneMax = 8;  // more are synced with all that others have written
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

// What fits into memory; a file that grows meanwhile does not, and is streamed from its beginning.
Result<std::optional<std::string>> small_content(int fd) {
  TRY(sys::seek_to(fd, 0));
  if (TRY(sys::file_size(fd)) > kInMemoryMax) return std::nullopt;
  Result<std::string> bytes = sys::read_all(fd, kInMemoryMax);
  return bytes ? std::optional(*std::move(bytes)) : std::nullopt;
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

// A hit counts as new use.
Result<Store::Found> Store::find(std::string_view digest, std::uint64_t size) {
  const std::string path = path_of(digest);
  const std::lock_guard guard(*using_);
  const auto found = TRY(sys::stat_if_there(path));
  if (!found || found->size != size) return Found::no;  // cut short by a damaged disk: to be replaced
  const std::int64_t now = now_ns();
  if (now - found->modified_ns <= std::chrono::nanoseconds(kGrace).count() / 2) return Found::new_name;
  TRY(sys::set_times(path, {.accessed_ns = now, .modified_ns = now}));
  return Found::old_name;
}

// A name may be so fresh that nobody has synced the folder yet, so that is done here too.
Result<bool> Store::refresh(std::string_view digest, std::uint64_t size) {
  const Found found = TRY(find(digest, size));
  if (found == Found::new_name) TRY(sys::sync_directory(sys::parent_of(path_of(digest))));
  return found != Found::no;
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

Result<void> Store::make_shard(const std::string& shard) {
  if (sys::exists(shard)) return {};
  TRY(sys::make_directories(shard, 0700));
  return sys::sync_directory(directory_);
}

Result<void> Store::name(sys::Temporary& file, std::string_view digest) {
  const std::lock_guard guard(*using_);
  return file.move_to(name_of(digest), sys::Replace::yes);
}

Result<void> Store::keep(Written written) {
  const std::string shard = sys::parent_of(path_of(written.digest));
  TRY(written.file.set_mode(kObjectMode));
  TRY(written.file.sync());
  TRY(make_shard(shard));
  TRY(name(written.file, written.digest));
  return sys::sync_directory(shard);
}

Result<Store::Written> Store::write(std::string_view bytes, std::string digest, const sys::Fd& directory) const {
  sys::Temporary file = TRY(sys::Temporary::create(directory, directory_));
  TRY(sys::write_all(file.fd(), bytes, "object " + digest));
  return Written{.digest = std::move(digest), .size = bytes.size(), .file = std::move(file)};
}

Result<Store::Written> Store::write(int fd, const sys::Fd& directory) const {
  TRY(sys::seek_to(fd, 0));
  sys::Temporary file = TRY(sys::Temporary::create(directory, directory_));
  // What counts is the copy: the file may change under our hands.
  const std::uint64_t size = TRY(sys::copy_bytes(fd, file.fd(), UINT64_MAX, "object"));
  std::string digest = TRY(digest_of(file.fd(), "object"));
  return Written{.digest = std::move(digest), .size = size, .file = std::move(file)};
}

Result<std::string> Store::put(std::string_view bytes) {
  std::string digest = base::to_hex(base::sha256(bytes));
  if (TRY(refresh(digest, bytes.size()))) return digest;
  const sys::Fd directory = TRY(sys::open(directory_, O_RDONLY | O_DIRECTORY));
  TRY(keep(TRY(write(bytes, digest, directory))));
  return digest;
}

Result<std::string> Store::put_file(int fd) {
  if (const auto bytes = TRY(small_content(fd))) return put(*bytes);
  const sys::Fd directory = TRY(sys::open(directory_, O_RDONLY | O_DIRECTORY));
  Written written = TRY(write(fd, directory));
  std::string digest = written.digest;
  if (!TRY(refresh(digest, written.size))) TRY(keep(std::move(written)));
  return digest;
}

Store::Batch::Batch(Store& store, sys::Fd directory) : store_(&store), directory_(std::move(directory)) {}

Result<Store::Batch> Store::Batch::begin(Store& store) {
  return Batch(store, TRY(sys::open(store.directory_, O_RDONLY | O_DIRECTORY)));
}

Result<std::string> Store::Batch::put_file(int fd) {
  const auto bytes = TRY(small_content(fd));
  std::optional<Written> written;
  if (!bytes) written.emplace(TRY(store_->write(fd, directory_)));
  std::string digest = written ? written->digest : base::to_hex(base::sha256(*bytes));
  if (files_.contains(digest)) return digest;
  const Found found = TRY(store_->find(digest, written ? written->size : bytes->size()));
  if (found == Found::new_name) folders_.insert(sys::parent_of(store_->path_of(digest)));
  if (found != Found::no) return digest;
  if (!written) written.emplace(TRY(store_->write(*bytes, digest, directory_)));
  TRY(written->file.set_mode(kObjectMode));
  files_.emplace(digest, std::move(written->file));
  if (files_.size() >= kUnsyncedMax) TRY(name_all());
  return digest;
}

// No name before its content is on the disk.
Result<void> Store::Batch::name_all() {
  if (files_.size() > kSyncedAloneMax) {
    TRY(sys::sync_filesystem(directory_, store_->directory_.string()));
  } else {
    for (auto& [digest, file] : files_) TRY(file.sync());
  }
  for (auto& [digest, file] : files_) {
    const std::string shard = sys::parent_of(store_->path_of(digest));
    TRY(store_->make_shard(shard));
    TRY(store_->name(file, digest));
    folders_.insert(shard);
  }
  files_.clear();
  return {};
}

Result<void> Store::Batch::finish() {
  TRY(name_all());
  if (folders_.size() > kSyncedAloneMax) return sys::sync_filesystem(directory_, store_->directory_.string());
  for (const std::string& folder : folders_) TRY(sys::sync_directory(folder));
  return {};
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
