// search.query: the index is brought up to date, searched, and what the caller may not see is left out.

#include "tools/search.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/time.h"
#include "item/kind.h"
#include "kernel/kernel.h"
#include "search/index.h"
#include "sys/error.h"
#include "tools/common.h"
#include "tools/fs_common.h"
#include "tools/item_rows.h"
#include "tools/search_calls.h"
#include "tools/search_feed.h"
#include "tools/search_server.h"
#include "tools/volumes.h"

namespace lilux::tools::search_tools {

using policy::Risk;
using policy::Verb;

namespace {

constexpr std::int64_t kLimitDefault = 10;
constexpr double kFarTail = 0.05;      // of the best score: what has less has nothing to do with what was looked for
constexpr std::size_t kAlikeMost = 3;  // of what has no word of the query
constexpr std::size_t kSpare = 3;      // so many times more are looked at, for those that are left out

Result<std::optional<std::int64_t>> time_of(const std::optional<std::string>& text) {
  if (!text) return std::optional<std::int64_t>();
  return std::optional(TRY(base::parse_time(*text, base::now_us())));
}

Result<void> check_kind(const std::string& kind) {
  constexpr std::array<std::string_view, 2> kOthers{"memory", kCallKind};
  constexpr auto kItems = enum_names(item::Kind{});
  std::vector<std::string_view> known(kItems.begin(), kItems.end());
  known.insert(known.end(), kOthers.begin(), kOthers.end());
  if (std::ranges::find(known, kind) != known.end()) return {};
  std::string all;
  for (const std::string_view one : known) all.append(all.empty() ? "" : ", ").append(one);
  return base::fail(base::ErrorCode::invalid_argument, "there is no kind " + sys::quoted(kind), "one of " + all);
}

Result<search::Query> query_of(const QueryRequest& request) {
  search::Query query{.text = request.query, .explain = request.explain.value_or(false)};
  query.filters.kinds = request.kinds.value_or(std::vector<std::string>{});
  query.filters.tags = request.tags.value_or(std::vector<std::string>{});
  query.filters.since_us = TRY(time_of(request.since));
  query.filters.until_us = TRY(time_of(request.until));
  const auto limit = static_cast<std::size_t>(request.limit.value_or(kLimitDefault));
  query.limit = std::min(limit * kSpare, search::kResultsMax);
  return query;
}

// The scopes to look at: of the volumes that are named, or of all the caller sees.
Result<std::vector<std::string>> scopes_of(const CallContext& call, const Volumes& volumes,
                                           const QueryRequest& request) {
  std::vector<std::string> scopes;
  if (request.sources) {
    for (const std::string& source : *request.sources) scopes.push_back(TRY(volumes.named(source))->place().folder);
    return scopes;
  }
  for (const item::Volume& volume : volumes.set().volumes()) scopes.push_back(volume.place().folder);
  const auto is_wanted = [&](std::string_view kind) {
    return !request.kinds || std::ranges::find(*request.kinds, kind) != request.kinds->end();
  };
  if (is_wanted("tool")) scopes.emplace_back(kToolScope);
  const policy::Need memory{.verb = Verb::read, .resource = "memory", .target = "default"};
  if (is_wanted("memory") && TRY(holds(call, memory))) scopes.emplace_back(kMemoryScope);
  return scopes;
}

// Of the caller's volumes alone, and what the rules let it read; nothing for the rest.
std::optional<HitRow> row_of(const search::Hit& hit, const Volumes& volumes, const Sight& sight,
                             const CallContext& call) {
  const DocumentId id = document_id(hit.id);
  HitRow row{.kind = hit.kind, .name = id.name, .score = hit.score, .source = id.source, .snippet = hit.snippet};
  if (id.sort == "tool") {
    if (const kernel::Tool* tool = call.kernel().find_tool(id.name)) row.description = tool->summary;
    return row;
  }
  if (id.sort == "memory") {
    const bool is_hidden = sight.is_denied({.verb = Verb::read, .resource = "memory", .target = id.source});
    return is_hidden ? std::nullopt : std::optional(row);
  }
  const auto is_it = [&](const item::Volume& volume) { return volume.place().folder == id.source; };
  const auto volume = std::ranges::find_if(volumes.set().volumes(), is_it);
  const std::string path = id.source + "/" + id.name;
  if (volume == volumes.set().volumes().end() || sight.is_denied(path)) return std::nullopt;
  const std::optional<item::Place> place = item::place_of(id.name);
  if (!place) return std::nullopt;
  row.name = place->name;
  row.source = source_name(volume->place());
  row.path = path;
  const FoundItem found{.volume = &*volume, .listed = {.path = id.name, .place = place}};
  if (Result<ReadItem> read = read_item(found)) {
    item_tools::add_unknown_tools(call, read->content.bytes, read->item);
    row.description = item_tools::short_description(read->item);
    row.version = read->item.version;
    if (const Result<void> sound = read->item.check(); !sound) row.broken = sound.error().message;
  }
  return row;
}

HitRow row_of(const item_tools::ItemRow& item) {
  return {.kind = std::string(base::enum_name(item.kind)),
          .name = item.name,
          .description = item.description,
          .version = item.version,
          .source = item.source,
          .path = item.path,
          .broken = item.broken};
}

// All of the kinds, for who does not know yet what to look for.
Result<QueryResponse> all_items(const CallContext& call, const QueryRequest& request, const Volumes& volumes,
                                const Sight& sight) {
  QueryResponse response;
  for (const item::Volume& volume : volumes.set().volumes()) {
    const std::string source = source_name(volume.place());
    if (request.sources && std::ranges::find(*request.sources, source) == request.sources->end()) continue;
    for (item::Listed& listed : volume.list().items) {
      if (!listed.place) continue;
      const std::string kind(base::enum_name(listed.place->kind));
      const bool fits = !request.kinds || std::ranges::find(*request.kinds, kind) != request.kinds->end();
      const FoundItem found{.volume = &volume, .listed = std::move(listed)};
      if (!fits || sight.is_denied(path_of(found))) continue;
      if (++response.total > request.limit.value_or(kLimitDefault)) continue;
      TRY(call.check_alive());
      response.results.push_back(row_of(item_tools::row_of(call, volumes, found)));
    }
  }
  return response;
}

// With the vectors of a server when there is one, else with those that are learned.
Result<search::Answer> answer_of(const CallContext& call, const Volumes& volumes, const search::Query& wanted) {
  const Server server = search_server(call);
  std::string why = server.why;
  if (server.index) {
    Result<search::Answer> answer = server.index->search(call, volumes, wanted);
    if (answer && answer->note.empty()) return answer;
    why = answer ? std::move(answer->note) : answer.error().message;
  }
  search::Answer answer = TRY(call.kernel().kept().get<FedIndex>()->search(call, volumes, wanted));
  if (answer.note.empty()) answer.note = std::move(why);
  return answer;
}

// What is merely alike is no answer.
void tell_unknown(QueryResponse& response) {
  if (response.results.size() > kAlikeMost) response.results.resize(kAlikeMost);
  response.note += (response.note.empty() ? "" : "; ") + std::string(kNoSuchWords) +
                   (response.results.empty() ? "" : ": what is shown is alike in meaning alone");
}

Result<QueryResponse> among_items(CallContext& call, const QueryRequest& request, const Volumes& volumes,
                                  const Sight& sight) {
  search::Query wanted = TRY(query_of(request));
  wanted.filters.sources = TRY(scopes_of(call, volumes, request));
  const search::Answer answer = TRY(answer_of(call, volumes, wanted));
  const auto limit = static_cast<std::size_t>(request.limit.value_or(kLimitDefault));
  QueryResponse response{.query = request.query, .note = answer.note};
  for (const search::Hit& hit : answer.hits) {
    if (response.results.size() >= limit || hit.score < answer.hits.front().score * kFarTail) break;
    TRY(call.check_alive());
    std::optional<HitRow> row = row_of(hit, volumes, sight, call);
    if (!row) continue;
    if (request.explain.value_or(false)) row->parts.emplace();
    for (const search::Part& part : hit.parts)
      if (row->parts) row->parts->push_back({.what = part.what, .value = part.value});
    response.results.push_back(std::move(*row));
  }
  if (!answer.has_words) tell_unknown(response);
  response.total = static_cast<std::int64_t>(response.results.size());
  return response;
}

}  // namespace

Result<Assessment> assess_query(const CallContext& call, const QueryRequest& request) {
  TRY(query_of(request));
  for (const std::string& kind : request.kinds.value_or(std::vector<std::string>{})) TRY(check_kind(kind));
  const Volumes volumes = TRY(Volumes::of(call));
  return Assessment{.needs = volumes.read_needs(), .risk = Risk::low};
}

Result<QueryResponse> query(CallContext& call, const QueryRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Sight sight = TRY(Sight::of(call));
  if (request.query.empty()) return all_items(call, request, volumes, sight);
  const auto kinds = request.kinds.value_or(std::vector<std::string>{});
  const bool has_calls = !request.sources && std::ranges::find(kinds, kCallKind) != kinds.end();
  if (!has_calls) return among_items(call, request, volumes, sight);
  std::vector<HitRow> calls = TRY(find_calls(call, TRY(query_of(request))));
  QueryResponse response{.query = request.query};
  if (kinds.size() > 1) response = TRY(among_items(call, request, volumes, sight));
  // Both scores are shares of the best match by words in their index.
  response.results.insert(response.results.end(), std::move_iterator(calls.begin()), std::move_iterator(calls.end()));
  std::ranges::sort(response.results, std::greater(), &HitRow::score);
  const auto limit = static_cast<std::size_t>(request.limit.value_or(kLimitDefault));
  if (response.results.size() > limit) response.results.resize(limit);
  response.total = static_cast<std::int64_t>(response.results.size());
  return response;
}

}  // namespace lilux::tools::search_tools
