// `lilux mcp serve`: one message a line on standard input, one a line on standard output, nothing else there.

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "surface/arguments.h"
#include "surface/mcp.h"
#include "surface/print.h"
#include "surface/session.h"
#include "sys/io.h"
#include "sys/machine.h"
#include "text/glob.h"
#include "tools/table.h"

namespace lilux::surface {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;

namespace {

constexpr mcp::MessageLimits kLimits{};
constexpr auto kLastAnswers = std::chrono::seconds(2);  // after the end of the input

// Lines to whoever reads our standard output, whole and one after another. Any thread.
class Lines {
 public:
  void write(const Json& message) {
    const std::lock_guard lock(mutex_);
    put(message);
  }
  void begin_answer() {
    const std::lock_guard lock(mutex_);
    ++open_;
  }
  void answer(const Json& message, bool is_last) {
    const std::lock_guard lock(mutex_);
    put(message);
    open_ -= is_last ? 1 : 0;
    if (open_ == 0) all_answered_.notify_all();
  }
  // Until every request has its answer, or the time is up.
  void wait_for_answers(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    all_answered_.wait_for(lock, time, [this] { return open_ == 0; });
  }
  bool is_gone() const { return is_gone_; }

 private:
  void put(const Json& message) {
    const bool is_due = !message.is_null() && !is_gone_;  // nothing is said of a request that was given up
    if (is_due && !sys::write_all(1, base::to_text(message) + "\n", "standard output")) is_gone_ = true;
  }

  std::mutex mutex_;
  std::condition_variable all_answered_;
  std::int64_t open_ = 0;
  std::atomic<bool> is_gone_ = false;
};

// Takes lines as they come, until there are no more. What is too long for a message is passed over to its end.
class Reader {
 public:
  template <class Take>
  Result<void> read(const Lines& lines, const Take& take) {
    std::array<char, 65536> piece{};
    while (!lines.is_gone()) {
      const std::optional<std::size_t> size = TRY(sys::read_some(0, piece, "standard input"));
      if (size == std::size_t{0}) return {};
      std::string_view rest(piece.data(), size.value_or(0));
      for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        add(rest.substr(0, end));
        take(std::string_view(line_));
        line_.clear();
        rest.remove_prefix(end + 1);
      }
      add(rest);
    }
    return {};
  }

 private:
  void add(std::string_view bytes) {  // one byte over the limit is enough to be refused
    line_.append(bytes.substr(0, kLimits.bytes_max + 1 - std::min(line_.size(), kLimits.bytes_max + 1)));
  }
  std::string line_;
};

Result<std::vector<std::string>> globs_of(const std::vector<std::string>& words) {
  std::vector<std::string> globs;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "--expose" || i + 1 == words.size())
      return fail(ErrorCode::invalid_argument, "unknown word '" + words[i] + "'",
                  "lilux mcp serve [--expose all|GLOB,GLOB...]");
    std::string_view list = words[++i];
    while (!list.empty()) {
      const std::string glob(list.substr(0, list.find(',')));
      list.remove_prefix(std::min(list.size(), glob.size() + 1));
      TRY(text::NameGlob::compile(glob));
      if (glob != "all") globs.push_back(glob);
    }
  }
  return globs;
}

Result<Json> call_daemon(const kernel::CallRequest& request) {
  Session session = TRY(Session::open(Session::Want::daemon));
  return session.call(request);
}

}  // namespace

Result<int> mcp_serve_verb(std::span<const std::string_view> words) {
  const Command command = TRY(read_words(words, nullptr));
  const std::vector<std::string> globs = TRY(globs_of(command.words));
  kernel::Caller caller = own_caller(TRY(own_folders()));
  if (caller.principal == policy::Principal::terminal) caller.principal = policy::Principal::mcp;
  TRY(Session::open(Session::Want::daemon));  // so that what keeps it from starting is said at once
  const auto host = std::make_shared<ToolHost>(tools::table(), globs, std::move(caller), call_daemon);
  if (host->tools().empty())
    return fail(ErrorCode::invalid_argument, "no tool fits what --expose names", "`lilux help tools` lists them all");
  const auto lines = std::make_shared<Lines>();  // and of answers that come late
  mcp::Conversation conversation(host);
  TRY(Reader().read(*lines, [&](std::string_view line) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
    const auto message = mcp::read_message(line, kLimits);
    if (!message) return lines->write(mcp::error_message(message.error()));
    if (message->kind == mcp::Message::Kind::request) lines->begin_answer();
    conversation.take(*message, [lines](const Json& answer, bool is_last) { lines->answer(answer, is_last); });
  }));
  lines->wait_for_answers(kLastAnswers);  // of somebody who only pipes in what he wants
  conversation.close();
  return 0;
}

}  // namespace lilux::surface
