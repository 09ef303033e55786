#include <cassert>
#include <utility>

#include "net/http_inbox.h"
#include "net/http_server.h"

namespace lilux::net {

void give_up(Letter& letter) {
  if (auto* callback = std::get_if<GoneCallback>(&letter.content)) (*callback)();
  if (auto* stream = std::get_if<StartStream>(&letter.content)) stream->state->open = false;
  if (auto* upgrade = std::get_if<StartUpgrade>(&letter.content)) {
    upgrade->state->open = false;
    upgrade->intake->end();
  }
}

bool Inbox::post(Letter& letter) {
  bool was_empty = false;
  const bool is_open = mail_.with([&](Mail& mail) {
    was_empty = mail.letters.empty();
    if (!mail.is_closed) mail.letters.push_back(std::move(letter));
    return !mail.is_closed;
  });
  if (is_open && was_empty && std::this_thread::get_id() != loop_thread_.load()) wake_.raise();
  return is_open;
}

void Inbox::request_stop(std::chrono::steady_clock::time_point deadline) {
  mail_.with([&](Mail& mail) { mail.stop_deadline = deadline; });
  wake_.raise();
}

void Inbox::take(std::vector<Letter>& letters) {
  letters.clear();  // before the lock: what a letter held may post as it ends
  mail_.with([&](Mail& mail) { mail.letters.swap(letters); });
}

std::optional<std::chrono::steady_clock::time_point> Inbox::stop_deadline() {
  return mail_.with([](Mail& mail) { return mail.stop_deadline; });
}

void Inbox::close() {
  mail_.with([](Mail& mail) { mail.is_closed = true; });
}

void Intake::give(std::string_view bytes) {
  if (take_ && !bytes.empty()) take_(bytes);
}

void Intake::end() {
  if (BytesCallback take = std::exchange(take_, nullptr)) take({});
}

Stream::Stream(std::shared_ptr<Inbox> inbox, std::shared_ptr<StreamState> state, ExchangeId exchange)
    : inbox_(std::move(inbox)), state_(std::move(state)), exchange_(exchange) {}

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this == &other) return *this;
  close();
  inbox_ = std::move(other.inbox_);
  state_ = std::move(other.state_);
  exchange_ = other.exchange_;
  return *this;
}

bool Stream::write(std::string_view bytes) {
  if (!is_open()) return false;
  if (bytes.empty()) return true;  // an empty chunk would end the body
  if (state_->queued.load() >= state_->bytes_max) {
    if (state_->when_full == WhenFull::cut_off) end_with({.exchange = exchange_, .content = CutStream()});
    return false;
  }
  state_->queued += bytes.size();
  Letter letter{.exchange = exchange_, .content = std::string(bytes)};
  return inbox_->post(letter);
}

void Stream::close() {
  if (state_) end_with({.exchange = exchange_, .content = CloseStream()});
}

void Stream::end_with(Letter letter) {
  if (!state_->open.exchange(false)) return;
  std::ignore = inbox_->post(letter);  // a server that has stopped has closed it
}

bool Stream::is_open() const {
  return state_ && state_->open.load();
}

Exchange& Exchange::operator=(Exchange&& other) noexcept {
  if (this == &other) return *this;
  Exchange old(std::move(*this));  // answered by its destructor
  inbox_ = std::move(other.inbox_);
  id_ = other.id_;
  return *this;
}

Exchange::~Exchange() {
  if (!inbox_) return;
  Letter letter{.exchange = id_, .content = Abandoned()};
  std::ignore = inbox_->post(letter);  // a server that has stopped has no one to answer
}

std::function<bool()> Exchange::may_linger() const {
  return [inbox = inbox_] { return inbox && inbox->turns().may_linger(); };
}

void Exchange::respond(Response response) {
  assert(response.status >= 200 && response.status <= 599);
  const std::shared_ptr<Inbox> inbox = std::exchange(inbox_, nullptr);
  if (!inbox) return;
  Letter letter{.exchange = id_, .content = std::move(response)};
  std::ignore = inbox->post(letter);  // a server that has stopped has no one to answer
}

Stream Exchange::start_stream(int status, Headers headers) {
  assert(status >= 200 && status <= 599);
  std::shared_ptr<Inbox> inbox = std::exchange(inbox_, nullptr);
  if (!inbox) return {};
  auto state = std::make_shared<StreamState>();
  state->bytes_max = inbox->limits().stream_bytes_max;
  Letter letter{.exchange = id_,
                .content = StartStream{.status = status, .headers = std::move(headers), .state = state}};
  if (!inbox->post(letter)) give_up(letter);
  return {std::move(inbox), std::move(state), id_};
}

Stream Exchange::upgrade(std::string protocol, Headers headers, BytesCallback take, WorkCallback work) {
  assert(is_token(protocol));
  auto intake = std::make_unique<Intake>(std::move(take), std::move(work));
  std::shared_ptr<Inbox> inbox = std::exchange(inbox_, nullptr);
  if (!inbox) return {};
  auto state = std::make_shared<StreamState>();
  state->bytes_max = inbox->limits().upgraded_bytes_max;
  state->when_full = WhenFull::cut_off;
  Letter letter{
      .exchange = id_,
      .content = StartUpgrade{
          .protocol = std::move(protocol), .headers = std::move(headers), .state = state, .intake = std::move(intake)}};
  if (!inbox->post(letter)) give_up(letter);
  return {std::move(inbox), std::move(state), id_};
}

void Exchange::on_gone(GoneCallback callback) {
  if (!inbox_) return;
  Letter letter{.exchange = id_, .content = std::move(callback)};
  if (!inbox_->post(letter)) give_up(letter);
}

}  // namespace lilux::net
