#include "base/turns.h"

namespace lilux::base {

namespace {

constexpr auto kMoment = std::chrono::milliseconds(1);
constexpr int kLooksMax = 50;  // without a piece, until there is no looking any more

}  // namespace

bool Turns::may_take() {
  if (is_over_ || owner_ == std::thread::id()) return true;
  return is_in_piece_ && std::chrono::steady_clock::now() - begun_ >= kMoment;
}

bool Turns::take() {
  std::unique_lock lock(mutex_);
  std::uint64_t seen = pieces_;
  has_standby_ = true;
  for (int looks = 0; !may_take();) {
    looks = seen == pieces_ && !is_in_piece_ ? looks + 1 : 0;
    seen = pieces_;
    if (looks < kLooksMax) {
      changed_.wait_for(lock, kMoment);
      continue;
    }
    is_asleep_ = true;
    changed_.wait(lock, [&] { return !is_asleep_ || may_take(); });
    is_asleep_ = false;
    looks = 0;
  }
  has_standby_ = false;
  owner_ = std::this_thread::get_id();
  is_in_piece_ = false;
  return !is_over_;
}

void Turns::begin() {
  ++pieces_;
  is_in_piece_ = true;
  begun_ = std::chrono::steady_clock::now();
  if (is_asleep_) {
    is_asleep_ = false;
    changed_.notify_one();
  }
}

void Turns::begin_piece() {
  const std::lock_guard lock(mutex_);
  begin();
}

bool Turns::may_linger() {
  const std::lock_guard lock(mutex_);
  if (owner_ != std::this_thread::get_id() || !has_standby_) return false;
  begin();
  return true;
}

bool Turns::end_piece() {
  const std::lock_guard lock(mutex_);
  if (owner_ != std::this_thread::get_id()) return false;
  is_in_piece_ = false;
  return true;
}

bool Turns::has_standby() const {
  const std::lock_guard lock(mutex_);
  return has_standby_;
}

void Turns::finish() {
  const std::lock_guard lock(mutex_);
  is_over_ = true;
  changed_.notify_all();
}

}  // namespace lilux::base
