#include "tools/search_calls.h"

#include <algorithm>
#include <memory>
#include <set>

#include "base/encoding.h"
#include "base/number.h"
#include "db/database.h"
#include "kernel/kernel.h"
#include "search/index.h"
#include "sys/file.h"
#include "tools/common.h"
#include "tools/fs_common.h"
#include "tools/search_sources.h"

namespace lilux::tools {

using base::Json;
using base::Result;
using kernel::CallContext;
using search_tools::HitRow;

namespace {

constexpr std::int64_t kCallsMax = 10'000;           // the newest; older ones go when there are twice as many
constexpr std::size_t kBatch = 500;                  // documents
constexpr std::uint64_t kRecordsBetweenMarks = 256;  // looked at again at most, when nothing in them was to be put
constexpr std::size_t kTextBytesMax = 2000;
constexpr std::string_view kMark = "position";

std::string file_of(const CallContext& call) {
  return (call.kernel().folders().state / "search-calls.db").string();
}

search::Document mark_at(std::uint64_t sequence) {
  return {.id = std::string(kMark),
          .kind = std::string(kMark),
          .title = std::string(kMark),
          .tags = {std::to_string(sequence)}};
}

// The sequence number of the last record that was looked at; nothing when none was.
Result<std::optional<std::uint64_t>> mark_in(search::Index& index) {
  search::Query query{.text = std::string(kMark), .limit = 1};
  query.filters.kinds = {std::string(kMark)};
  const search::Answer answer = TRY(index.search(query));
  if (answer.hits.empty() || answer.hits.front().tags.empty()) return std::optional<std::uint64_t>();
  return base::number_from<std::uint64_t>(answer.hits.front().tags.front());
}

// What comes before the oldest call that is to be found.
Result<std::uint64_t> beginning(const kernel::Index& calls) {
  const auto newest = TRY(calls.query({.limit = kCallsMax}));
  return newest.empty() ? std::uint64_t{0} : newest.back().first.sequence - 1;
}

Result<Json> body_at(kernel::Kernel& kernel, const ledger::Position& position) {
  return base::parse_json(TRY(kernel.ledger().read(position)).body);
}

// Whether a call is worth finding: it had an effect, or failed.
bool is_worth(const kernel::Kernel& kernel, const kernel::CallRow& row) {
  const kernel::Tool* tool = kernel.find_tool(row.tool);
  return row.result != "ok" || (tool != nullptr && tool->traits.effect != kernel::Effect::none);
}

Result<search::Document> document_of(kernel::Kernel& kernel, const kernel::CallRow& row) {
  const Json begun = TRY(body_at(kernel, row.first));
  const Json ended = row.outcome ? TRY(body_at(kernel, *row.outcome)) : begun;
  std::string text = begun.string_or("reason");
  if (const Json* needs = begun.find("needs"))
    for (const Json& need : needs->as_array()) text += "\n" + need.as_string();
  if (const Json* error = ended.find("error")) text += "\n" + error->string_or("message");
  if (const Json* arguments = begun.find("arguments")) text += "\n" + base::to_text(*arguments);
  if (text.size() > kTextBytesMax) text = base::to_valid_utf8(text.substr(0, kTextBytesMax));
  return search::Document{.id = to_text({.sort = std::string(kCallKind), .source = row.task, .name = row.call}),
                          .kind = std::string(kCallKind),
                          .source = row.task,
                          .title = row.tool,
                          .text = std::move(text),
                          .tags = {row.result},
                          .time_us = row.time_us};
}

// The calls that records after this one speak of, with the last record that was looked at.
struct News {
  std::set<std::string> calls = {};
  std::uint64_t sequence = 0;
};
Result<News> news_since(kernel::Kernel& kernel, const kernel::Index& index, std::uint64_t sequence,
                        std::uint64_t last) {
  News news{.sequence = sequence};
  const auto from = TRY(index.position_of(sequence + 1));
  if (!from) return news;
  const auto look = [&](const ledger::Record& record) {
    if (record.position.sequence > last || news.calls.size() >= kBatch) return false;  // more is not durable yet
    if (record.position.sequence <= sequence) return true;
    news.sequence = record.position.sequence;
    const bool is_ended = record.kind == static_cast<std::uint8_t>(kernel::Kind::call) ||
                          record.kind == static_cast<std::uint8_t>(kernel::Kind::outcome);
    const auto body = is_ended ? kernel::body_of(record) : Result<kernel::Body>(kernel::Body{});
    if (body && body->call) news.calls.insert(*body->call);
    return true;
  };
  TRY(kernel.ledger().scan(from, look));
  return news;
}

Result<void> feed(const CallContext& call, search::Index& index) {
  kernel::Kernel& kernel = call.kernel();
  const kernel::Index& calls = TRY(kernel.index()).get();
  const auto indexed = calls.indexed();
  const std::uint64_t last = indexed ? indexed->sequence : 0;
  const auto mark = TRY(mark_in(index));
  std::uint64_t marked = mark && *mark <= last ? *mark : TRY(beginning(calls));
  while (marked < last) {
    TRY(call.check_alive());
    const News news = TRY(news_since(kernel, calls, marked, last));
    if (news.sequence == marked) return {};
    search::Batch batch;
    for (const std::string& id : news.calls) {
      const Result<kernel::CallRow> row = calls.find(id);  // not there: retention dropped it meanwhile
      if (row && is_worth(kernel, *row)) batch.put.push_back(TRY(document_of(kernel, *row)));
    }
    if (batch.put.empty() && news.sequence - marked < kRecordsBetweenMarks && news.sequence == last) return {};
    batch.put.push_back(mark_at(news.sequence));
    TRY(index.apply(batch));
    marked = news.sequence;
  }
  return {};
}

// Opens it, anew when it has grown too large.
Result<std::unique_ptr<search::Index>> open(const CallContext& call) {
  const std::string file = file_of(call);
  std::unique_ptr<search::Index> index = TRY(search::Index::open(file));
  if (TRY(index->statistics()).documents <= 2 * kCallsMax) return index;
  index.reset();
  TRY(db::Database::remove(file));
  return search::Index::open(file);
}

std::vector<std::string> own_tasks(const CallContext& call) {
  return call.kernel().state().with([&](const kernel::State& state) {
    std::vector<std::string> own;
    for (const auto& [id, task] : state.tasks)
      if (id == call.task() || kernel::descends(state, id, call.task())) own.push_back(id);
    return own;
  });
}

}  // namespace

Result<std::vector<HitRow>> find_calls(const CallContext& call, search::Query query) {
  const Sight sight = TRY(Sight::of(call));
  if (sight.is_denied({.verb = policy::Verb::read, .resource = "kernel", .target = "ledger"}))
    return std::vector<HitRow>{};
  const std::unique_ptr<search::Index> index = TRY(open(call));
  TRY(feed(call, *index));
  query.filters.kinds = {std::string(kCallKind)};
  query.filters.sources.clear();
  if (call.caller().principal != policy::Principal::terminal)
    query.view = search::View{.sources = own_tasks(call), .hidden = {}};
  std::vector<HitRow> rows;
  for (const search::Hit& hit : TRY(index->search(query)).hits) {
    const DocumentId id = document_id(hit.id);
    HitRow row{.kind = hit.kind, .name = id.name, .score = hit.score, .source = id.source, .snippet = hit.snippet};
    row.description = hit.title + (hit.tags.empty() ? "" : ": " + hit.tags.front());
    if (query.explain) row.parts.emplace();
    for (const search::Part& part : hit.parts)
      if (row.parts) row.parts->push_back({.what = part.what, .value = part.value});
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace lilux::tools
