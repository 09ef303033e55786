#pragma once

// Tools for a test of the brain, from their descriptions.

#include <string_view>

#include <doctest/doctest.h>

#include "base/json.h"
#include "brain/caller.h"

namespace lilux::test {

inline brain::ToolSet compiled(std::string_view text) {
  const auto parsed = base::parse_json(text);
  REQUIRE(parsed);
  auto set = brain::ToolSet::compile(*parsed);
  REQUIRE(set);
  return *set;
}

}  // namespace lilux::test
