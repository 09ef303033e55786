#include "net/http_server.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <set>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>

#include "net/http_connection.h"
#include "sys/file.h"
#include "sys/machine.h"
#include "sys/self.h"
#include "sys/sockets.h"

namespace lilux::net {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::uint64_t kWakeKey = 0;
constexpr std::uint64_t kUnixKey = 1;
constexpr std::uint64_t kTcpKey = 2;
constexpr std::uint64_t kFirstConnectionKey = 16;

constexpr int kBacklog = 1024;
constexpr int kAcceptsAtOnce = 64;
constexpr std::size_t kRefusedMax = 128;  // connections over the limit that are told so; further ones are just closed
constexpr std::size_t kReadBytesMax = std::size_t{64} << 10;
constexpr std::chrono::milliseconds kSweepPause{20};    // between two looks at all deadlines
constexpr std::chrono::milliseconds kAcceptPause{100};  // after the process ran out of descriptors

Response plain_error(int status, std::string_view message) {
  return {.status = status,
          .headers = {{.name = "Content-Type", .value = "text/plain; charset=utf-8"}},
          .body = std::string(message) + "\n"};
}

}  // namespace

class Server::Loop {
 public:
  static Result<std::unique_ptr<Loop>> create(Options options, Handler handler);
  void run();

  std::uint16_t port() const { return port_; }
  Inbox& inbox() { return *shared_.inbox; }

  bool is_on_this_thread() const {
    return std::ranges::any_of(threads_,
                               [](const std::thread& one) { return one.get_id() == std::this_thread::get_id(); });
  }
  void start_threads() {
    for (std::thread& thread : threads_) thread = std::thread([this] { run(); });
  }
  void join() {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  explicit Loop(LoopShared shared) : shared_(std::move(shared)) {}
  Result<void> listen(const Options& options);
  bool is_over() const {
    const bool is_all_done = connections_.empty() && shared_.due.empty();
    return shared_.is_stopping && (is_all_done || now_ >= stop_at_);
  }
  bool turn();
  bool work_off();
  bool serve();
  void end();
  void on_ready(const sys::Ready& ready);
  void accept_from(std::uint64_t key, int listener);
  void pause_accepting();
  void watch_listeners(sys::Interest interest);
  void add_connection(sys::Fd fd, std::uint64_t listener_key);
  void deliver();
  void after_use(std::uint64_t id, Connection& connection);
  void forget(std::uint64_t id, const Connection& connection);
  void sweep();
  void begin_stop();
  std::chrono::milliseconds time_to_wait() const;

  LoopShared shared_;
  std::string unix_path_;
  sys::Fd unix_listener_;
  sys::Fd tcp_listener_;
  std::uint16_t port_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::unordered_set<std::uint64_t> refused_;  // those of them that are over the limit and being told so
  std::array<std::size_t, 2> served_{};        // the others: on loopback, on the socket
  std::set<std::uint64_t> strangers_;          // on loopback, oldest first: expendable, as they may be anybody's
  std::uint64_t next_id_ = kFirstConnectionKey;
  std::vector<sys::Ready> ready_;
  std::vector<Letter> letters_;
  std::vector<std::uint64_t> touched_;  // connections that letters went to
  TimePoint now_;
  TimePoint next_sweep_ = TimePoint::max();  // no deadline is earlier
  TimePoint accept_again_ = TimePoint::max();
  TimePoint stop_at_ = TimePoint::max();
  std::array<std::thread, 2> threads_;
};

Result<std::unique_ptr<Server::Loop>> Server::Loop::create(Options options, Handler handler) {
  if (options.unix_path.empty() && !options.port) {
    return base::fail(ErrorCode::invalid_argument, "the server has no address to listen on");
  }
  options.limits.strangers_max = std::min(options.limits.strangers_max, sys::descriptors_max() / 2);
  if (!options.render_error) options.render_error = plain_error;
  sys::Wake wake = TRY(sys::Wake::create());
  auto inbox = std::make_shared<Inbox>(std::move(wake), options.limits);
  std::unique_ptr<Loop> loop(new Loop({.poller = TRY(sys::Poller::create()),
                                       .inbox = std::move(inbox),
                                       .limits = options.limits,
                                       .handler = std::move(handler),
                                       .gate = std::move(options.gate),
                                       .render_error = std::move(options.render_error),
                                       .date = {},
                                       .buffer = std::vector<char>(kReadBytesMax)}));
  TRY(loop->shared_.poller.add(loop->shared_.inbox->wake_fd(), {.read = true}, kWakeKey));
  TRY(loop->listen(options));
  return loop;
}

Result<void> Server::Loop::listen(const Options& options) {
  if (!options.unix_path.empty()) {
    unix_listener_ = TRY(sys::listen_unix(options.unix_path, kBacklog));
    unix_path_ = options.unix_path;
    TRY(sys::set_nonblocking(unix_listener_.get()));
    TRY(shared_.poller.add(unix_listener_.get(), {.read = true}, kUnixKey));
  }
  if (options.port) {
    tcp_listener_ = TRY(sys::listen_loopback(*options.port, sys::Family::v4, kBacklog));
    // Connections inherit it: an answer's last piece does not wait for the acknowledgement of the one before.
    const int on = 1;
    ::setsockopt(tcp_listener_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    port_ = TRY(sys::local_port(tcp_listener_.get()));
    TRY(sys::set_nonblocking(tcp_listener_.get()));
    TRY(shared_.poller.add(tcp_listener_.get(), {.read = true}, kTcpKey));
  }
  return {};
}

void Server::Loop::run() {
  sigset_t all;  // signals are for other threads, and a client that is gone is an error of write, not SIGPIPE
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  sys::answer_soon();
  base::Turns& turns = shared_.inbox->turns();
  while (turns.take()) {
    shared_.inbox->belong_to_this_thread();
    now_ = std::chrono::steady_clock::now();
    bool is_ours = work_off();  // what the other thread has left
    while (is_ours && !is_over()) is_ours = turn();
    if (is_ours) return end();
  }
}

void Server::Loop::end() {
  connections_.clear();
  shared_.due.clear();
  shared_.inbox->close();
  deliver();  // what was posted last: whoever asks to be told that a client is gone is told
  shared_.inbox->turns().finish();
}

// False when the turn was lost.
bool Server::Loop::turn() {
  const bool can_wait = static_cast<bool>(shared_.poller.wait(ready_, time_to_wait()));
  assert(can_wait);  // epoll_wait fails only for a bad descriptor
  std::ignore = can_wait;
  now_ = std::chrono::steady_clock::now();
  for (const sys::Ready& ready : ready_) on_ready(ready);
  if (now_ >= accept_again_) {
    accept_again_ = TimePoint::max();
    watch_listeners({.read = true});
  }
  if (now_ >= next_sweep_) sweep();
  return work_off();
}

// What is due by now, and what answers it; false when the turn was lost. An answer goes out before the next request is
// looked at: its client has work to do meanwhile. What becomes due by that comes after all others had their turn.
bool Server::Loop::work_off() {
  deliver();
  for (std::size_t left = shared_.due.size(); left > 0; --left) {
    if (!serve()) return false;
    now_ = std::chrono::steady_clock::now();
    deliver();
  }
  return true;
}

// While it runs the other thread may take the turn, so everything is in order by then.
bool Server::Loop::serve() {
  Due next = std::move(shared_.due.front());
  shared_.due.pop_front();
  bool has_more = next();
  if (!has_more) next = nullptr;
  if (shared_.inbox->turns().end_piece()) {
    if (has_more) shared_.due.push_back(std::move(next));
    return true;
  }
  while (has_more) has_more = next();  // it keeps nobody waiting here
  return false;
}

std::chrono::milliseconds Server::Loop::time_to_wait() const {
  if (!shared_.due.empty()) return std::chrono::milliseconds{0};
  const TimePoint until = std::min({next_sweep_, accept_again_, stop_at_});
  if (until == TimePoint::max()) return std::chrono::milliseconds{-1};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  return std::max(left, std::chrono::milliseconds{0});
}

void Server::Loop::on_ready(const sys::Ready& ready) {
  if (ready.key == kWakeKey) {
    shared_.inbox->clear_wake();
    if (const auto deadline = shared_.inbox->stop_deadline(); deadline && !shared_.is_stopping) {
      deliver();  // answers given before the stop are sent
      stop_at_ = *deadline;
      begin_stop();
    }
  } else if (ready.key == kUnixKey) {
    accept_from(kUnixKey, unix_listener_.get());
  } else if (ready.key == kTcpKey) {
    accept_from(kTcpKey, tcp_listener_.get());
  } else if (const auto found = connections_.find(ready.key); found != connections_.end()) {
    found->second->on_ready(ready, now_);
    after_use(found->first, *found->second);
  }
}

void Server::Loop::accept_from(std::uint64_t key, int listener) {
  if (shared_.is_stopping) return;
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    auto fd = sys::accept(listener, sys::Blocking::no);
    if (!fd) return pause_accepting();
    if (!*fd) return;
    add_connection(**std::move(fd), key);
  }
}

// Out of descriptors: the visitor stays in the backlog, and the poller would report it without end.
void Server::Loop::pause_accepting() {
  accept_again_ = now_ + kAcceptPause;
  watch_listeners({});
}

void Server::Loop::watch_listeners(sys::Interest interest) {
  if (unix_listener_) std::ignore = shared_.poller.change(unix_listener_.get(), interest, kUnixKey);  // is registered
  if (tcp_listener_) std::ignore = shared_.poller.change(tcp_listener_.get(), interest, kTcpKey);     // is registered
}

void Server::Loop::add_connection(sys::Fd fd, std::uint64_t listener_key) {
  Peer peer{.is_unix = listener_key == kUnixKey};
  if (!peer.is_unix) peer.port = port_;
  if (!peer.is_unix && strangers_.size() >= shared_.limits.strangers_max) {
    const auto oldest = connections_.extract(*strangers_.begin());
    forget(oldest.key(), *oldest.mapped());
  }
  const bool is_refused = served_[peer.is_unix ? 1 : 0] >= shared_.limits.connections_max;
  if (is_refused && refused_.size() >= kRefusedMax) return;
  if (peer.is_unix) {
    auto known = sys::peer_of(fd.get());
    if (!known) return;
    peer.pid = known->pid;
    peer.uid = known->uid;
    peer.gid = known->gid;
    if (known->pidfd) peer.pidfd = std::make_shared<const sys::Fd>(std::move(known->pidfd));
  }
  const std::uint64_t id = next_id_++;
  if (!shared_.poller.add(fd.get(), {.read = true}, id)) return;
  auto connection = std::make_unique<Connection>(shared_, id, std::move(fd), std::move(peer), now_);
  if (is_refused) {
    refused_.insert(id);
  } else {
    served_[connection->is_unix() ? 1 : 0] += 1;
  }
  if (is_refused) {
    connection->refuse(503, "too many connections", now_);
    connection->settle(now_);
  }
  Connection& added = *connections_.emplace(id, std::move(connection)).first->second;
  after_use(id, added);
}

// Handles post while handlers and callbacks run, so this goes on until nothing new has come.
void Server::Loop::deliver() {
  for (shared_.inbox->take(letters_); !letters_.empty(); shared_.inbox->take(letters_)) {
    touched_.clear();
    for (Letter& letter : letters_) {
      const std::uint64_t id = letter.exchange.connection;
      if (const auto found = connections_.find(id); found != connections_.end()) {
        found->second->on_letter(std::move(letter), now_);
        if (touched_.empty() || touched_.back() != id) touched_.push_back(id);
      } else {
        give_up(letter);
      }
    }
    for (const std::uint64_t id : touched_) {
      const auto found = connections_.find(id);
      if (found == connections_.end()) continue;
      found->second->settle(now_);
      after_use(id, *found->second);
    }
  }
}

void Server::Loop::after_use(std::uint64_t id, Connection& connection) {
  if (!connection.is_finished()) {
    if (!connection.is_unix() && connection.is_expendable())
      strangers_.insert(id);
    else
      strangers_.erase(id);
    next_sweep_ = std::min(next_sweep_, connection.deadline());
    return;
  }
  forget(id, connection);
  const auto node = connections_.extract(id);  // its end may call back: the map is in order by then
}

void Server::Loop::forget(std::uint64_t id, const Connection& connection) {
  if (refused_.erase(id) == 0) served_[connection.is_unix() ? 1 : 0] -= 1;
  strangers_.erase(id);
}

void Server::Loop::sweep() {
  std::vector<std::uint64_t> late;
  next_sweep_ = TimePoint::max();
  for (const auto& [id, connection] : connections_) {
    if (connection->deadline() <= now_) {
      late.push_back(id);
    } else {
      next_sweep_ = std::min(next_sweep_, connection->deadline());
    }
  }
  for (const std::uint64_t id : late) {
    Connection& connection = *connections_.at(id);
    connection.on_deadline(now_);
    after_use(id, connection);
  }
  if (next_sweep_ != TimePoint::max()) next_sweep_ = std::max(next_sweep_, now_ + kSweepPause);
}

void Server::Loop::begin_stop() {
  shared_.is_stopping = true;
  accept_again_ = TimePoint::max();
  if (unix_listener_) std::ignore = sys::remove_file(unix_path_);  // the next server removes what is left
  unix_listener_.close();
  tcp_listener_.close();
  std::vector<std::uint64_t> ids;
  for (const auto& [id, connection] : connections_) ids.push_back(id);
  for (const std::uint64_t id : ids) {
    Connection& connection = *connections_.at(id);
    connection.begin_stop(now_);
    after_use(id, connection);
  }
}

Server::Server(std::unique_ptr<Loop> loop, std::uint16_t port) : loop_(std::move(loop)), port_(port) {}

Server::~Server() {
  stop();
}

Result<std::unique_ptr<Server>> Server::start(Options options, Handler handler) {
  std::unique_ptr<Loop> loop = TRY(Loop::create(std::move(options), std::move(handler)));
  loop->start_threads();
  const std::uint16_t port = loop->port();
  return std::unique_ptr<Server>(new Server(std::move(loop), port));
}

void Server::stop(std::chrono::milliseconds grace) {
  assert(!loop_->is_on_this_thread());
  loop_->inbox().request_stop(std::chrono::steady_clock::now() + grace);
  loop_->join();
}

}  // namespace lilux::net
