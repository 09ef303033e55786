#pragma once

// What a RuleSet holds: shared by the file that compiles it and the one that decides with it.

#include <string>
#include <vector>

#include "policy/index.h"
#include "policy/policy.h"

namespace lilux::policy {

struct RuleSet::Index {
  std::vector<Rule> rules;
  std::vector<Compiled> compiled;  // of each rule
  Places places;
  std::string version;
  std::string project;  // see Anchors
};

}  // namespace lilux::policy
