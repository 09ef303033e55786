#pragma once

// volume.set_branch: a proposal put elsewhere or removed; what undo of a proposal does.

#include <optional>
#include <string>

#include "base/field.h"
#include "base/result.h"
#include "item/volume.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "tools/volumes.h"

namespace lilux::tools::volume_tools {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct SetBranchRequest {
  std::string source;
  std::string branch;
  std::optional<std::string> commit;
  std::optional<std::string> at;
  std::optional<std::string> onto;
  static constexpr base::Fields fields{
      Field{"source", &SetBranchRequest::source, "Volume"},
      Field{"branch", &SetBranchRequest::branch, "The proposal; never main", {.minimum = 1, .maximum = 128}},
      Field{"commit", &SetBranchRequest::commit, "Where it is to be; absent: it goes", {.minimum = 4, .maximum = 128}},
      Field{"at", &SetBranchRequest::at, "Only when it is there; empty: only when there is none", {.maximum = 128}},
      Field{"onto",
            &SetBranchRequest::onto,
            "Only when it is one commit further than this one; empty: than nothing",
            {.maximum = 128}},
  };
};
struct SetBranchResponse {
  std::string source;
  std::string branch;
  std::optional<std::string> commit;
  static constexpr base::Fields fields{
      Field{"source", &SetBranchResponse::source, "Volume"},
      Field{"branch", &SetBranchResponse::branch, "The proposal"},
      Field{"commit", &SetBranchResponse::commit, "Where it is now; absent: it is gone"},
  };
};
Result<Assessment> assess_set_branch(const CallContext& call, const SetBranchRequest& request);
Result<SetBranchResponse> set_branch(CallContext& call, const SetBranchRequest& request);

// Who may propose, and what that needs.
Result<Assessment> proposes(const Volumes& volumes, const item::Volume& volume);
// The call that takes back the next commit of a proposal.
Result<base::JsonObject> inverse_of_proposal(const item::Volume& volume, const std::string& branch);

}  // namespace lilux::tools::volume_tools
