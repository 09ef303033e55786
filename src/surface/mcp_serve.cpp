#include "surface/mcp_serve.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <thread>

#include "base/encoding.h"
#include "surface/arguments.h"
#include "surface/mcp_http.h"
#include "surface/print.h"
#include "surface/session.h"
#include "sys/io.h"
#include "sys/sockets.h"
#include "tools/table.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;

namespace {

constexpr std::size_t kPiece = 65536;
constexpr auto kLook = std::chrono::milliseconds(100);  // for whether it is over
constexpr auto kLastAnswers = std::chrono::seconds(2);
constexpr auto kNever = std::chrono::hours(24 * 365);

struct Wanted {
  net::QueryPairs query;  // of /mcp
  bool is_here = false;
};

std::string query_text(const net::QueryPairs& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    text += text.empty() ? "?" : "&";
    text += name + "=" + base::percent_encode(value);
  }
  return text;
}

Result<Wanted> wanted_in(const std::vector<std::string>& words) {
  constexpr std::array<std::string_view, 6> kPassedOn{"expose", "grant", "calls", "usd", "tokens", "wall_ms"};
  Wanted wanted;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--here") {
      wanted.is_here = true;
      continue;
    }
    const std::string_view name =
        words[i].starts_with("--") ? std::string_view(words[i]).substr(2) : std::string_view();
    if (std::ranges::find(kPassedOn, name) == kPassedOn.end() || i + 1 == words.size())
      return fail(ErrorCode::invalid_argument, "unknown word '" + words[i] + "'", "`lilux help mcp serve` lists them");
    wanted.query.emplace_back(name, words[++i]);
  }
  return wanted;
}

// Reads standard input piece by piece until its end; true when that came, false when `is_over` said so.
template <class IsOver, class Take>
Result<bool> read_input(const IsOver& is_over, const Take& take) {
  std::array<char, kPiece> piece{};
  while (!is_over()) {
    if (!TRY(sys::wait_readable(0, kLook))) continue;
    const std::optional<std::size_t> size = TRY(sys::read_some(0, piece, "standard input"));
    if (size == std::size_t{0}) return true;
    if (size) TRY(take(std::string_view(piece.data(), *size)));
  }
  return false;
}

// Bytes both ways between our standard streams and the daemon, until it is done with us.
Result<int> relay(const net::Upgraded& daemon) {
  const int fd = daemon.fd.get();
  std::atomic<bool> has_ended = false;
  const std::jthread upward([&](const std::stop_token& stop) {
    const auto send = [&](std::string_view bytes) { return sys::send_all(fd, bytes, kNever); };
    const Result<bool> read = read_input([&] { return stop.stop_requested(); }, send);
    has_ended = true;
    if (read.value_or(true)) std::ignore = sys::shutdown_sending(fd);  // it has gone: what it wrote is read below
  });
  TRY(sys::write_all(1, daemon.received, "standard output"));
  std::array<char, kPiece> piece{};
  for (std::size_t size = 1; size != 0;) {
    size = TRY(sys::receive_some(fd, piece, kNever));
    if (!sys::write_all(1, std::string_view(piece.data(), size), "standard output")) {
      std::ignore = sys::shutdown_sending(fd);  // our client has gone: nor does the other way wait
      return 0;
    }
  }
  if (has_ended) return 0;
  return fail(ErrorCode::unavailable, "the daemon has ended", "start this again: it starts another one");
}

// The kernel in this process, for a client that is its only one.
Result<int> serve_here(const net::QueryPairs& query, kernel::Caller caller) {
  Session session = TRY(Session::open(Session::Want::own));
  struct Waiting {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_over = false;
    std::atomic<bool> is_gone = false;
  };
  const auto waiting = std::make_shared<Waiting>();  // and of answers that come late
  const auto lines = TRY(session.surface().mcp().serve_lines(
      query, std::move(caller),
      [waiting](std::string_view line) {
        if (!sys::write_all(1, line, "standard output")) waiting->is_gone = true;
      },
      [waiting] {
        const std::lock_guard lock(waiting->mutex);
        waiting->is_over = true;
        waiting->changed.notify_all();
      }));
  const auto is_over = [&] { return waiting->is_gone || session.kernel().shutdown().stop_requested(); };
  TRY(read_input(is_over, [&](std::string_view bytes) -> Result<void> {
    lines->feed(bytes);
    return {};
  }));
  lines->end();
  {
    std::unique_lock lock(waiting->mutex);
    waiting->changed.wait_for(lock, kLastAnswers, [&] { return waiting->is_over; });
  }
  lines->close();
  return 0;
}

// What a text weighs in a model's context. Tokenizers differ; JSON comes to a token for each three to four bytes.
std::int64_t tokens_of(const std::string& text) {
  return static_cast<std::int64_t>((text.size() * 2 + 6) / 7);
}

}  // namespace

Result<int> mcp_serve_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  const Wanted wanted = TRY(wanted_in(command.words));
  kernel::Caller caller = own_caller(TRY(own_folders()));
  if (wanted.is_here) return serve_here(wanted.query, std::move(caller));
  Session session = TRY(Session::open(Session::Want::daemon));
  return relay(TRY(session.attach_mcp(query_text(wanted.query), caller)));
}

Result<int> mcp_cost_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  std::vector<std::string> choices{"four", "all"};
  for (const std::string& word : command.words) choices.push_back(word);
  base::JsonArray rows;
  for (const std::string& expose : choices) {
    const Offer offer = TRY(Offer::make(tools::table(), own_resources(), expose));
    const std::string text = base::to_text(offer.tools());
    rows.emplace_back(base::JsonObject{{"expose", expose},
                                       {"tools", static_cast<std::int64_t>(offer.tools().size())},
                                       {"bytes", static_cast<std::int64_t>(text.size())},
                                       {"tokens", tokens_of(text)}});
  }
  if (command.common.is_json) {
    print_json(base::JsonObject{{"choices", std::move(rows)}});
    return 0;
  }
  std::cout << "What the list of tools takes in a client's context, in tokens (bytes * 2/7; tokenizers differ):\n\n";
  for (const Json& row : rows)
    std::cout << "  " << row.integer_or("tokens") << "\t" << row.string_or("expose") << " (" << row.integer_or("tools")
              << " tools, " << row.integer_or("bytes") << " bytes)\n";
  std::cout << "\nChoose with `lilux mcp serve --expose four|all|'fs.*,task.list'`; four reach everything.\n";
  return 0;
}

}  // namespace lilux::surface
