#include "sys/attendant.h"

#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/number.h"
#include "sys/poller.h"

namespace lilux::sys {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr int kFchmodat2 = 452;  // newer than the headers may be
constexpr int kSwapped = 16;     // times that a path is looked up while folders are renamed around it
constexpr std::uint32_t kLent = S_ISUID | S_ISGID;
constexpr std::uint32_t kNobody = ~0U;  // chown: as it is

struct Notice {
  seccomp_notif asked{};
  std::array<char, 256> room{};  // of a system that says more
};

enum class Form : std::uint8_t { none, nanoseconds, microseconds, seconds };  // of two times

// A call, whichever it was.
struct Wish {
  enum class Property : std::uint8_t { mode, owner, times } property{};
  int folder = AT_FDCWD;
  bool is_open = false;    // what is open as `folder` is meant, by no path
  std::uint64_t path = 0;  // where it stands in the program's memory
  int flags = 0;
  std::uint32_t mode = 0;
  uid_t uid = kNobody;
  gid_t gid = kNobody;
  std::uint64_t times = 0;  // likewise; 0: now
  Form form = Form::none;
};

Wish wish_of(const seccomp_data& call) {
  const auto& args = call.args;
  const auto number = [&](int index) { return static_cast<int>(args[index]); };
  const auto word = [&](int index) { return static_cast<std::uint32_t>(args[index]); };
  using enum Wish::Property;
  switch (call.nr) {
    case SYS_fchmod: return {.property = mode, .folder = number(0), .is_open = true, .mode = word(1)};
    case SYS_fchmodat: return {.property = mode, .folder = number(0), .path = args[1], .mode = word(2)};
    case kFchmodat2:
      return {.property = mode, .folder = number(0), .path = args[1], .flags = number(3), .mode = word(2)};
    case SYS_fchown: return {.property = owner, .folder = number(0), .is_open = true, .uid = word(1), .gid = word(2)};
    case SYS_fchownat:
      return {
          .property = owner, .folder = number(0), .path = args[1], .flags = number(4), .uid = word(2), .gid = word(3)};
    case SYS_utimensat:
      return {.property = times,
              .folder = number(0),
              .is_open = args[1] == 0,
              .path = args[1],
              .flags = number(3),
              .times = args[2],
              .form = Form::nanoseconds};
#ifdef __x86_64__
    case SYS_chmod: return {.property = mode, .path = args[0], .mode = word(1)};
    case SYS_chown: return {.property = owner, .path = args[0], .uid = word(1), .gid = word(2)};
    case SYS_lchown:
      return {.property = owner, .path = args[0], .flags = AT_SYMLINK_NOFOLLOW, .uid = word(1), .gid = word(2)};
    case SYS_utime: return {.property = times, .path = args[0], .times = args[1], .form = Form::seconds};
    case SYS_utimes: return {.property = times, .path = args[0], .times = args[1], .form = Form::microseconds};
    case SYS_futimesat:
      return {.property = times,
              .folder = number(0),
              .is_open = args[1] == 0,
              .path = args[1],
              .times = args[2],
              .form = Form::microseconds};
#endif
    default: return {.flags = -1};
  }
}

// Where what is open lies; empty when that cannot be said.
std::string place_of(const Fd& fd) {
  std::array<char, PATH_MAX> text{};
  const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(fd.get())).c_str(), text.data(), text.size());
  return size <= 0 || size == PATH_MAX ? std::string() : std::string(text.data(), static_cast<std::size_t>(size));
}

// The thread that asks. Numbers are given again when it has gone, so what was learned counts only while it waits.
class Asker {
 public:
  Asker(int listener, std::uint64_t id, std::uint32_t thread)
      : listener_(listener),
        id_(id),
        own_("/proc/" + std::to_string(thread) + "/"),
        memory_(::open((own_ + "mem").c_str(), O_RDONLY | O_CLOEXEC)) {}

  bool still_waits() const { return ::ioctl(listener_, SECCOMP_IOCTL_NOTIF_ID_VALID, &id_) == 0; }

  bool read(std::uint64_t address, void* into, std::size_t size) const {
    return ::pread(memory_.get(), into, size, static_cast<off_t>(address)) == static_cast<ssize_t>(size);
  }
  // As the system takes a path: with its end, or not at all, and errno says why.
  std::optional<std::string> read_path(std::uint64_t address) const {
    std::array<char, PATH_MAX> text{};
    const ssize_t size = ::pread(memory_.get(), text.data(), text.size(), static_cast<off_t>(address));
    const std::string_view found(text.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
    const std::size_t end = found.find('\0');
    if (end != std::string_view::npos) return std::string(found.substr(0, end));
    errno = found.size() == PATH_MAX ? ENAMETOOLONG : EFAULT;
    return std::nullopt;
  }
  // "cwd", or a descriptor of its.
  Fd open_own(const std::string& name) const { return Fd(::open((own_ + name).c_str(), O_PATH | O_CLOEXEC)); }

 private:
  int listener_;
  std::uint64_t id_;
  std::string own_;
  Fd memory_;
};

// The number of a descriptor that a path names: how C libraries reach a symlink itself.
std::optional<int> named_descriptor(std::string_view path) {
  for (const std::string_view folder : {"/proc/self/fd/", "/proc/thread-self/fd/", "/dev/fd/"}) {
    if (path.starts_with(folder)) return base::number_from<int>(path.substr(folder.size()));
  }
  return std::nullopt;
}

class Attendant {
 public:
  Attendant(Fd listener, Wake wake, std::vector<Fd> trees)
      : listener_(std::move(listener)), wake_(std::move(wake)), trees_(std::move(trees)) {}
  Attendant(const Attendant&) = delete;
  Attendant& operator=(const Attendant&) = delete;
  ~Attendant() { wake_.raise(); }

  void begin() {
    thread_ = std::jthread([this] { run(); });
  }

 private:
  void run() {
    std::array<pollfd, 2> ready{pollfd{.fd = listener_.get(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = wake_.fd(), .events = POLLIN, .revents = 0}};
    while (ready[1].revents == 0 && (ready[0].revents & (POLLHUP | POLLERR)) == 0) {
      if (::poll(ready.data(), ready.size(), -1) < 0) continue;
      Notice notice;
      if ((ready[0].revents & POLLIN) == 0 || ::ioctl(listener_.get(), SECCOMP_IOCTL_NOTIF_RECV, &notice.asked) != 0)
        continue;  // it has gone meanwhile
      seccomp_notif_resp answer{.id = notice.asked.id, .val = 0, .error = -grant(notice.asked), .flags = 0};
      std::ignore = ::ioctl(listener_.get(), SECCOMP_IOCTL_NOTIF_SEND, &answer);  // likewise
    }
    listener_.close();  // whoever is left is told that there is no such call
  }

  // 0, or an errno.
  int grant(const seccomp_notif& asked) const {
    const Wish wish = wish_of(asked.data);
    if ((wish.flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) return EINVAL;
    const Asker asker(listener_.get(), asked.id, asked.pid);
    std::array<timespec, 2> times{};
    if (wish.times != 0) {
      if (const int error = read_times(asker, wish, times); error != 0) return error;
    }
    const Fd target = target_of(asker, wish);
    if (!target) return errno;
    struct stat found{};
    if (::fstat(target.get(), &found) != 0) return errno;
    // While it waits, all that was read was its own.
    if (found.st_uid != ::geteuid() || !asker.still_waits()) return EPERM;
    switch (wish.property) {
      case Wish::Property::mode: return set_mode(target, found, wish.mode);
      case Wish::Property::owner: return set_owner(target, found, wish);
      case Wish::Property::times: return set_times(target, wish.times == 0 ? nullptr : times.data());
    }
    std::unreachable();
  }

  static int read_times(const Asker& asker, const Wish& wish, std::array<timespec, 2>& times) {
    constexpr long kMicroseconds = 1'000'000;
    std::array<long, 4> words{};
    const std::size_t size = (wish.form == Form::seconds ? 2 : 4) * sizeof(long);
    if (!asker.read(wish.times, words.data(), size)) return EFAULT;
    if (wish.form == Form::seconds) {
      times = {timespec{words[0], 0}, timespec{words[1], 0}};
      return 0;
    }
    const bool is_micro = wish.form == Form::microseconds;
    if (is_micro && (words[1] < 0 || words[1] >= kMicroseconds || words[3] < 0 || words[3] >= kMicroseconds))
      return EINVAL;
    times = {timespec{words[0], words[1] * (is_micro ? 1000 : 1)},
             timespec{words[2], words[3] * (is_micro ? 1000 : 1)}};
    return 0;
  }

  // What is meant, if it lies in a tree; else none, and errno says why.
  Fd target_of(const Asker& asker, const Wish& wish) const {
    if (wish.is_open) return open_in_tree(asker, wish.folder);
    std::optional<std::string> path = asker.read_path(wish.path);
    if (!path) return {};
    const bool follows = (wish.flags & AT_SYMLINK_NOFOLLOW) == 0;
    if (path->empty()) {
      if ((wish.flags & AT_EMPTY_PATH) == 0) return errno = ENOENT, Fd();
      if (wish.folder != AT_FDCWD) return open_in_tree(asker, wish.folder);
      path = ".";
    }
    if (const auto number = named_descriptor(*path); number && follows) return open_in_tree(asker, *number);
    if (!path->starts_with('/')) {
      const Fd start = asker.open_own(wish.folder == AT_FDCWD ? "cwd" : "fd/" + std::to_string(wish.folder));
      if (!start) return errno = EBADF, Fd();
      path = place_of(start) + "/" + *path;
    }
    return look_up(*path, follows);
  }

  // A file keeps its place in the tree by whatever name it was opened: nothing that the program can do brings one in.
  Fd open_in_tree(const Asker& asker, int number) const {
    Fd found = asker.open_own("fd/" + std::to_string(number));
    if (!found) return errno = EBADF, Fd();
    if (way_to(place_of(found))) return found;
    return errno = EPERM, Fd();
  }

  Fd look_up(const std::string& path, bool follows) const {
    const auto way = way_to(path);
    if (!way) return errno = EPERM, Fd();
    open_how how{};
    how.flags = static_cast<__u64>(O_PATH | O_CLOEXEC | (follows ? 0 : O_NOFOLLOW));
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
    long fd = -1;
    for (int i = 0; i < kSwapped && fd < 0 && (i == 0 || errno == EAGAIN); ++i)
      fd = ::syscall(SYS_openat2, way->first, way->second.c_str(), &how, sizeof how);
    if (fd < 0 && (errno == EXDEV || errno == ELOOP || errno == EAGAIN)) errno = EPERM;  // it leads out
    return Fd(static_cast<int>(fd));
  }

  // From the tree that an absolute path begins with.
  std::optional<std::pair<int, std::string>> way_to(const std::string& path) const {
    for (const Fd& tree : trees_) {
      const std::string place = place_of(tree);
      if (place.empty() || !path.starts_with(place)) continue;
      if (path.size() > place.size() && path[place.size()] != '/') continue;
      const std::size_t rest = path.find_first_not_of('/', place.size());
      return std::pair(tree.get(), rest == std::string::npos ? "." : path.substr(rest));
    }
    return std::nullopt;
  }

  static int set_mode(const Fd& target, const struct stat& found, std::uint32_t mode) {
    if (S_ISLNK(found.st_mode)) return EOPNOTSUPP;
    if ((mode & kLent) != 0) return EPERM;
    const std::string self = "/proc/self/fd/" + std::to_string(target.get());
    return ::chmod(self.c_str(), mode & 07777) == 0 ? 0 : errno;
  }

  static int set_owner(const Fd& target, const struct stat& found, const Wish& wish) {
    const bool is_own = (wish.uid == kNobody || wish.uid == found.st_uid) &&
                        (wish.gid == kNobody || wish.gid == found.st_gid || wish.gid == ::getegid());
    if (!is_own) return EPERM;
    return ::fchownat(target.get(), "", kNobody, wish.gid, AT_EMPTY_PATH) == 0 ? 0 : errno;
  }

  static int set_times(const Fd& target, const timespec* times) {
    return ::utimensat(target.get(), "", times, AT_EMPTY_PATH) == 0 ? 0 : errno;
  }

  Fd listener_;
  Wake wake_;
  std::vector<Fd> trees_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace

Result<std::shared_ptr<void>> attend(Fd listener, std::vector<Fd> trees) {
  auto made = std::make_shared<Attendant>(std::move(listener), TRY(Wake::create()), std::move(trees));
  try {
    made->begin();
  } catch (const std::system_error& error) {
    return fail(ErrorCode::unavailable, std::string("cannot start a thread: ") + error.what(),
                "too many of this user's threads run");
  }
  return made;
}

}  // namespace lilux::sys
