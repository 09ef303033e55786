#include "net/sse.h"

#include <vector>

#include <doctest/doctest.h>

namespace lilux::net {
namespace {

std::vector<SseEvent> read(std::string_view text, std::size_t cut = 0) {
  SseParser parser;
  std::vector<SseEvent> events;
  const auto collect = [&](SseEvent event) { events.push_back(std::move(event)); };
  REQUIRE(parser.feed(text.substr(0, cut), collect));
  REQUIRE(parser.feed(text.substr(cut), collect));
  return events;
}

TEST_CASE("events are read with every kind of line end, wherever the bytes are cut") {
  const std::string text =
      "\xEF\xBB\xBF: hello\r\nid: 1\r\ndata: one\r\n\r\nevent:two\ndata:  x \ndata\ndata:y\xE2\x82\xAC\n\n"
      "retry: 250\rdata: three\r\rid: 9\nid\ndata:\n\ndata: not ended\n";
  const std::vector<SseEvent> expected{
      {.id = "1", .data = "one"},
      {.id = "1", .event = "two", .data = " x \n\ny\xE2\x82\xAC"},
      {.id = "1", .data = "three", .retry = std::chrono::milliseconds{250}},
      {.id = "", .data = ""},
  };
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    CHECK(read(text, cut) == expected);
  }
}

TEST_CASE("an event without data is not an event, but its id counts") {
  SseParser parser;
  int events = 0;
  REQUIRE(parser.feed("event: x\nid: 5\n\n\n\n: comment\n\nunknown: 1\n\n", [&](const SseEvent&) { ++events; }));
  CHECK(events == 0);
  CHECK(parser.last_id() == "5");
  SseEvent next;
  REQUIRE(parser.feed("data: y\n\n", [&](SseEvent event) { next = std::move(event); }));
  CHECK(next == SseEvent{.id = "5", .data = "y"});
}

TEST_CASE("an id with NUL and a retry that is no number are ignored") {
  using namespace std::string_view_literals;
  SseParser parser;
  SseEvent last;
  REQUIRE(parser.feed("id: a\0b\nretry: -1\nretry: 1x\nretry:\nretry: 99999999999999999999\ndata: 1\n\n"sv,
                      [&](SseEvent event) { last = std::move(event); }));
  CHECK(last == SseEvent{.data = "1"});
  CHECK_FALSE(parser.retry().has_value());
}

TEST_CASE("a byte order mark is one only at the beginning") {
  CHECK(read("\xEF\xBB\xBF"
             "data: a\n\n\xEF\xBB\xBF"
             "data: b\n\n")
            .size() == 1);
}

TEST_CASE("what is written is read back, and nothing in it can end a field") {
  const std::vector<SseEvent> events{
      {.id = "42", .event = "call", .data = "{\"a\": 1}\nsecond\n\nfourth", .retry = std::chrono::milliseconds{5}},
      {.id = "42", .data = " leading"},
      {.id = "43", .event = "empty", .data = ""},
      {.id = "43", .data = "\n"},
  };
  std::string text;
  for (const SseEvent& event : events) {
    append_comment(text, "alive\nstill");
    append_event(text, event);
  }
  CHECK(read(text) == events);

  std::string sneaky;
  append_event(sneaky, {.id = std::string("1\ndata: x\0", 10), .event = "a\r\n\r\nb", .data = "1\r\n2\r3"});
  CHECK(read(sneaky) == std::vector<SseEvent>{{.id = "1data: x", .event = "ab", .data = "1\n2\n3"}});
}

TEST_CASE("a line or an event that is too large is refused, also byte by byte") {
  const auto feed = [](std::string_view text, std::size_t piece) {
    SseParser parser({.line_bytes_max = 20, .data_bytes_max = 30});
    while (!text.empty()) {
      const auto fed = parser.feed(text.substr(0, piece), [](const SseEvent&) {});
      if (!fed) return fed.error().code;
      text.remove_prefix(std::min(piece, text.size()));
    }
    return base::ErrorCode::not_found;
  };
  const std::string line_of_20 = "data: 12345678901234";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}}) {
    CHECK(feed(line_of_20 + "\n\n", piece) == base::ErrorCode::not_found);
    CHECK(feed(line_of_20 + "5\n\n", piece) == base::ErrorCode::over_budget);
    CHECK(feed(line_of_20 + "5", piece) == base::ErrorCode::over_budget);
    CHECK(feed(line_of_20 + "\n" + line_of_20 + "\n", piece) == base::ErrorCode::not_found);
    CHECK(feed(line_of_20 + "\n" + line_of_20 + "\ndata:1\n", piece) == base::ErrorCode::over_budget);
  }
}

}  // namespace
}  // namespace lilux::net
