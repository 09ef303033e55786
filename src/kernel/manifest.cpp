#include "kernel/manifest.h"

#include "base/encoding.h"
#include "base/hash.h"
#include "sys/io.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::Result;

std::string to_stored(const std::string& path) {
  return base::is_utf8(path) && path.find('%') == std::string::npos ? path : "%" + base::percent_encode(path);
}
Result<std::string> from_stored(const std::string& text) {
  return text.starts_with('%') ? base::percent_decode(text.substr(1)) : Result<std::string>(text);
}

Result<std::string> digest_at(const sys::Place& place) {
  const sys::Fd fd = TRY(sys::open_regular(place));
  base::Sha256 hash;
  std::vector<char> buffer(std::size_t{1} << 18);
  while (const std::optional<std::size_t> count = TRY(sys::read_some(fd.get(), buffer, place.path))) {
    if (*count == 0) break;
    hash.add({buffer.data(), *count});
  }
  return base::to_hex(hash.digest());
}

Result<std::optional<sys::Place>> place_of(const std::string& path) {
  Result<sys::Place> place = sys::open_parent(path);
  if (place) return std::optional(std::move(*place));
  if (place.error().code == ErrorCode::not_found) return std::optional<sys::Place>();
  return std::unexpected(place.error());
}

Result<Manifest> load_manifest(const objects::Store& store, const std::string& image) {
  return base::decode<Manifest>(TRY(base::parse_json(TRY(store.get(image)))));
}

ByPath by_path(const Manifest& manifest) {
  ByPath map;
  for (const ImageEntry& entry : manifest.entries) {
    if (entry.kind != EntryKind::absent) map.emplace(entry.path, &entry);
  }
  return map;
}

std::string inode_of(const sys::Stat& stat) {
  return std::to_string(stat.device) + ":" + std::to_string(stat.inode);
}

}  // namespace lilux::kernel
