#include "brain/pace.h"

#include <utility>

namespace lilux::brain {

bool Beat::fire(std::int64_t now_us) {
  due_us_.reset();
  came_.clear();
  deaf_until_us_ = now_us + pace_.cooldown_us;
  fired_.push_back(now_us);
  if (fired_.size() > kFiringsMax) fired_.erase(fired_.begin());
  return true;
}

bool Beat::take(std::int64_t now_us) {
  if (now_us < deaf_until_us_) return false;
  came_.push_back(now_us);
  if (pace_.within_us > 0) std::erase_if(came_, [&](std::int64_t came) { return came <= now_us - pace_.within_us; });
  const bool is_enough = std::cmp_greater_equal(came_.size(), pace_.count);
  if (is_enough) came_.erase(came_.begin());  // it slides on while the firing is put off
  if (pace_.debounce_us == 0) return is_enough && fire(now_us);
  if (is_enough || due_us_) due_us_ = now_us + pace_.debounce_us;
  return false;
}

bool Beat::take_due(std::int64_t now_us) {
  return due_us_ && *due_us_ <= now_us && fire(now_us);
}

bool Beat::has_run_away() {
  const bool has = fired_.size() == kFiringsMax && fired_.back() - fired_.front() < kFiringsWithinUs;
  if (has) fired_.clear();
  return has;
}

}  // namespace lilux::brain
