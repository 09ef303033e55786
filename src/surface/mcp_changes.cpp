#include "surface/mcp_changes.h"

#include <utility>

#include "kernel/events.h"
#include "kernel/kernel.h"
#include "kernel/scheduler.h"
#include "policy/policy.h"

namespace lilux::surface {

using base::Json;
using base::Result;

namespace {

constexpr std::int64_t kPriority = 5;
constexpr std::size_t kChangedMax = 10'000;
constexpr auto kGather = std::chrono::milliseconds(50);
constexpr std::string_view kWritesFiles = "\"write fs ";  // in the needs of a record

std::vector<std::string> files_written(const std::string& body) {
  std::vector<std::string> files;
  const Result<Json> json = base::parse_json(body);
  const Json* needs = json ? json->find("needs") : nullptr;
  if (!needs || !needs->is_array()) return files;
  for (const Json& need : needs->as_array()) {
    const auto parsed = policy::parse_need(need.is_string() ? need.as_string() : "");
    if (parsed && parsed->verb == policy::Verb::write && parsed->resource == "fs") files.push_back(parsed->target);
  }
  return files;
}

// The call of a record, which stands before anything that a client has said.
std::string call_in(const kernel::Event& event) {
  constexpr std::string_view kBefore = "\"call\":\"";
  const std::size_t at = event.body.find(kBefore);
  if (at == std::string::npos) return {};
  const std::size_t from = at + kBefore.size();
  return event.body.substr(from, event.body.find('"', from) - from);
}

}  // namespace

Changes::~Changes() {
  if (const std::uint64_t listener = listener_.load(); listener != 0) kernel_.events().forget(listener);
}

std::shared_ptr<void> Changes::watch(mcp::Watched what, Told told) {
  const bool is_of_resource = what == mcp::Watched::resources;
  const auto [number, is_first] = state_.with([&](State& state) {
    state.watches.emplace(++state.last, Watch{.what = what, .told = std::make_shared<Told>(std::move(told))});
    return std::pair(state.last, is_of_resource && ++state.of_resources == 1);
  });
  if (is_first) listen();
  const auto forget = [weak = weak_from_this(), number, is_of_resource](void*) {
    const auto live = weak.lock();
    if (!live) return;
    const auto gone = live->state_.with([&](State& state) {  // goes outside the lock
      if (is_of_resource && --state.of_resources == 0) {     // nothing is heard any more
        state.changed.clear();
        state.bodies.clear();
        state.begun.clear();
      }
      return state.watches.extract(number);
    });
  };
  return {static_cast<void*>(this), forget};
}

void Changes::listen() {
  if (listener_.load() != 0) return;
  const std::uint64_t listener = kernel_.events().listen([weak = weak_from_this()](const kernel::Event& event) {
    if (const auto live = weak.lock()) live->hear(event);
  });
  if (const std::uint64_t other = listener_.exchange(listener); other != 0) kernel_.events().forget(other);
}

// Gathers what changed and tells it in a moment, all at once: many records come together.
void Changes::hear(const kernel::Event& event) {
  const bool is_first = state_.with([&](State& state) {
    if (state.of_resources == 0) return false;
    if (state.changed.size() < kChangedMax && !event.task.empty()) state.changed.insert("lilux://tasks/" + event.task);
    // What a call writes stands in the record of its beginning, or in its only one; it is written when it ends.
    if (event.name == "call.begin" && event.body.contains(kWritesFiles) && state.begun.size() < kChangedMax)
      state.begun.insert_or_assign(call_in(event), event.body);
    else if (event.name == "call.ok" && event.body.contains(kWritesFiles) && state.bodies.size() < kChangedMax)
      state.bodies.push_back(event.body);
    else if (auto begun = state.begun.extract(call_in(event)); begun && state.bodies.size() < kChangedMax)
      state.bodies.push_back(std::move(begun.mapped()));
    return !std::exchange(state.is_due, true);
  });
  if (!is_first) return;
  const auto later = [weak = weak_from_this()] {
    const auto live = weak.lock();
    if (!live) return;
    const auto tell = [weak] {
      if (const auto still = weak.lock()) still->tell_gathered();
    };
    std::ignore = live->kernel_.scheduler().push_again(kPriority, tell);  // fails only when stopping
  };
  std::ignore = kernel_.scheduler().at(std::chrono::steady_clock::now() + kGather, later);  // fails only when stopping
}

void Changes::tell_gathered() {
  auto [changed, bodies] = state_.with([](State& state) {
    state.is_due = false;
    return std::pair(std::exchange(state.changed, {}), std::exchange(state.bodies, {}));
  });
  for (const std::string& body : bodies) {
    for (std::string& file : files_written(body)) changed.insert("file://" + std::move(file));
  }
  for (const std::string_view list : {"lilux://approvals", "lilux://calls", "lilux://status", "lilux://tasks"})
    changed.emplace(list);
  for (const std::string& uri : changed) tell({.kind = mcp::Change::Kind::resource, .subject = uri});
}

void Changes::tell(const mcp::Change& change) {
  const bool is_of_resource = change.kind == mcp::Change::Kind::resource;
  std::vector<std::shared_ptr<Told>> hearing;
  state_.with([&](const State& state) {
    for (const auto& [number, watch] : state.watches) {
      if ((watch.what == mcp::Watched::resources) == is_of_resource) hearing.push_back(watch.told);
    }
  });
  for (const auto& told : hearing) (*told)(change);
}

}  // namespace lilux::surface
