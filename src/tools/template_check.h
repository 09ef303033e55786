#pragma once

// Whether a template can be put together: those that it is made of are there, and do not go round. One object a call,
// which remembers what it looked up; used by its thread.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "item/parts.h"
#include "tools/volumes.h"

namespace lilux::tools {

class TemplateCheck {
 public:
  explicit TemplateCheck(const Volumes& volumes) : volumes_(volumes) {}  // which must outlive it
  // By its text. Others are looked for as a run does, and in the volume that it lies in itself, trusted or not.
  std::vector<item::Problem> problems(const std::string& name, std::string_view text,
                                      const std::optional<std::string>& source);

 private:
  std::optional<std::string> text_of(const std::string& name, const std::optional<std::string>& source);

  const Volumes& volumes_;
  std::map<std::pair<std::string, std::string>, std::optional<std::string>> texts_;  // by source and name
};

}  // namespace lilux::tools
