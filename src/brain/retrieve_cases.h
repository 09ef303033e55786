#pragma once

// Pools of tools and queries for them that others wrote, and what a ranking is worth. Pure; any thread.
// docs/brain-calls.md has the formats.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace lilux::brain {

struct ToolQuery {
  base::Json id = {};  // as the file has it
  std::string text = {};
  std::vector<std::string> right = {};  // names; empty where the file does not say
};

// A list of tools, an object of names and descriptions, or one tool on each line.
base::Result<base::Json> parse_pool(std::string_view text, std::string_view name);
base::Result<std::vector<ToolQuery>> parse_queries(std::string_view text, std::string_view name);

// Means over the queries that say what is right.
struct RetrieveMeasures {
  std::size_t judged = 0;
  double recall_1 = 0;
  double recall_5 = 0;
  double ndcg_10 = 0;
};
RetrieveMeasures measure_ranking(std::span<const ToolQuery> queries, std::span<const std::vector<std::string>> ranked);

}  // namespace lilux::brain
