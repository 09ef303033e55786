#include "kernel/image.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "base/encoding.h"
#include "kernel/manifest.h"
#include "sys/error.h"
#include "sys/path.h"
#include "sys/place.h"
#include "sys/tree.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr ImageLimits kNoLimits{.bytes_max = UINT64_MAX, .entries_max = UINT32_MAX};

// Other names of files, looked for in the folders around: nearest first, and not without end.
class OtherNames {
 public:
  void leave_out(const std::string& inode, const std::string& stored_path) {
    if (names_.try_emplace(inode).second) ++missing_;
    known_.insert(stored_path);
  }

  void search(const std::string& root) {
    std::string seen;
    for (std::string top = sys::parent_of(root); left_ > 0 && missing_ > 0; top = sys::parent_of(top)) {
      std::deque<std::string> folders{top};
      for (; !folders.empty() && left_ > 0 && missing_ > 0; folders.pop_front()) {
        if (folders.front() != seen) look_into(folders.front(), folders);
      }
      if (top == "/") return;
      seen = top;
    }
  }

  std::optional<std::string> found(const std::string& inode) const {
    const auto name = names_.find(inode);
    return name == names_.end() ? std::nullopt : name->second;
  }

 private:
  // What cannot be read is passed by.
  void look_into(const std::string& folder, std::deque<std::string>& folders) {
    const Result<sys::Place> place = sys::open_parent(folder);
    const Result<sys::Fd> open = place ? sys::open_directory(*place) : std::unexpected(place.error());
    const auto entries = open ? sys::list_directory(*open, folder) : std::unexpected(open.error());
    if (!entries) return;
    for (const sys::Entry& entry : *entries) {
      if (left_-- == 0) return;
      const Result<sys::Place> at = sys::place_in(*open, folder, entry.name);
      const Result<sys::Stat> stat = at ? sys::stat(*at) : std::unexpected(at.error());
      if (!stat) continue;
      if (stat->is_directory()) folders.push_back(at->path);
      if (stat->is_regular() && stat->links > 1) note(inode_of(*stat), to_stored(at->path));
    }
  }

  void note(const std::string& inode, const std::string& path) {
    const auto name = names_.find(inode);
    if (name == names_.end() || name->second || known_.contains(path)) return;
    name->second = path;
    --missing_;
  }

  std::map<std::string, std::optional<std::string>> names_;
  std::set<std::string> known_;
  std::size_t missing_ = 0;
  std::uint64_t left_ = 20'000;
};

class Capturer {
 public:
  // Without a store only fingerprints are taken: they note what undo could not keep, too.
  Capturer(objects::Store::Batch* store, const ImageLimits& limits) : store_(store), limits_(limits) {}

  Result<void> add_properties(const std::string& path) {
    manifest_.only_properties = true;
    manifest_.roots.push_back(to_stored(path));
    return add_alone(path);
  }

  Result<void> add_folder(const std::string& path) {
    if (!manifest_.folders) manifest_.folders.emplace();
    manifest_.folders->push_back(to_stored(path));
    return add_alone(path);
  }

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
      return too_large(sys::quoted(path) + " holds more than " + std::to_string(limits_.entries_max) + " entries");
    if (!walked) return std::unexpected(walked.error());
    return {};
  }

  Manifest take() {
    name_others();
    return std::move(manifest_);
  }

 private:
  // The path alone: what it holds stays as it is, so nothing of that is captured.
  Result<void> add_alone(const std::string& path) {
    const std::optional<sys::Place> place = TRY(place_of(path));
    const auto stat = place ? TRY(sys::stat_if_there(*place)) : std::nullopt;
    if (stat)
      manifest_.entries.push_back(TRY(entry_of(*place, *stat)));
    else
      manifest_.entries.push_back({.path = to_stored(path)});
    return {};
  }

  static Result<void> too_large(std::string what) {
    return fail(ErrorCode::unavailable, std::move(what) + ", more than undo keeps for one call",
                "do it in smaller steps, or raise undo.size or undo.entries in config.toml");
  }

  void add_parent(const sys::Place& place) {
    const Result<sys::Stat> stat = sys::stat(place.parent, place.path);
    const std::string path = to_stored(sys::parent_of(place.path));
    if (!stat || std::ranges::find(manifest_.parents, path, &ImageEntry::path) != manifest_.parents.end()) return;
    manifest_.parents.push_back(
        {.path = path, .kind = EntryKind::folder, .modified_ns = stat->modified_ns, .accessed_ns = stat->accessed_ns});
  }

  Result<sys::Descend> add(const sys::Place& place, const sys::Stat& stat) {
    ImageEntry entry = TRY(entry_of(place, stat));
    if (stat.is_regular()) TRY(add_content(place, stat, entry));
    if (entry.inode && stat.links > 1) {
      Shared& shared = shared_[*entry.inode];
      shared.links = stat.links;
      shared.entries.push_back(manifest_.entries.size());
    }
    manifest_.entries.push_back(std::move(entry));
    return sys::Descend::yes;
  }

  Result<ImageEntry> entry_of(const sys::Place& place, const sys::Stat& stat) const {
    ImageEntry entry{.path = to_stored(place.path),
                     .mode = stat.mode,
                     .uid = stat.uid,
                     .gid = stat.gid,
                     .modified_ns = stat.modified_ns,
                     .accessed_ns = stat.accessed_ns};
    if (stat.is_directory()) {
      entry.kind = EntryKind::folder;
    } else if (stat.is_symlink()) {
      entry.kind = EntryKind::symlink;
      entry.target = to_stored(TRY(sys::read_link(place)));
    } else if (stat.is_regular()) {
      entry.kind = EntryKind::file;
    } else if (!store_) {
      entry.kind = EntryKind::special;
      return entry;
    } else {
      return fail(
          ErrorCode::invalid_argument,
          sys::quoted(place.path) + " is a " + std::string(sys::type_name(stat.type)) + ", which undo cannot keep",
          "handle it outside of Lilux");
    }
    const auto attributes = sys::attributes(place);
    // Without the right to read it they stay as they are: only the path itself is looked at then.
    if (!attributes && manifest_.only_properties && attributes.error().code == ErrorCode::denied) return entry;
    for (const sys::Attribute& attribute : TRY(attributes)) {
      if (!entry.attributes) entry.attributes.emplace();
      entry.attributes->push_back({.name = attribute.name, .value = base::to_base64(attribute.value)});
    }
    return entry;
  }

  Result<void> add_content(const sys::Place& place, const sys::Stat& stat, ImageEntry& entry) {
    entry.size = stat.size;
    if (!store_) {
      Result<std::string> digest = digest_at(place);
      if (!digest && digest.error().code != ErrorCode::denied) return std::unexpected(digest.error());
      if (digest) entry.digest = std::move(*digest);
      return {};
    }
    entry.inode = inode_of(stat);
    if (const auto same = shared_.find(*entry.inode); same != shared_.end()) {
      entry.digest = manifest_.entries[same->second.entries.front()].digest;
      return {};
    }
    bytes_ += stat.size;
    if (bytes_ > limits_.bytes_max)
      return too_large(sys::quoted(place.path) + " and what comes with it take more than " +
                       std::to_string(limits_.bytes_max >> 20) + " MiB");
    const sys::Fd fd = TRY(sys::open_regular(place));
    entry.digest = TRY(store_->put_file(fd.get()));
    return {};
  }

  // So that undo makes a deleted name a name of its file again, and not a file of its own.
  void name_others() {
    OtherNames others;
    for (const auto& [inode, shared] : shared_) {
      if (shared.entries.size() >= shared.links) continue;  // all of them are here
      for (const std::size_t entry : shared.entries) others.leave_out(inode, manifest_.entries[entry].path);
    }
    for (const std::string& root : manifest_.roots) {
      if (const Result<std::string> path = from_stored(root)) others.search(*path);
    }
    for (const auto& [inode, shared] : shared_) {
      for (const std::size_t entry : shared.entries) manifest_.entries[entry].other_name = others.found(inode);
    }
  }

  struct Shared {
    std::uint64_t links = 0;
    std::vector<std::size_t> entries;
  };
  std::map<std::string, Shared> shared_;  // files with several names, by inode
  objects::Store::Batch* store_;          // null: fingerprints only
  ImageLimits limits_;
  std::uint64_t bytes_ = 0;
  Manifest manifest_;
};

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

Result<Manifest> manifest_now(const Manifest& then) {
  Capturer capturer(nullptr, kNoLimits);
  for (const std::string& root : then.roots) {
    const std::string path = TRY(from_stored(root));
    TRY(then.only_properties ? capturer.add_properties(path) : capturer.add_root(path));
  }
  for (const std::string& folder : then.folders.value_or(std::vector<std::string>{}))
    TRY(capturer.add_folder(TRY(from_stored(folder))));
  return capturer.take();
}

Result<std::string> capture(objects::Store& store, std::span<const std::string> paths, Content content,
                            const ImageLimits& limits, std::span<const std::string> folders) {
  const bool is_stored = content != Content::fingerprint_only;
  std::optional<objects::Store::Batch> batch;
  if (is_stored) batch.emplace(TRY(objects::Store::Batch::begin(store)));
  Capturer capturer(batch ? &*batch : nullptr, is_stored ? limits : kNoLimits);
  for (const std::string& folder : folders) TRY(capturer.add_folder(folder));  // first, so that they are restored last
  for (const std::string& path : paths)
    TRY(content == Content::properties ? capturer.add_properties(path) : capturer.add_root(path));
  if (batch) TRY(batch->finish());
  return store.put(base::to_text(base::encode(capturer.take())));
}

Result<std::vector<std::string>> referenced(const objects::Store& store, const std::string& image) {
  std::vector<std::string> found{image};
  for (const ImageEntry& entry : TRY(load_manifest(store, image)).entries) {
    if (entry.digest) found.push_back(*entry.digest);
  }
  return found;
}

Result<Scope> scope_of(const objects::Store& store, const std::string& image) {
  const Manifest manifest = TRY(load_manifest(store, image));
  Scope scope{.only_properties = manifest.only_properties.value_or(false)};
  for (const std::string& root : manifest.roots) scope.paths.push_back(TRY(from_stored(root)));
  for (const std::string& folder : manifest.folders.value_or(std::vector<std::string>{}))
    scope.folders.push_back(TRY(from_stored(folder)));
  return scope;
}

}  // namespace lilux::kernel
