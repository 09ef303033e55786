#pragma once

// An image as it is stored: one JSON object that names what was found at every captured path. Used by what captures,
// compares and restores images; everybody else knows an image by its digest. Values; any thread.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "base/result.h"
#include "objects/store.h"
#include "sys/place.h"

namespace lilux::kernel {

enum class EntryKind : std::uint8_t { absent, file, folder, symlink, special };
constexpr std::array<std::string_view, 5> enum_names(EntryKind) {
  return {"absent", "file", "folder", "symlink", "special file"};
}

struct Attribute {
  std::string name;
  std::string value;  // base64
  static constexpr base::Fields fields{base::Field{"name", &Attribute::name, "Name"},
                                       base::Field{"value", &Attribute::value, "Base64"}};
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

struct ImageEntry {
  std::string path = {};  // percent-encoded where it is not UTF-8
  EntryKind kind = EntryKind::absent;
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t modified_ns = 0;
  std::int64_t accessed_ns = 0;
  std::optional<std::uint64_t> size = {};
  std::optional<std::string> digest = {};
  std::optional<std::string> target = {};
  std::optional<std::vector<Attribute>> attributes = {};
  std::optional<std::string> inode = {};       // of a file; names of one file have the same
  std::optional<std::string> other_name = {};  // of that file, outside of what is captured
  static constexpr base::Fields fields{base::Field{"path", &ImageEntry::path, "Path"},
                                       base::Field{"kind", &ImageEntry::kind, "Kind"},
                                       base::Field{"mode", &ImageEntry::mode, "Mode"},
                                       base::Field{"uid", &ImageEntry::uid, "Owner"},
                                       base::Field{"gid", &ImageEntry::gid, "Group"},
                                       base::Field{"modified_ns", &ImageEntry::modified_ns, "Modified"},
                                       base::Field{"accessed_ns", &ImageEntry::accessed_ns, "Accessed"},
                                       base::Field{"size", &ImageEntry::size, "Size"},
                                       base::Field{"digest", &ImageEntry::digest, "Content"},
                                       base::Field{"target", &ImageEntry::target, "Of a symlink"},
                                       base::Field{"attributes", &ImageEntry::attributes, "Extended attributes"},
                                       base::Field{"inode", &ImageEntry::inode, "Which file"},
                                       base::Field{"other_name", &ImageEntry::other_name, "Another name of it"}};
};

struct Manifest {
  std::vector<std::string> roots;
  std::vector<ImageEntry> entries;  // of each root: the root, then what it holds, folders before their content
  std::vector<ImageEntry> parents;  // times only
  std::optional<bool> only_properties;
  std::optional<std::vector<std::string>> folders;
  static constexpr base::Fields fields{base::Field{"roots", &Manifest::roots, "Captured paths"},
                                       base::Field{"entries", &Manifest::entries, "What was there"},
                                       base::Field{"parents", &Manifest::parents, "Folders around them"},
                                       base::Field{"only_properties", &Manifest::only_properties, "Of the paths alone"},
                                       base::Field{"folders", &Manifest::folders, "Captured without what they hold"}};
};

// JSON holds text; a path may hold any bytes.
std::string to_stored(const std::string& path);
base::Result<std::string> from_stored(const std::string& text);

base::Result<Manifest> load_manifest(const objects::Store& store, const std::string& image);
// What stands at the paths of an image now, as a fingerprint.
base::Result<Manifest> manifest_now(const Manifest& then);

// What was there, by stored path.
using ByPath = std::map<std::string, const ImageEntry*>;
ByPath by_path(const Manifest& manifest);

// The place of a path when its parent is there, else nothing: then it cannot be there either.
base::Result<std::optional<sys::Place>> place_of(const std::string& path);
base::Result<std::string> digest_at(const sys::Place& place);
std::string inode_of(const sys::Stat& stat);

}  // namespace lilux::kernel
