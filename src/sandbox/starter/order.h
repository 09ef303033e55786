#pragma once

// What a process that was kept ready is told: first, while nobody waits, the root that everybody's begins with, and
// then what it is to become, with the rest of its root. As bytes. The streams and the ruleset come beside it as
// descriptors. Written by us and read by us; a reader that is given anything else gives nullopt. Any thread.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <linux/filter.h>

#include "sandbox/root.h"
#include "sys/process.h"

namespace lilux::sandbox {

inline constexpr std::uint64_t kOrderBytesMax = std::uint64_t{8} << 20;  // the system takes less as arguments

struct Order {
  sys::SpawnOptions options;  // without the streams and the confinement
  std::vector<sock_filter> filter;
  RootPlan root;
  bool has_ruleset = false;
};

// All that is told, in the order in which it is told.
template <class O>
  requires std::is_same_v<std::remove_const_t<O>, Order>
auto parts(O& o) {
  return std::tie(o.options, o.filter, o.root, o.has_ruleset);
}
template <class O>
  requires std::is_same_v<std::remove_const_t<O>, sys::SpawnOptions>
auto parts(O& o) {
  return std::tie(o.program, o.arguments, o.environment, o.cwd, o.group, o.limits, o.umask, o.niceness,
                  o.dies_with_thread, o.mark);
}
template <class O>
  requires std::is_same_v<std::remove_const_t<O>, sys::ResourceLimit>
auto parts(O& o) {
  return std::tie(o.resource, o.soft, o.hard);
}
template <class O>
  requires std::is_same_v<std::remove_const_t<O>, sock_filter>
auto parts(O& o) {
  return std::tie(o.code, o.jt, o.jf, o.k);
}
template <class O>
  requires std::is_same_v<std::remove_const_t<O>, RootPlan>
auto parts(O& o) {
  return std::tie(o.user_map, o.group_map, o.options, o.processes, o.folders, o.links, o.binds, o.rights, o.mounts);
}
template <class O>
  requires std::is_same_v<std::remove_const_t<O>, Bind>
auto parts(O& o) {
  return std::tie(o.source, o.target, o.device, o.inode, o.is_folder, o.is_writable, o.is_device, o.changes, o.held,
                  o.layers);
}

class OrderWriter {
 public:
  template <class T>
  void put(const T& value) {
    if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      const auto number = static_cast<std::uint64_t>(value);
      bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
    } else {
      std::apply([this](const auto&... part) { (this->put(part), ...); }, parts(value));
    }
  }
  void put(const std::string& text) {
    put(text.size());
    bytes_ += text;
  }
  template <class T>
  void put(const std::vector<T>& values) {
    put(values.size());
    for (const T& value : values) put(value);
  }
  template <class T, std::size_t N>
  void put(const std::array<T, N>& values) {
    for (const T& value : values) put(value);
  }
  template <class A, class B>
  void put(const std::pair<A, B>& value) {
    put(value.first);
    put(value.second);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    put(value.value_or(T{}));
  }
  std::string take() { return std::exchange(bytes_, {}); }

 private:
  std::string bytes_;
};

class OrderReader {
 public:
  explicit OrderReader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  void get(T& value) {
    if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      value = static_cast<T>(number());
    } else {
      std::apply([this](auto&... part) { (this->get(part), ...); }, parts(value));
    }
  }
  void get(std::string& text) {
    const std::uint64_t size = count();
    text = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }
  template <class T>
  void get(std::vector<T>& values) {
    values.resize(count());
    for (T& value : values) get(value);
  }
  template <class T, std::size_t N>
  void get(std::array<T, N>& values) {
    for (T& value : values) get(value);
  }
  template <class A, class B>
  void get(std::pair<A, B>& value) {
    get(value.first);
    get(value.second);
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool has_value = false;
    get(has_value);
    get(value.emplace());
    if (!has_value) value.reset();
  }
  bool is_whole() const { return is_sound_ && rest_.empty(); }

 private:
  std::uint64_t number() {
    std::uint64_t made = 0;
    is_sound_ = is_sound_ && rest_.size() >= sizeof made;
    if (!is_sound_) return rest_ = {}, 0;
    rest_.copy(reinterpret_cast<char*>(&made), sizeof made);
    rest_.remove_prefix(sizeof made);
    return made;
  }
  // Of things that take a byte each at least.
  std::uint64_t count() {
    const std::uint64_t made = number();
    is_sound_ = is_sound_ && made <= rest_.size();
    return is_sound_ ? made : 0;
  }

  std::string_view rest_;
  bool is_sound_ = true;
};

// Their number, and the bytes of the order.
inline std::string message_of(const Order& order) {
  OrderWriter writer;
  writer.put(order);
  const std::string bytes = writer.take();
  writer.put(bytes);
  return writer.take();
}
inline std::optional<Order> order_of(std::string_view bytes) {
  Order made;
  OrderReader reader(bytes);
  reader.get(made);
  return reader.is_whole() ? std::optional(std::move(made)) : std::nullopt;
}

}  // namespace lilux::sandbox
