#pragma once

// Whether the skills that a workflow runs are there. One object a call, which remembers what it looked up; used by its
// thread.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "item/parts.h"
#include "item/workflow.h"
#include "tools/volumes.h"

namespace lilux::tools {

class WorkflowCheck {
 public:
  explicit WorkflowCheck(const Volumes& volumes) : volumes_(volumes) {}  // which must outlive it
  // By its text. Skills are looked for as a run does, and in the volume that it lies in itself, trusted or not.
  std::vector<item::Problem> problems(const item::Workflow& workflow, std::string_view text,
                                      const std::optional<std::string>& source);

 private:
  const base::Result<FoundItem>& skill(const std::string& name, const std::optional<std::string>& source);

  const Volumes& volumes_;
  std::map<std::pair<std::string, std::string>, base::Result<FoundItem>> skills_;  // by source and name
};

}  // namespace lilux::tools
