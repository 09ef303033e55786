#include "surface/follow.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "sys/file.h"
#include "sys/io.h"

namespace lilux::surface {

namespace {

constexpr auto kMoment = std::chrono::milliseconds(50);
constexpr std::size_t kPiece = std::size_t{1} << 20;

}  // namespace

void print_new(Followed& followed) {
  const base::Result<sys::Fd> fd = sys::open(followed.file, 0);
  while (fd) {
    const auto piece = sys::read_at(fd->get(), followed.printed, kPiece, followed.file);
    if (!piece || piece->empty()) break;
    std::fwrite(piece->data(), 1, piece->size(), followed.stream);
    followed.printed += piece->size();
  }
  std::fflush(followed.stream);
}

void follow_while(Followed& out, Followed& errors, const std::function<void()>& wait) {
  std::mutex mutex;
  std::condition_variable has_ended;
  bool is_over = false;
  {
    const std::jthread waiting([&] {
      wait();
      const std::lock_guard lock(mutex);
      is_over = true;
      has_ended.notify_all();
    });
    std::unique_lock lock(mutex);
    while (!has_ended.wait_for(lock, kMoment, [&] { return is_over; })) {
      print_new(out);
      print_new(errors);
    }
  }
  print_new(out);
  print_new(errors);
}

}  // namespace lilux::surface
