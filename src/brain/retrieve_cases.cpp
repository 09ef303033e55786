#include "brain/retrieve_cases.h"

#include <algorithm>
#include <cmath>

#include "brain/json_lines.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

void add_names(const Json& value, std::vector<std::string>& names) {
  if (value.is_string()) names.push_back(value.as_string());
  if (value.is_object()) names.push_back(value.string_or("name"));
  if (!value.is_array()) return;
  for (const Json& one : value.as_array()) add_names(one, names);
}

Result<ToolQuery> query_from(const Json& row, std::size_t line) {
  ToolQuery query{.id = id_of(row, line), .text = TRY(asked_in(row))};
  for (const char* member : {"answers", "label", "tool", "relevant"}) {
    const Json* right = row.find(member);
    if (right == nullptr || !query.right.empty()) continue;
    add_names(*right, query.right);
  }
  std::ranges::sort(query.right);
  query.right.erase(std::ranges::unique(query.right).begin(), query.right.end());
  return query;
}

}  // namespace

Result<Json> parse_pool(std::string_view text, std::string_view name) {
  if (const auto whole = base::parse_json(text, {.bytes_max = std::size_t{256} << 20}); whole && whole->is_array())
    return *whole;
  else if (whole && whole->is_object() && whole->find("name") == nullptr && whole->find("function") == nullptr) {
    if (const Json* tools = whole->find("tools"); tools != nullptr && tools->is_array()) return *tools;
    JsonArray pool;
    for (const auto& [tool, description] : whole->as_object()) {
      if (!description.is_string())
        return fail(ErrorCode::invalid_argument, std::string(name) + ": '" + tool + "' has no text as description",
                    "{\"name\": \"description\"} or a list of tools");
      pool.push_back(JsonObject{{"name", tool}, {"description", description}});
    }
    return Json(std::move(pool));
  }
  JsonArray pool;
  TRY(each_row(text, name, [&](const Json& row, const std::string&, std::size_t) -> Result<void> {
    pool.push_back(row);
    return {};
  }));
  return Json(std::move(pool));
}

Result<std::vector<ToolQuery>> parse_queries(std::string_view text, std::string_view name) {
  std::vector<ToolQuery> queries;
  TRY(each_row(text, name, [&](const Json& row, const std::string& place, std::size_t line) -> Result<void> {
    auto query = query_from(row, line);
    if (!query) return base::in_context(query.error(), place);
    queries.push_back(std::move(*query));
    return {};
  }));
  return queries;
}

RetrieveMeasures measure_ranking(std::span<const ToolQuery> queries, std::span<const std::vector<std::string>> ranked) {
  RetrieveMeasures measures;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const std::vector<std::string>& right = queries[i].right;
    if (right.empty()) continue;
    ++measures.judged;
    double gain = 0;
    double best = 0;
    double in_1 = 0;
    double in_5 = 0;
    for (std::size_t place = 0; place < std::min<std::size_t>(10, right.size()); ++place)
      best += 1 / std::log2(2.0 + static_cast<double>(place));
    for (std::size_t place = 0; place < std::min<std::size_t>(10, ranked[i].size()); ++place) {
      if (!std::ranges::binary_search(right, ranked[i][place])) continue;
      gain += 1 / std::log2(2.0 + static_cast<double>(place));
      in_1 += place < 1 ? 1 : 0;
      in_5 += place < 5 ? 1 : 0;
    }
    measures.recall_1 += in_1 / static_cast<double>(right.size());
    measures.recall_5 += in_5 / static_cast<double>(right.size());
    measures.ndcg_10 += gain / best;
  }
  const double count = std::max<double>(1, static_cast<double>(measures.judged));
  measures.recall_1 /= count;
  measures.recall_5 /= count;
  measures.ndcg_10 /= count;
  return measures;
}

}  // namespace lilux::brain
