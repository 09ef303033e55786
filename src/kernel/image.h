#pragma once

// Images of paths: what is written down before an effect so that it can be taken back, and after it so that a later
// change by somebody else is noticed. An image holds existence, kind, content, mode, owner, times, extended attributes
// and symlink target of every captured path, whole trees included, and the times of the parent folders. Content lives
// in the object store; the image itself is a JSON manifest stored there too. Any thread; nothing here is shared.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "objects/store.h"

namespace lilux::kernel {

struct ImageLimits {
  std::uint64_t bytes_max = std::uint64_t{256} << 20;  // of content copied into the store for one call
  std::uint64_t entries_max = 200'000;
};

struct ImageSize {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};

// How much capturing these canonical paths would copy; stops counting beyond the limits.
base::Result<ImageSize> measure(std::span<const std::string> paths, const ImageLimits& limits);

// fingerprint_only records digests and keeps no bytes: what is taken after an effect. properties are mode, owner and
// attributes of the paths alone, for calls that change nothing else.
enum class Content : std::uint8_t { stored, fingerprint_only, properties };
// Captures the paths (canonical; absent ones are captured as absent), and the folders without what they hold; gives the
// digest of the manifest. `unavailable` names the limit that is exceeded, `invalid_argument` what cannot be captured
// (devices, fifos, sockets).
base::Result<std::string> capture(objects::Store& store, std::span<const std::string> paths, Content content,
                                  const ImageLimits& limits, std::span<const std::string> folders = {});

// Objects an image refers to, itself included: what collection must keep.
base::Result<std::vector<std::string>> referenced(const objects::Store& store, const std::string& image);

// What an image covers.
struct Scope {
  std::vector<std::string> paths = {};
  std::vector<std::string> folders = {};
  bool only_properties = false;
};
base::Result<Scope> scope_of(const objects::Store& store, const std::string& image);

// What differs between an image and the world now, one line per difference; empty when the world is as it was then.
// Times do not count.
base::Result<std::string> difference(const objects::Store& store, const std::string& image);
// What restoring would change: a line per path, and a diff for small texts.
base::Result<std::string> preview_restore(const objects::Store& store, const std::string& image);

// Brings the captured paths back to the image: recreates what was there, removes what was not, then owners, attributes,
// modes and times, innermost first. Running it again after a crash finishes the work. Each file is replaced by rename;
// one with several names is written in place, and a name that is gone is linked to its file again when that has another
// name near by.
base::Result<void> restore(const objects::Store& store, const std::string& image);

}  // namespace lilux::kernel
