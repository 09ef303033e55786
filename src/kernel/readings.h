#pragma once

// What was made of files, kept for as long as they are the same, so that it is not made anew for every call. A file is
// known again by its inode, size and times; one that changed so lately that its times may not tell is read, and known
// by its bytes. One in each kernel, kept by kernel/kept.h; any thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "sys/fd.h"

namespace lilux::kernel {

class Readings {
 public:
  static constexpr std::size_t kKeptMax = 64;
  static constexpr std::size_t kKeptBytesMax = std::size_t{64} << 20;  // of the files

  struct Source {
    std::string file;
    std::function<base::Result<sys::Fd>()> open;  // for reading
    std::size_t bytes_max = 0;
  };
  // Nothing where there is no such file.
  using Text = base::Result<std::optional<std::string>>;

  // What `make` makes of the texts of these files for that name; `before` is what it made for it when they were others,
  // or null. Several threads may make the same at once.
  template <class T>
  std::shared_ptr<const T> of(const std::string& name, std::span<const Source> sources,
                              const std::function<std::shared_ptr<const T>(std::vector<Text>, const T* before)>& make) {
    return std::static_pointer_cast<const T>(
        look_up(typeid(T).name() + name, sources, [&](std::vector<Text> texts, const void* before) {
          return make(std::move(texts), static_cast<const T*>(before));
        }));
  }

 private:
  struct Seen {  // of a file
    std::string stamp = {};
    std::int64_t changed_ns = 0;
    std::string digest = {};  // of what was read
    bool is_settled = false;  // no later change can have left the stamp as it is
  };
  // The users are those who were given it and may still use it when the files change.
  using Made = std::shared_ptr<const void>;
  struct Kept {
    std::string key;
    std::vector<Seen> seen;
    std::size_t bytes = 0;
    Made made;
  };
  struct Opened {
    base::Result<sys::Fd> fd;
    Seen seen;
  };
  using Make = std::function<Made(std::vector<Text>, const void* before)>;
  static Opened open(const Source& source);
  static Text read(const Source& source, const base::Result<sys::Fd>& fd);
  Made look_up(std::string key, std::span<const Source> sources, const Make& make);
  void keep(Kept kept);

  base::Guarded<std::list<Kept>> kept_;  // the newest used first
};

}  // namespace lilux::kernel
