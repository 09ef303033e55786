#include "surface/event_streams.h"

#include <algorithm>
#include <optional>

#include "kernel/kernel.h"
#include "kernel/scheduler.h"
#include "net/sse.h"
#include "surface/http.h"
#include "text/glob.h"
#include "tools/common.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

namespace {

constexpr auto kBehind = std::chrono::milliseconds(50);  // until a reader that was full is tried again

Result<kernel::EventFilter> filter_of(const net::Request& request) {
  kernel::EventFilter filter;
  for (const auto& [name, glob] :
       {std::pair("event", &filter.name), std::pair("tool", &filter.tool), std::pair("task", &filter.task)}) {
    if (std::string asked = request.query_text(name); !asked.empty()) *glob = std::move(asked);
    TRY(text::NameGlob::compile(*glob));
  }
  return filter;
}

// The last event that the reader has; absent: it wants what comes from now on.
Result<std::optional<std::uint64_t>> last_seen(const net::Request& request) {
  std::string since = request.header_text("Last-Event-ID");
  if (since.empty()) since = request.query_text("since");
  if (since.empty()) return std::nullopt;
  if (since.size() >= 19 || !std::ranges::all_of(since, [](char c) { return c >= '0' && c <= '9'; }))
    return fail(ErrorCode::invalid_argument, "'since' must be a sequence number", "for example /api/events?since=0");
  return std::stoull(since);
}

// What passes has no number, so a reader that comes back goes on from the last one that had.
std::string event_text(std::uint64_t sequence, const std::string& name, const Json& data) {
  std::string text;
  std::string id = sequence == 0 ? "" : std::to_string(sequence);
  net::append_event(text, {.id = std::move(id), .event = name, .data = base::to_text(data)});
  return text;
}

}  // namespace

void EventStreams::start() {
  listener_ = kernel_.events().listen([weak = weak_from_this()](const kernel::Event&) {
    if (const auto live = weak.lock()) live->pump_soon();
  });
}

void EventStreams::stop() {
  if (listener_ != 0) kernel_.events().forget(listener_);
  kernel_.events().follow(nullptr);
  readers_.with([](auto& readers) { readers.clear(); });
}

void EventStreams::open(const net::Request& request, net::Exchange exchange, Viewer viewer) {
  Result<kernel::EventFilter> filter = filter_of(request);
  if (!filter) return exchange.respond(error_response(filter.error()));
  const Result<std::optional<std::uint64_t>> seen = last_seen(request);
  if (!seen) return exchange.respond(error_response(seen.error()));
  const auto reader = std::make_shared<Reader>();  // of the list and of the pump
  reader->filter = std::move(*filter);
  reader->viewer = std::move(viewer);
  reader->sent = seen->value_or(kernel_.ledger().head().sequence);
  net::Headers headers;
  headers.add("Content-Type", "text/event-stream");
  headers.add("Cache-Control", "no-store");
  reader->stream = exchange.start_stream(200, std::move(headers));
  std::string hello;
  net::append_comment(hello, "lilux");
  reader->stream.write(hello);
  if (reader->sent != 0) tell_missed(*reader);
  auto hears = [weak = weak_from_this()](const kernel::Event& event) {
    if (const auto live = weak.lock()) live->pass(event);
  };
  readers_.with([&](auto& all) {
    all.push_back(reader);
    kernel_.events().follow(std::make_shared<const kernel::Events::Listener>(std::move(hears)));
  });
  pump_soon();
}

// Records go when they are old, and a number from another record may lie ahead: the reader goes on from what there is.
void EventStreams::tell_missed(Reader& reader) const {
  const std::uint64_t head = kernel_.ledger().head().sequence;
  std::uint64_t last_gone = head;
  if (reader.sent <= head) {
    if (kernel_.events().since(reader.sent)) return;
    const Result<void> found = kernel_.ledger().scan(std::nullopt, [&](const ledger::Record& first) {
      last_gone = first.position.sequence - 1;
      return false;
    });
    if (!found || reader.sent >= last_gone) return;
  }
  const Json told = JsonObject{{"sequence", last_gone}, {"event", "events.missed"}, {"since", reader.sent}};
  reader.stream.write(event_text(last_gone, "events.missed", told));
  reader.sent = last_gone;
}

bool EventStreams::is_own(const Reader& reader, const kernel::Event& event) const {
  return kernel_.state().with(
      [&](const kernel::State& state) { return kernel::descends(state, event.task, reader.viewer.task); });
}

bool EventStreams::may_see(const Reader& reader, const kernel::Event& event) const {
  return tools::may_hear(kernel_, reader.viewer.principal, reader.viewer.task, event);
}

std::optional<Json> EventStreams::shown_to(const Reader& reader, const kernel::Event& event) const {
  if (!reader.filter.fits(event) || !may_see(reader, event)) return std::nullopt;
  Json shown = kernel::to_json(event);
  if (reader.viewer.principal != policy::Principal::terminal && !is_own(reader, event)) tools::hide_contents(shown);
  return shown;
}

// False when there is no room for it now.
bool EventStreams::send(Reader& reader, const kernel::Event& event) const {
  const std::optional<Json> shown = shown_to(reader, event);
  if (shown && !reader.stream.write(event_text(event.sequence, event.name, *shown))) return false;
  reader.sent = event.sequence;
  return true;
}

// A reader without room does not hear it.
void EventStreams::pass(const kernel::Event& event) {
  for (const auto& reader : open_readers()) {
    if (const std::optional<Json> shown = shown_to(*reader, event))
      std::ignore = reader->stream.write(event_text(0, event.name, *shown));
  }
}

// Many records, one pump at a time: it runs on a worker and reads on until every reader has everything.
void EventStreams::pump_soon() {
  const bool is_idle = readers_.with([](const auto& all) { return all.empty(); });
  if (is_idle || pumps_wanted_.with([](std::uint64_t& wanted) { return wanted++ != 0; })) return;
  const Result<void> queued = kernel_.scheduler().push(5, [weak = weak_from_this()] {
    const auto live = weak.lock();
    if (!live) return;
    std::uint64_t answered = 0;
    do {
      answered = live->pumps_wanted_.with([](const std::uint64_t& wanted) { return wanted; });
      live->pump();
    } while (live->pumps_wanted_.with([&](std::uint64_t& wanted) { return (wanted -= answered) != 0; }));
  });
  if (!queued) pumps_wanted_.with([](std::uint64_t& wanted) { wanted = 0; });
}

// What passes is found out only while there are some.
std::vector<std::shared_ptr<EventStreams::Reader>> EventStreams::open_readers() {
  return readers_.with([this](auto& open) {
    std::erase_if(open, [](const auto& reader) { return !reader->stream.is_open(); });
    if (open.empty()) kernel_.events().follow(nullptr);
    return open;
  });
}

void EventStreams::pump() {
  bool is_behind = false;
  for (const auto& reader : open_readers()) {
    const Result<void> read = kernel_.events_since(reader->sent, [&](const kernel::Event& event) {
      if (send(*reader, event)) return true;
      is_behind = true;  // full, or gone: it goes on from here in a moment
      return false;
    });
    if (!read) reader->stream.close();
  }
  if (!is_behind) return;
  const auto again = [weak = weak_from_this()] {
    if (const auto live = weak.lock()) live->pump_soon();
  };
  std::ignore = kernel_.scheduler().at(std::chrono::steady_clock::now() + kBehind, again);  // fails only when stopping
}

void EventStreams::keep_alive() {
  const auto open = readers_.with([](const auto& all) { return all; });
  std::string text;
  net::append_comment(text, "");
  for (const auto& reader : open) reader->stream.write(text);
  pump_soon();
}

}  // namespace lilux::surface
