#include "kernel/image.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <ranges>

#include <fcntl.h>

#include "base/encoding.h"
#include "base/field.h"
#include "base/hash.h"
#include "sys/io.h"
#include "sys/place.h"
#include "sys/tree.h"
#include "text/diff.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Field;
using base::Result;

namespace {

constexpr std::uint64_t kDiffBytesMax = 64 * 1024;

enum class Kind : std::uint8_t { absent, file, folder, symlink };
constexpr std::array<std::string_view, 4> enum_names(Kind) {
  return {"absent", "file", "folder", "symlink"};
}

struct Attribute {
  std::string name;
  std::string value;  // base64
  static constexpr std::tuple fields{Field{"name", &Attribute::name, "Name"},
                                     Field{"value", &Attribute::value, "Base64"}};
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

struct Entry {
  std::string path;  // percent-encoded where it is not UTF-8
  Kind kind = Kind::absent;
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t modified_ns = 0;
  std::int64_t accessed_ns = 0;
  std::optional<std::uint64_t> size;
  std::optional<std::string> digest;
  std::optional<std::string> target;
  std::optional<std::vector<Attribute>> attributes;
  static constexpr std::tuple fields{Field{"path", &Entry::path, "Path"},
                                     Field{"kind", &Entry::kind, "Kind"},
                                     Field{"mode", &Entry::mode, "Mode"},
                                     Field{"uid", &Entry::uid, "Owner"},
                                     Field{"gid", &Entry::gid, "Group"},
                                     Field{"modified_ns", &Entry::modified_ns, "Modified"},
                                     Field{"accessed_ns", &Entry::accessed_ns, "Accessed"},
                                     Field{"size", &Entry::size, "Size"},
                                     Field{"digest", &Entry::digest, "Content"},
                                     Field{"target", &Entry::target, "Of a symlink"},
                                     Field{"attributes", &Entry::attributes, "Extended attributes"}};
};

struct Manifest {
  std::vector<std::string> roots;
  std::vector<Entry> entries;  // of each root: the root, then what it holds, folders before their content
  std::vector<Entry> parents;  // times only
  static constexpr std::tuple fields{Field{"roots", &Manifest::roots, "Captured paths"},
                                     Field{"entries", &Manifest::entries, "What was there"},
                                     Field{"parents", &Manifest::parents, "Folders around them"}};
};

// JSON holds text; a path may hold any bytes.
std::string to_stored(const std::string& path) {
  return base::is_utf8(path) && path.find('%') == std::string::npos ? path : "%" + base::percent_encode(path);
}
Result<std::string> from_stored(const std::string& text) {
  return text.starts_with('%') ? base::percent_decode(text.substr(1)) : Result<std::string>(text);
}

Result<std::string> digest_of(const sys::Place& place) {
  const sys::Fd fd = TRY(sys::open_regular(place));
  base::Sha256 hash;
  std::vector<char> buffer(std::size_t{1} << 18);
  while (const std::optional<std::size_t> count = TRY(sys::read_some(fd.get(), buffer, place.path))) {
    if (*count == 0) break;
    hash.add({buffer.data(), *count});
  }
  return base::to_hex(hash.digest());
}

// The parent of a root when there is one, else nothing: then the root cannot be there either.
Result<std::optional<sys::Place>> place_of(const std::string& path) {
  Result<sys::Place> place = sys::open_parent(path);
  if (place) return std::optional(std::move(*place));
  if (place.error().code == ErrorCode::not_found) return std::optional<sys::Place>();
  return std::unexpected(place.error());
}

class Capturer {
 public:
  Capturer(objects::Store* store, const ImageLimits& limits) : store_(store), limits_(limits) {}

  Result<void> add_root(const std::string& path) {
    manifest_.roots.push_back(to_stored(path));
    const std::optional<sys::Place> place = TRY(place_of(path));
    if (place) add_parent(*place);
    if (!place || !TRY(sys::stat_if_there(*place))) {
      manifest_.entries.push_back({.path = to_stored(path)});
      return {};
    }
    Result<sys::TreeSize> walked = sys::walk_tree(
        *place, limits_.entries_max, [this](const sys::Place& at, const sys::Stat& stat) { return add(at, stat); });
    if (!walked && walked.error().code == ErrorCode::over_budget)
      return too_large("'" + path + "' holds more than " + std::to_string(limits_.entries_max) + " entries");
    if (!walked) return std::unexpected(walked.error());
    return {};
  }

  Manifest take() { return std::move(manifest_); }

 private:
  static Result<void> too_large(std::string what) {
    return fail(ErrorCode::unavailable, std::move(what) + ", more than undo keeps for one call",
                "do it in smaller steps, or raise undo_call_megabytes in config.toml");
  }

  void add_parent(const sys::Place& place) {
    const Result<sys::Stat> stat = sys::stat(place.parent, place.path);
    const std::string path = to_stored(sys::parent_of(place.path));
    if (!stat || std::ranges::find(manifest_.parents, path, &Entry::path) != manifest_.parents.end()) return;
    manifest_.parents.push_back(
        {.path = path, .kind = Kind::folder, .modified_ns = stat->modified_ns, .accessed_ns = stat->accessed_ns});
  }

  Result<sys::Descend> add(const sys::Place& place, const sys::Stat& stat) {
    Entry entry{.path = to_stored(place.path),
                .mode = stat.mode,
                .uid = stat.uid,
                .gid = stat.gid,
                .modified_ns = stat.modified_ns,
                .accessed_ns = stat.accessed_ns};
    if (stat.is_directory()) {
      entry.kind = Kind::folder;
    } else if (stat.is_symlink()) {
      entry.kind = Kind::symlink;
      entry.target = to_stored(TRY(sys::read_link(place)));
    } else if (stat.is_regular()) {
      TRY(add_content(place, stat, entry));
    } else {
      return fail(ErrorCode::invalid_argument,
                  "'" + place.path + "' is a " + std::string(sys::type_name(stat.type)) + ", which undo cannot keep",
                  "handle it outside of Lilux");
    }
    for (const sys::Attribute& attribute : TRY(sys::attributes(place))) {
      if (!entry.attributes) entry.attributes.emplace();
      entry.attributes->push_back({.name = attribute.name, .value = base::to_base64(attribute.value)});
    }
    manifest_.entries.push_back(std::move(entry));
    return sys::Descend::yes;
  }

  Result<void> add_content(const sys::Place& place, const sys::Stat& stat, Entry& entry) {
    entry.kind = Kind::file;
    entry.size = stat.size;
    if (!store_) {
      entry.digest = TRY(digest_of(place));
      return {};
    }
    bytes_ += stat.size;
    if (bytes_ > limits_.bytes_max)
      return too_large("'" + place.path + "' and what comes with it take more than " +
                       std::to_string(limits_.bytes_max >> 20) + " MiB");
    const sys::Fd fd = TRY(sys::open_regular(place));
    entry.digest = TRY(store_->put_file(fd.get())).digest;
    return {};
  }

  objects::Store* store_;  // null: fingerprints only
  ImageLimits limits_;
  std::uint64_t bytes_ = 0;
  Manifest manifest_;
};

Result<Manifest> load(const objects::Store& store, const std::string& image) {
  return base::decode<Manifest>(TRY(base::parse_json(TRY(store.get(image)))));
}

using ByPath = std::map<std::string, const Entry*>;

ByPath by_path(const Manifest& manifest) {
  ByPath map;
  for (const Entry& entry : manifest.entries) {
    if (entry.kind != Kind::absent) map.emplace(entry.path, &entry);
  }
  return map;
}

Result<Manifest> now(const Manifest& then) {
  Capturer capturer(nullptr, {.bytes_max = UINT64_MAX, .entries_max = UINT32_MAX});
  for (const std::string& root : then.roots) TRY(capturer.add_root(TRY(from_stored(root))));
  return capturer.take();
}

std::string what_differs(const Entry& then, const Entry& is) {
  if (then.kind != is.kind)
    return "was a " + std::string(base::enum_name(then.kind)) + ", is a " + std::string(base::enum_name(is.kind));
  std::string text;
  const auto add = [&](bool differs, std::string_view what) {
    if (differs) text.append(text.empty() ? "" : ", ").append(what);
  };
  add(then.digest != is.digest, "content");
  add(then.target != is.target, "target");
  add(then.mode != is.mode, "mode");
  add(then.uid != is.uid || then.gid != is.gid, "owner");
  add(then.attributes != is.attributes, "attributes");
  return text.empty() ? text : text + " changed";
}

std::string text_diff(const objects::Store& store, const Entry& to, const std::string& path) {
  if (to.kind != Kind::file || !to.digest || to.size.value_or(0) > kDiffBytesMax) return {};
  const Result<std::string> wanted = store.get(*to.digest);
  const Result<sys::Place> place = sys::open_parent(path);
  if (!wanted || !place) return {};
  const Result<sys::Fd> fd = sys::open_regular(*place);
  const Result<std::string> is =
      fd ? sys::read_all(fd->get(), kDiffBytesMax, path) : Result<std::string>(std::string());
  return is ? text::unified_diff(*is, *wanted, {.old_name = path, .new_name = path}) : std::string();
}

std::string temporary_name(const std::string& name) {
  return ".lilux-undo-" + base::to_hex(base::sha256(name)).substr(0, 16);
}

Result<void> remove_if_there(const sys::Place& place) {
  if (!TRY(sys::stat_if_there(place))) return {};
  TRY(sys::remove_tree(place));
  return {};
}

// Puts a file or a symlink in place by one rename.
Result<void> put_leaf(const objects::Store& store, const Entry& entry, const sys::Place& place) {
  const sys::Place beside{
      .parent = TRY(sys::duplicate(place.parent.get())), .name = temporary_name(place.name), .path = place.path};
  TRY(remove_if_there(beside));  // of a restore that was killed
  if (entry.kind == Kind::symlink) {
    TRY(sys::make_symlink(TRY(from_stored(entry.target.value_or(""))), beside));
  } else {
    const sys::Fd fd = TRY(sys::open(beside, O_WRONLY | O_CREAT | O_EXCL, 0600));
    Result<void> copied = store.copy_to(entry.digest.value_or(""), fd.get());
    if (copied) copied = sys::sync_all(fd.get(), place.path);
    if (!copied) {
      std::ignore = sys::remove_file(beside);  // the first error is the one to tell
      return copied;
    }
  }
  return sys::rename(beside, place, sys::Replace::yes);
}

Result<void> put_entry(const objects::Store& store, const Entry& entry, const sys::Place& place) {
  TRY(remove_if_there(
      {.parent = TRY(sys::duplicate(place.parent.get())), .name = temporary_name(place.name), .path = place.path}));
  const auto found = TRY(sys::stat_if_there(place));
  if (entry.kind == Kind::absent) return found ? remove_if_there(place) : Result<void>();
  if (entry.kind == Kind::folder) {
    if (found && found->is_directory()) return {};
    if (found) TRY(remove_if_there(place));
    return sys::make_directory(place, 0700);
  }
  if (found && found->is_directory()) TRY(remove_if_there(place));
  if (found && entry.kind == Kind::file && found->is_regular() && found->size == entry.size.value_or(0) &&
      TRY(digest_of(place)) == entry.digest)
    return {};
  if (found && entry.kind == Kind::symlink && found->is_symlink() &&
      to_stored(TRY(sys::read_link(place))) == entry.target)
    return {};
  return put_leaf(store, entry, place);
}

// Everything that stands below a captured folder now and did not then.
Result<void> remove_strangers(const ByPath& then, const std::string& root) {
  const std::optional<sys::Place> place = TRY(place_of(root));
  if (!place || !TRY(sys::stat_if_there(*place))) return {};
  std::vector<std::string> strangers;
  TRY(sys::walk_tree(*place, UINT32_MAX, [&](const sys::Place& at, const sys::Stat&) -> Result<sys::Descend> {
    if (then.contains(to_stored(at.path))) return sys::Descend::yes;
    strangers.push_back(at.path);
    return sys::Descend::no;
  }));
  for (const std::string& path : strangers) TRY(remove_if_there(TRY(sys::open_parent(path))));
  return {};
}

Result<void> put_attributes(const Entry& entry, const sys::Place& place) {
  const sys::Stat is = TRY(sys::stat(place));
  if (is.uid != entry.uid || is.gid != entry.gid) TRY(sys::set_owner(place, {.uid = entry.uid, .gid = entry.gid}));
  const std::vector<Attribute> wanted = entry.attributes.value_or(std::vector<Attribute>{});
  for (const sys::Attribute& has : TRY(sys::attributes(place))) {
    if (std::ranges::find(wanted, has.name, &Attribute::name) == wanted.end())
      TRY(sys::remove_attribute(place, has.name));
  }
  for (const Attribute& attribute : wanted)
    TRY(sys::set_attribute(place, {.name = attribute.name, .value = TRY(base::from_base64(attribute.value))}));
  if (entry.kind != Kind::symlink) TRY(sys::set_mode(place, entry.mode));
  return sys::set_times(place, {.accessed_ns = entry.accessed_ns, .modified_ns = entry.modified_ns});
}

}  // namespace

Result<ImageSize> measure(std::span<const std::string> paths, const ImageLimits& limits) {
  ImageSize size;
  for (const std::string& path : paths) {
    const std::optional<sys::Place> place = TRY(place_of(path));
    if (!place || !TRY(sys::stat_if_there(*place))) continue;
    const Result<sys::TreeSize> walked = sys::walk_tree(
        *place, limits.entries_max + 1, [&](const sys::Place&, const sys::Stat& stat) -> Result<sys::Descend> {
          size.entries += 1;
          size.bytes += stat.is_regular() ? stat.size : 0;
          return sys::Descend::yes;
        });
    if (!walked && walked.error().code != ErrorCode::over_budget) return std::unexpected(walked.error());
  }
  return size;
}

Result<std::string> capture(objects::Store& store, std::span<const std::string> paths, Content content,
                            const ImageLimits& limits) {
  const bool is_stored = content == Content::stored;
  Capturer capturer(is_stored ? &store : nullptr,
                    is_stored ? limits : ImageLimits{.bytes_max = UINT64_MAX, .entries_max = UINT32_MAX});
  for (const std::string& path : paths) TRY(capturer.add_root(path));
  return store.put(base::to_text(base::encode(capturer.take())));
}

Result<std::vector<std::string>> referenced(const objects::Store& store, const std::string& image) {
  std::vector<std::string> found{image};
  for (const Entry& entry : TRY(load(store, image)).entries) {
    if (entry.digest) found.push_back(*entry.digest);
  }
  return found;
}

Result<std::vector<std::string>> paths_of(const objects::Store& store, const std::string& image) {
  std::vector<std::string> paths;
  for (const std::string& root : TRY(load(store, image)).roots) paths.push_back(TRY(from_stored(root)));
  return paths;
}

Result<std::string> difference(const objects::Store& store, const std::string& image) {
  const Manifest then = TRY(load(store, image));
  const Manifest is = TRY(now(then));
  const ByPath was_there = by_path(then);
  const ByPath is_there = by_path(is);
  std::string text;
  for (const auto& [path, entry] : was_there) {
    const auto found = is_there.find(path);
    const std::string what = found == is_there.end() ? "is gone" : what_differs(*entry, *found->second);
    if (!what.empty()) text += path + ": " + what + "\n";
  }
  for (const auto& [path, entry] : is_there) {
    if (!was_there.contains(path)) text += path + ": is new\n";
  }
  return text;
}

Result<std::string> preview_restore(const objects::Store& store, const std::string& image) {
  const Manifest then = TRY(load(store, image));
  const Manifest is = TRY(now(then));
  const ByPath wanted = by_path(then);
  const ByPath is_there = by_path(is);
  std::string text;
  for (const auto& [path, entry] : is_there) {
    if (!wanted.contains(path)) text += "remove " + path + "\n";
  }
  for (const auto& [path, entry] : wanted) {
    const auto found = is_there.find(path);
    if (found == is_there.end())
      text += "bring back " + path + " (" + std::string(base::enum_name(entry->kind)) + ", " +
              std::to_string(entry->size.value_or(0)) + " bytes)\n";
    else if (!what_differs(*entry, *found->second).empty())
      text += "change " + path + "\n" + text_diff(store, *entry, TRY(from_stored(path)));
  }
  return text;
}

Result<void> restore(const objects::Store& store, const std::string& image) {
  const Manifest manifest = TRY(load(store, image));
  const ByPath then = by_path(manifest);
  for (const Entry& entry : manifest.entries) {  // all of it has to be there before anything is touched
    if (entry.digest && !store.contains(*entry.digest)) {
      return fail(ErrorCode::not_found, "the earlier content of '" + entry.path + "' is no longer kept",
                  "it was older than objects.days or went when more than objects.size was kept");
    }
  }
  for (const std::string& root : manifest.roots) TRY(remove_strangers(then, TRY(from_stored(root))));
  for (const Entry& entry : manifest.entries) {
    const std::optional<sys::Place> place = TRY(place_of(TRY(from_stored(entry.path))));
    if (!place && entry.kind == Kind::absent) continue;
    if (!place)
      return fail(ErrorCode::conflict, "the folder of '" + entry.path + "' is gone",
                  "bring it back first: lilux call undo.list");
    TRY(put_entry(store, entry, *place));
  }
  for (const Entry& entry : manifest.entries | std::views::reverse) {
    if (entry.kind != Kind::absent) TRY(put_attributes(entry, TRY(sys::open_parent(TRY(from_stored(entry.path))))));
  }
  for (const Entry& parent : manifest.parents) {
    const sys::Place place = TRY(sys::open_parent(TRY(from_stored(parent.path))));
    TRY(sys::set_times(place, {.accessed_ns = parent.accessed_ns, .modified_ns = parent.modified_ns}));
    TRY(sys::sync_parent(place));
  }
  return {};
}

}  // namespace lilux::kernel
