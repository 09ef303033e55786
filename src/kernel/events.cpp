#include "kernel/events.h"

#include <algorithm>

#include "base/time.h"
#include "text/glob.h"

namespace lilux::kernel {

namespace {

std::string event_name(std::uint8_t kind, const Body& body) {
  switch (static_cast<Kind>(kind)) {
    case Kind::intent: return "call.begin";
    case Kind::call:
    case Kind::outcome: return "call." + body.result.value_or("unknown");
    case Kind::note: return body.event.value_or("note");
  }
  return std::string("ledger.").append(kind_name(kind));
}

}  // namespace

bool EventFilter::fits(const Event& event) const {
  const auto fits_one = [](const std::string& glob, const std::string& text) {
    return glob == "*" || text::name_matches(glob, text);
  };
  return fits_one(name, event.name) && fits_one(tool, event.tool) && fits_one(task, event.task);
}

Event to_event(ledger::Record record, const Body& body) {
  return {.sequence = record.position.sequence,
          .time_us = record.time_us,
          .name = event_name(record.kind, body),
          .tool = body.tool.value_or(""),
          .task = body.task.value_or(""),
          .body = std::move(record.body),
          .project = body.project};
}

base::Json to_json(const Event& event) {
  base::JsonObject shown;
  if (event.sequence != 0) shown.set("sequence", event.sequence);
  shown.set("time", base::format_time(event.time_us));
  shown.set("event", event.name);
  if (const base::Result<base::Json> body = base::parse_json(event.body); body && body->is_object()) {
    for (const auto& [key, value] : body->as_object()) {
      if (key != "changes" && key != "event") shown.set(key, value);
    }
  }
  return shown;
}

void Events::start_after(std::uint64_t sequence) {
  state_.with([&](State& state) { state.dropped_to = sequence; });
}

void Events::publish(const std::shared_ptr<const Event>& event) {
  const auto listeners = state_.with([&](State& state) {
    state.newest.push_back(event);
    while (state.newest.size() > kEventsKept) {
      state.dropped_to = state.newest.front()->sequence;
      state.newest.pop_front();
    }
    return state.listeners;
  });
  for (const auto& [id, listener] : *listeners) listener(*event);
}

std::uint64_t Events::listen(Listener listener) {
  return state_.with([&](State& state) {
    auto more = std::make_shared<Listeners>(*state.listeners);
    more->emplace(state.next_listener, std::move(listener));
    state.listeners = std::move(more);
    return state.next_listener++;
  });
}

void Events::forget(std::uint64_t listener) {
  state_.with([&](State& state) {
    auto fewer = std::make_shared<Listeners>(*state.listeners);
    fewer->erase(listener);
    state.listeners = std::move(fewer);
  });
}

void Events::follow(std::shared_ptr<const Listener> follower) {
  state_.with([&](State& state) { state.follower = std::move(follower); });
}

bool Events::is_followed() const {
  return state_.with([](const State& state) { return state.follower != nullptr; });
}

void Events::pass(const Event& event) const {
  const auto follower = state_.with([](const State& state) { return state.follower; });
  if (follower) (*follower)(event);
}

std::optional<std::vector<std::shared_ptr<const Event>>> Events::since(std::uint64_t sequence) const {
  return state_.with([&](const State& state) -> std::optional<std::vector<std::shared_ptr<const Event>>> {
    if (sequence < state.dropped_to) return std::nullopt;
    const auto first =
        std::ranges::upper_bound(state.newest, sequence, {}, [](const auto& event) { return event->sequence; });
    return std::vector(first, state.newest.end());
  });
}

}  // namespace lilux::kernel
