#include "kernel/readings.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/hash.h"
#include "base/time.h"
#include "sys/file.h"
#include "sys/io.h"

namespace lilux::kernel {

using base::ErrorCode;
using base::Result;

namespace {

// Times of files go by ticks of some milliseconds: what changed within one may change again and look the same.
constexpr std::int64_t kTickNs = 100'000'000;

}  // namespace

Readings::Opened Readings::open(const Source& source) {
  Opened made{.fd = source.open(), .seen = {}};
  if (!made.fd) {
    made.seen.stamp = made.fd.error().message;
    return made;
  }
  const Result<sys::Stat> stat = sys::stat(*made.fd, source.file);
  if (!stat) return made;
  made.seen.stamp = std::to_string(stat->device) + ":" + std::to_string(stat->inode) + ":" +
                    std::to_string(stat->size) + ":" + std::to_string(stat->modified_ns);
  made.seen.changed_ns = stat->changed_ns;
  made.seen.is_settled = base::now_us() * 1000 - stat->changed_ns > kTickNs;
  return made;
}

Readings::Text Readings::read(const Source& source, const Result<sys::Fd>& fd) {
  if (!fd && fd.error().code == ErrorCode::not_found) return std::optional<std::string>();
  if (!fd) return std::unexpected(fd.error());
  return std::optional(TRY(sys::read_all(fd->get(), source.bytes_max, source.file)));
}

Readings::Made Readings::look_up(std::string key, std::span<const Source> sources, const Make& make) {
  std::vector<Opened> now;
  for (const Source& source : sources) {
    key += '\0' + source.file;
    now.push_back(open(source));
  }
  const auto is_same = [](const Opened& opened, const Seen& seen) {
    return opened.seen.stamp == seen.stamp && opened.seen.changed_ns == seen.changed_ns &&
           (!opened.fd || seen.is_settled);
  };
  Kept kept{.key = std::move(key)};
  const std::optional<Kept> before = kept_.with([&](std::list<Kept>& all) -> std::optional<Kept> {
    const auto found = std::ranges::find(all, kept.key, &Kept::key);
    if (found == all.end()) return std::nullopt;
    all.splice(all.begin(), all, found);
    return *found;
  });
  if (before && std::ranges::equal(now, before->seen, is_same)) return before->made;
  std::vector<Text> texts;
  for (std::size_t i = 0; i < now.size(); ++i) {
    texts.push_back(read(sources[i], now[i].fd));
    const bool is_there = texts.back() && *texts.back();
    if (is_there) now[i].seen.digest = base::to_hex(base::sha256(**texts.back()));
    if (!texts.back()) now[i].seen.digest = texts.back().error().message;
    if (is_there) kept.bytes += (**texts.back()).size();
    kept.seen.push_back(std::move(now[i].seen));
  }
  const bool is_known = before && std::ranges::equal(kept.seen, before->seen, {}, &Seen::digest, &Seen::digest);
  kept.made = is_known ? before->made : make(std::move(texts), before ? before->made.get() : nullptr);
  Made made = kept.made;
  keep(std::move(kept));
  return made;
}

void Readings::keep(Kept kept) {
  kept_.with([&](std::list<Kept>& all) {
    std::erase_if(all, [&](const Kept& one) { return one.key == kept.key; });
    all.push_front(std::move(kept));
    std::size_t bytes = 0;
    std::size_t count = 0;
    const auto is_too_much = [&](const Kept& one) {
      bytes += one.bytes;
      return ++count > 1 && (count > kKeptMax || bytes > kKeptBytesMax);
    };
    all.erase(std::ranges::find_if(all, is_too_much), all.end());
  });
}

}  // namespace lilux::kernel
