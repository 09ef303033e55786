#include "net/http_connection.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>
#include <utility>

#include "sys/io.h"
#include "sys/sockets.h"

namespace lilux::net {

namespace {

constexpr std::size_t kPieceBytesMax = std::size_t{16} << 10;      // small appends are put together up to this
constexpr std::size_t kPipelinedBytesMax = std::size_t{64} << 10;  // read ahead while a request is handled
constexpr int kWritesAtOnce = 16;                                  // then other connections have their turn
constexpr std::chrono::seconds kLingerTime{2};  // for the client to read the last answer before the connection is cut

std::string number_text(std::uint64_t number, int base) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  return {digits.data(), end};
}

bool has_no_body(int status) {
  return status == 204 || status == 304;
}

std::string upgrade_needed(const std::string& protocol) {
  return "only for a request over HTTP/1.1 without a body that has 'Connection: Upgrade' and 'Upgrade: " + protocol +
         "'";
}

MessageLimits message_limits(const ServerLimits& limits) {
  return {.body_bytes_max = limits.body_bytes_max};
}

}  // namespace

const std::string& HttpDate::now() {
  const std::time_t now = std::time(nullptr);
  if (now != made_at_ || text_.empty()) {
    std::array<char, 64> text;
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    text_.assign(text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
    made_at_ = now;
  }
  return text_;
}

void OutputQueue::append(std::string_view bytes) {
  if (bytes.empty()) return;
  if (pieces_.empty() || pieces_.back().size() + bytes.size() > kPieceBytesMax) pieces_.emplace_back();
  pieces_.back().append(bytes);
  size_ += bytes.size();
}

void OutputQueue::take(std::string bytes) {
  if (bytes.size() <= kPieceBytesMax) return append(bytes);
  size_ += bytes.size();
  pieces_.push_back(std::move(bytes));
}

std::string_view OutputQueue::front() const {
  return pieces_.empty() ? std::string_view() : std::string_view(pieces_[first_]).substr(offset_);
}

void OutputQueue::drop(std::size_t bytes) {
  size_ -= bytes;
  offset_ += bytes;
  if (offset_ < pieces_[first_].size()) return;
  pieces_[first_] = {};
  offset_ = 0;
  ++first_;
  if (size_ != 0) return;
  pieces_ = {};
  first_ = 0;
}

void Pace::restart(TimePoint now) {
  started_ = progressed_ = now;
  bytes_ = 0;
}

void Pace::add(std::size_t bytes, TimePoint now) {
  bytes_ += bytes;
  progressed_ = now;
}

TimePoint Pace::deadline(const ServerLimits& limits) const {
  const auto earned = std::chrono::seconds(bytes_ / std::max<std::size_t>(limits.bytes_per_second_min, 1));
  return std::min(progressed_, started_ + earned) + limits.stall_timeout;
}

Connection::Connection(LoopShared& shared, std::uint64_t id, sys::Fd fd, Peer peer, TimePoint now)
    : shared_(shared),
      id_(id),
      fd_(std::move(fd)),
      peer_(std::move(peer)),
      parser_(message_limits(shared.limits)),
      since_(now) {}

Connection::~Connection() {
  charge_body(0);
  tell_gone();
  if (stream_) stream_->open = false;
}

void Connection::on_ready(const sys::Ready& ready, TimePoint now) {
  if (ready.closed) {
    while (intake_ && !is_finished_ && receive(now)) {  // what the peer said before it went
    }
    is_finished_ = true;
    return;
  }
  if (ready.read && watched_.read && has_room()) receive(now);
  settle(now);
}

// Whether any bytes have come.
bool Connection::receive(TimePoint now) {
  const auto count = sys::read_some(fd_.get(), shared_.buffer, "connection");
  if (!count) {
    is_finished_ = true;  // reset by the client
  } else if (*count && **count == 0) {
    take_end(now);
  } else if (*count && intake_) {
    take_in({shared_.buffer.data(), **count});
  } else if (*count && phase_ != Phase::draining) {
    if (phase_ == Phase::reading && parser_.state() == RequestParser::State::body) receiving_.add(**count, now);
    input_.append(shared_.buffer.data(), **count);
  }
  return count && *count && **count != 0;
}

// The client sends no more. It may still read: what was asked for is answered.
void Connection::take_end(TimePoint now) {
  has_peer_ended_ = true;
  if (phase_ == Phase::draining) is_finished_ = true;
  if (has_nothing_to_do()) begin_drain(now);
  if (intake_) intake_->end();
  if (!peer_.is_unix) tell_gone();
}

void Connection::settle(TimePoint now) {
  if (is_finished_) return;
  flush(now);
  while (!is_finished_ && may_parse()) {
    parse(now);
    flush(now);
  }
  if (is_finished_) return;
  if (has_nothing_to_do() && has_peer_ended_) {
    begin_drain(now);
    flush(now);
  }
  if (!is_finished_) watch();
}

// Who asks on and on and reads no answers has to read some first.
bool Connection::may_parse() const {
  return phase_ == Phase::reading && parsed_ < input_.size() && output_.size() < shared_.limits.stream_bytes_max;
}

bool Connection::has_nothing_to_do() const {
  return phase_ == Phase::reading && parsed_ == input_.size();
}

void Connection::parse(TimePoint now) {
  is_fresh_ = false;
  parsed_ += parser_.consume(std::string_view(input_).substr(parsed_));
  if (parsed_ == input_.size()) {
    input_ = {};
    parsed_ = 0;
  }
  charge_body(parser_.body_bytes());
  if (!has_head_begun_ && parser_.has_begun()) {
    has_head_begun_ = true;
    since_ = now;
  }
  after_parse(now);
}

void Connection::after_parse(TimePoint now) {
  if (parser_.state() == RequestParser::State::refused) {
    const Refusal refusal = parser_.refusal();
    return refuse(refusal.status, refusal.message, now);
  }
  if (parser_.state() != RequestParser::State::head && !is_let_in(now)) return;
  if (shared_.body_bytes > shared_.limits.bodies_bytes_max) {
    return refuse(503, "too much is being sent to this server at once", now);
  }
  if (parser_.state() == RequestParser::State::body && !has_body_begun_) {
    has_body_begun_ = true;
    receiving_.restart(now);
    if (parser_.expects_continue() && parser_.body_bytes() == 0) output_.append("HTTP/1.1 100 Continue\r\n\r\n");
  }
  if (parser_.state() == RequestParser::State::complete) dispatch();
}

// Asks once for each request. Otherwise anybody could have us keep what they send until it is whole.
bool Connection::is_let_in(TimePoint now) {
  if (is_let_in_ || !shared_.gate) return true;
  if (std::optional<Response> refused = shared_.gate(parser_.head(), peer_)) {
    turn_away(std::move(*refused), now);
    return false;
  }
  is_let_in_ = true;
  return true;
}

void Connection::dispatch() {
  keeps_alive_ = parser_.keeps_alive();
  is_chunked_ = !parser_.is_version_1_0();
  Request request = parser_.take();
  charge_body(0);
  request.peer = peer_;
  is_head_only_ = request.method == "HEAD";
  const bool can_upgrade = is_chunked_ && request.headers.lists("Connection", "upgrade") && request.body.empty();
  offer_ = can_upgrade ? request.headers : Headers();
  has_head_begun_ = has_body_begun_ = is_let_in_ = false;
  phase_ = Phase::handling;
  ++sequence_;
  Exchange exchange(shared_.inbox, {.connection = id_, .sequence = sequence_});
  shared_.due.push_back([&shared = shared_, request = std::move(request), exchange = std::move(exchange)]() mutable {
    shared.inbox->turns().begin_piece();
    shared.handler(std::move(request), std::move(exchange));
    return false;
  });
}

void Connection::on_letter(Letter letter, TimePoint now) {
  const bool is_current = letter.exchange.sequence == sequence_;
  if (!is_current || (phase_ != Phase::handling && phase_ != Phase::streaming)) return;
  if (auto* callback = std::get_if<GoneCallback>(&letter.content)) {
    gone_ = std::move(*callback);
    if (std::exchange(is_told_gone_, false)) tell_gone();
  } else if (phase_ == Phase::streaming) {
    if (auto* bytes = std::get_if<std::string>(&letter.content)) write_chunk(std::move(*bytes));
    if (std::holds_alternative<CloseStream>(letter.content)) end_stream(now);
    if (std::holds_alternative<CutStream>(letter.content)) is_finished_ = true;
  } else if (auto* response = std::get_if<Response>(&letter.content)) {
    write_response(std::move(*response), now);
  } else if (auto* start = std::get_if<StartStream>(&letter.content)) {
    begin_stream(std::move(*start), now);
  } else if (auto* upgrade = std::get_if<StartUpgrade>(&letter.content)) {
    begin_upgrade(std::move(*upgrade), now);
  } else {
    write_response(shared_.render_error(500, "the request was dropped without an answer"), now);
  }
}

void Connection::write_head(int status, const Headers& headers, std::string_view framing) {
  std::string head;
  head.reserve(256);
  head.append("HTTP/1.1 ").append(number_text(static_cast<unsigned>(status), 10)).append(" ");
  head.append(status_text(status)).append("\r\nDate: ").append(shared_.date.now()).append("\r\n");
  append_fields(head, headers, {"Connection", "Content-Length", "Date", "Keep-Alive", "Transfer-Encoding"});
  head.append(framing);
  if (headers.find("Upgrade")) head.append("Connection: Upgrade\r\n");
  const bool goes_on = status != 101;  // as HTTP: else there is nothing to keep or to close
  if (goes_on && !keeps_alive_) head.append("Connection: close\r\n");
  if (goes_on && keeps_alive_ && !is_chunked_) head.append("Connection: keep-alive\r\n");
  head.append("\r\n");
  output_.take(std::move(head));
}

void Connection::write_response(Response response, TimePoint now) {
  if (response.headers.lists("Connection", "close") || shared_.is_stopping) keeps_alive_ = false;
  std::string framing;
  if (!has_no_body(response.status)) framing = "Content-Length: " + number_text(response.body.size(), 10) + "\r\n";
  write_head(response.status, response.headers, framing);
  if (!is_head_only_ && !has_no_body(response.status)) output_.take(std::move(response.body));
  end_exchange(now);
}

void Connection::begin_stream(StartStream start, TimePoint now) {
  phase_ = Phase::streaming;
  stream_ = std::move(start.state);
  if (!is_chunked_) keeps_alive_ = false;
  is_head_only_ = is_head_only_ || has_no_body(start.status);
  write_head(start.status, start.headers, is_chunked_ && !is_head_only_ ? "Transfer-Encoding: chunked\r\n" : "");
  stream_->queued += output_.size();
  if (is_head_only_ || shared_.is_stopping) end_stream(now);
}

void Connection::begin_upgrade(StartUpgrade start, TimePoint now) {
  const bool is_asked = std::exchange(offer_, {}).lists("Upgrade", start.protocol);
  if (!is_asked || shared_.is_stopping) {
    start.state->open = false;
    Response refused = is_asked ? shared_.render_error(503, "the server is stopping")
                                : shared_.render_error(426, upgrade_needed(start.protocol));
    refused.headers.add("Upgrade", start.protocol);
    return write_response(std::move(refused), now);
  }
  phase_ = Phase::streaming;
  stream_ = std::move(start.state);
  intake_ = std::move(start.intake);
  is_chunked_ = keeps_alive_ = false;
  start.headers.add("Upgrade", start.protocol);
  write_head(101, start.headers, "");
  stream_->queued += output_.size();
  take_in(std::string_view(input_).substr(parsed_));
  if (has_peer_ended_) intake_->end();
  input_ = {};
  parsed_ = 0;
}

void Connection::take_in(std::string_view bytes) {
  intake_->give(bytes);
  if (!intake_->work() || bytes.empty()) return;
  const ExchangeId id{.connection = id_, .sequence = sequence_};
  shared_.due.emplace_back([inbox = shared_.inbox, work = intake_->work(), state = stream_, id] {
    const bool has_more = work();
    if (state->is_behind.exchange(has_more) && !has_more) {
      Letter nothing{.exchange = id, .content = std::string()};  // after which it is looked whether to read
      std::ignore = inbox->post(nothing);                        // a server that is over reads no more
    }
    return has_more;
  });
}

void Connection::write_chunk(std::string bytes) {
  const std::size_t size = bytes.size();
  const std::size_t before = output_.size();
  if (is_chunked_) output_.append(number_text(size, 16) + "\r\n");
  output_.take(std::move(bytes));
  if (is_chunked_) output_.append("\r\n");
  stream_->queued += output_.size() - before - size;  // the rest was counted when it was written
}

void Connection::end_stream(TimePoint now) {
  if (is_chunked_ && !is_head_only_) output_.append("0\r\n\r\n");
  std::exchange(stream_, nullptr)->open = false;
  intake_ = nullptr;
  end_exchange(now);
}

void Connection::end_exchange(TimePoint now) {
  gone_ = nullptr;
  is_told_gone_ = false;
  phase_ = Phase::reading;
  since_ = now;
  if (!keeps_alive_) begin_drain(now);
}

void Connection::refuse(int status, std::string_view message, TimePoint now) {
  turn_away(shared_.render_error(status, message), now);
}

void Connection::turn_away(Response response, TimePoint now) {
  keeps_alive_ = false;
  is_head_only_ = parser_.head().method == "HEAD";
  ++sequence_;
  write_response(std::move(response), now);
}

// Closing with bytes unread would make the kernel discard the answer on its way: our side ends first, what still comes
// is thrown away, and the client's end is awaited for a moment.
void Connection::begin_drain(TimePoint now) {
  phase_ = Phase::draining;
  since_ = now;
  input_ = {};
  parsed_ = 0;
  parser_ = RequestParser(message_limits(shared_.limits));
  charge_body(0);
}

void Connection::flush(TimePoint now) {
  if (!output_.is_empty() && !watched_.write) sending_.restart(now);
  for (int i = 0; i < kWritesAtOnce && !output_.is_empty(); ++i) {
    const auto count = sys::write_some(fd_.get(), output_.front(), "connection");
    if (!count) {
      is_finished_ = true;
      return;
    }
    if (!*count) return;
    output_.drop(**count);
    sending_.add(**count, now);
    if (stream_) stream_->queued -= **count;
  }
  if (!output_.is_empty() || phase_ != Phase::draining) return;
  if (!std::exchange(is_shut_, true)) {
    since_ = now;
    std::ignore = sys::shutdown_sending(fd_.get());  // a client that is gone already is noticed by the poller
  }
  if (has_peer_ended_ || shared_.is_stopping) is_finished_ = true;
}

// For what comes next.
bool Connection::has_room() const {
  if (phase_ == Phase::draining) return true;
  if (intake_) return !stream_->is_behind && stream_->queued < shared_.limits.stream_bytes_max;
  return input_.size() - parsed_ < kPipelinedBytesMax;
}

void Connection::watch() {
  const sys::Interest wanted{.read = !has_peer_ended_ && has_room(), .write = !output_.is_empty()};
  if (wanted.read == watched_.read && wanted.write == watched_.write) return;
  watched_ = wanted;
  if (!shared_.poller.change(fd_.get(), wanted, id_)) is_finished_ = true;
}

TimePoint Connection::deadline() const {
  const ServerLimits& limits = shared_.limits;
  TimePoint deadline = TimePoint::max();
  if (!output_.is_empty()) {
    deadline = sending_.deadline(limits);
  } else if (phase_ == Phase::draining) {
    deadline = since_ + kLingerTime;
  }
  if (phase_ != Phase::reading) return deadline;
  if (has_body_begun_) return std::min(deadline, receiving_.deadline(limits));
  return std::min(deadline, since_ + (has_head_begun_ || is_fresh_ ? limits.header_timeout : limits.idle_timeout));
}

void Connection::on_deadline(TimePoint now) {
  const bool is_request_late = phase_ == Phase::reading && has_head_begun_ && output_.is_empty();
  if (!is_request_late) {
    is_finished_ = true;
    return;
  }
  refuse(408, has_body_begun_ ? "the body of the request came too slowly" : "the head of the request came too slowly",
         now);
  settle(now);
}

void Connection::begin_stop(TimePoint now) {
  if (phase_ == Phase::streaming) {
    tell_gone();
    keeps_alive_ = false;
    end_stream(now);
  } else if (phase_ == Phase::reading) {
    begin_drain(now);
  }
  settle(now);
}

void Connection::tell_gone() {
  if (phase_ != Phase::handling && phase_ != Phase::streaming) return;
  if (std::exchange(is_told_gone_, true) || !gone_) return;
  GoneCallback callback = std::exchange(gone_, nullptr);
  callback();
}

void Connection::charge_body(std::size_t bytes) {
  shared_.body_bytes += bytes - charged_;
  charged_ = bytes;
}

}  // namespace lilux::net
