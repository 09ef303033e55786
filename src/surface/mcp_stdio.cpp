#include "surface/mcp_stdio.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/guarded.h"
#include "base/turns.h"
#include "kernel/kernel.h"
#include "surface/mcp_http.h"
#include "surface/session.h"
#include "sys/io.h"
#include "sys/poller.h"
#include "sys/sockets.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kPiece = 65536;
constexpr std::size_t kPipe = std::size_t{256} << 10;  // answers with a file in them go out in one go
constexpr auto kLastAnswers = std::chrono::seconds(2);
constexpr auto kQuick = std::chrono::microseconds(200);
constexpr auto kNever = std::chrono::hours(24 * 365);

// Waits without sleeping, for as long as a client takes that asks again at once: to be woken costs more than that.
Result<bool> wait_awake(std::chrono::steady_clock::duration most) {
  const auto until = std::chrono::steady_clock::now() + most;
  bool has_come = false;
  while (!has_come && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();  // to the client, should it need this very processor
    has_come = TRY(sys::wait_readable(0, std::chrono::milliseconds(0)));
  }
  return has_come;
}

// The next piece of standard input, which may be there already; nothing at its end, or when it is `over` first.
Result<std::optional<std::string_view>> read_piece(const sys::Wake& over, std::span<char> into, bool is_there = false) {
  while (std::exchange(is_there, false) || TRY(sys::wait_readable(0, over))) {
    const auto size = TRY(sys::read_some(0, into, "standard input"));
    if (size == std::size_t{0}) break;
    if (size) return std::string_view(into.data(), *size);
  }
  return std::nullopt;
}

// What answers write to, however late they come.
struct Output {
  sys::Wake over;  // nobody reads it any more, or the kernel ends
  std::mutex mutex = {};
  std::condition_variable changed = {};
  bool has_all = false;

  void write(std::string_view lines) {
    if (!sys::write_all(1, lines, "standard output")) over.raise();
  }
  void end() {
    const std::lock_guard lock(mutex);
    has_all = true;
    changed.notify_all();
  }
  void wait_for_all(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, most, [&] { return has_all; });
  }
};

// What two threads do in turns: a call's answer waits for no other thread to wake, and a call that takes long keeps
// nothing else from being read. Whoever reads the end of the input ends everything, also what the other one is in.
class Server {
 public:
  Server(Session& session, std::shared_ptr<Output> out) : session_(session), out_(std::move(out)) {}

  Result<void> begin(const net::QueryPairs& query, kernel::Caller caller) {
    lines_ = TRY(session_.surface().mcp().serve_lines(
        query, std::move(caller), [out = out_](std::string_view lines) { out->write(lines); },
        [out = out_] { out->end(); }, [turns = turns_] { return turns->may_linger(); }));
    return {};
  }

  void serve() {
    while (turns_->take()) {
      lines_->flush();  // what the other one held
      do {
        std::optional<std::string> line = next_line();
        if (!line) return end();
        if (turns_->has_standby()) lines_->hold();
        lines_->take(*line);  // loses the turn in a call alone, when the request is known
      } while (turns_->end_piece());
    }
  }

  Result<void> result() const {
    return failure_.with([](const Result<void>& failure) { return failure; });
  }

 private:
  std::optional<std::string> next_line() {
    std::optional<std::string> line = lines_->next_line();
    if (line) return line;
    lines_->flush();
    while (!line) {
      const auto began = std::chrono::steady_clock::now();
      const bool is_there = is_quick_ && wait_awake(kQuick).value_or(false);  // what fails there fails below
      const auto bytes = read_piece(out_->over, piece_, is_there);
      is_quick_ = std::chrono::steady_clock::now() - began < kQuick;
      if (!bytes) failure_.with([&](Result<void>& failure) { failure = std::unexpected(bytes.error()); });
      if (!bytes || !*bytes) return std::nullopt;
      lines_->add(**bytes);
      line = lines_->next_line();
    }
    return line;
  }

  void end() {
    turns_->finish();
    lines_->end();
    out_->wait_for_all(kLastAnswers);
    lines_->close();
  }

  Session& session_;
  const std::shared_ptr<Output> out_;
  const std::shared_ptr<base::Turns> turns_ = std::make_shared<base::Turns>();  // and of calls
  std::shared_ptr<McpLines> lines_;
  std::array<char, kPiece> piece_{};  // of whoever has the turn
  bool is_quick_ = false;             // the client, when it last had an answer; as above
  base::Guarded<Result<void>> failure_;
};

}  // namespace

Result<int> relay(const net::Upgraded& daemon) {
  const int fd = daemon.fd.get();
  sys::widen_pipe(1, kPipe);
  std::atomic<bool> has_ended = false;
  const sys::Wake over = TRY(sys::Wake::create());
  const std::jthread upward([&](const std::stop_token& stop) {
    const std::stop_callback ending(stop, [&] { over.raise(); });
    std::array<char, kPiece> piece{};
    const auto next = [&] { return read_piece(over, piece).value_or(std::nullopt); };
    for (auto bytes = next(); bytes; bytes = next()) {
      if (!sys::send_all(fd, *bytes, kNever)) break;
    }
    has_ended = true;
    if (!stop.stop_requested()) std::ignore = sys::shutdown_sending(fd);  // it has gone: what it wrote is read below
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

Result<int> serve_here(Session& session, const net::QueryPairs& query, kernel::Caller caller) {
  const auto out = std::make_shared<Output>(TRY(sys::Wake::create()));
  const std::stop_callback ending(session.kernel().shutdown(), [&] { out->over.raise(); });
  Server server(session, out);
  TRY(server.begin(query, std::move(caller)));
  sys::widen_pipe(1, kPipe);
  {
    const std::jthread second([&] { server.serve(); });
    server.serve();
  }
  TRY(server.result());
  return 0;
}

}  // namespace lilux::surface
