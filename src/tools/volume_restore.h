#pragma once

// Files of a volume that change together: what that needs, the call that takes it back (volume.restore), and that call.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "item/volume.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "tools/volume.h"
#include "tools/volumes.h"

namespace lilux::tools::volume_tools {

// Puts files back as they were, by one commit; what undo does.
struct FileRow {
  std::string path;
  std::optional<std::string> content_object;
  std::optional<std::string> seal;
  std::optional<std::int64_t> modified_ns;
  std::optional<bool> executable;
  std::optional<std::string> folder;
  static constexpr base::Fields fields{
      Field{"path", &FileRow::path, "File in the volume", {.minimum = 1, .maximum = 4096}},
      Field{"content_object", &FileRow::content_object, "What it said, kept as an object; absent: it was not there"},
      Field{"seal", &FileRow::seal, "Of the object: that it stood there"},
      Field{"modified_ns", &FileRow::modified_ns, "When it was changed, in nanoseconds since 1970"},
      Field{"executable", &FileRow::executable, "Whether it may be run"},
      Field{"folder", &FileRow::folder, "The topmost folder that was made for it: goes with it when it is empty"},
  };
};
struct RemergeRow {
  std::string merged;
  std::string seal;
  bool again = false;
  static constexpr base::Fields fields{
      Field{"merged", &RemergeRow::merged, "The commit that had been merged", {.minimum = 40, .maximum = 40}},
      Field{"seal", &RemergeRow::seal, "That it had been"},
      Field{"again", &RemergeRow::again, "That the merge stands again; else it is taken back"},
  };
};
struct RestoreRequest {
  std::string source;
  std::vector<FileRow> files;
  std::optional<RemergeRow> remerge;
  static constexpr base::Fields fields{
      Field{"source", &RestoreRequest::source, "Volume"},
      Field{"files", &RestoreRequest::files, "Files as they were", {.maximum = 10'000}},
      Field{"remerge", &RestoreRequest::remerge, "The merge that this takes back or makes again"},
  };
};
Result<Assessment> assess_restore(const CallContext& call, const RestoreRequest& request);
Result<ChangedResponse> restore(CallContext& call, const RestoreRequest& request);

// What a call changes: files, and by which merge, if it makes one or takes one back.
struct Touched {
  std::vector<std::string> files = {};
  std::map<std::string, std::string> folders = {};  // the topmost that goes with a file
  std::optional<item::Remerge> remerge = {};
};

// The call that puts these files back as they are now.
Result<base::JsonObject> inverse_of(const CallContext& call, const item::Volume& volume, const Touched& touched);
// That these files of a volume may be changed, by who may change that volume.
Result<Assessment> writes(const CallContext& call, const Volumes& volumes, const item::Volume& volume,
                          const Touched& touched);
// Whether the call that takes this one back is the one it was let through with.
bool is_as_judged(const CallContext& call, const base::JsonObject& inverse);
// That the volume is as it was when the call was let through.
Result<void> check_same(const CallContext& call, const item::Volume& volume, const Touched& touched);

}  // namespace lilux::tools::volume_tools
