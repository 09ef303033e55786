#pragma once

// The bytes of a stored model, number by number, as they lie in memory. Reading takes bytes of anybody: what ends too
// early or holds no number is `corrupt`, before memory is taken for it. A value; one thread.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lilux::brain {

std::unexpected<base::Error> corrupt_model(const std::string& what);

class ModelWriter {
 public:
  template <class T>
  void put(const T& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put_count(std::size_t count) { put(static_cast<std::uint32_t>(count)); }
  template <class T>
  void put_all(const std::vector<T>& values) {
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  void put_text(std::string_view text);
  void put_names(const std::vector<std::string>& names);
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class ModelReader {
 public:
  explicit ModelReader(std::string_view bytes) : rest_(bytes) {}
  bool is_empty() const { return rest_.empty(); }

  base::Result<std::string_view> bytes(std::size_t size);
  template <class T>
  base::Result<T> value() {
    T result{};
    std::memcpy(&result, TRY(bytes(sizeof result)).data(), sizeof result);
    return result;
  }
  base::Result<double> real();
  template <class T>
  base::Result<std::vector<T>> values(std::size_t count) {
    if (count > rest_.size() / sizeof(T)) return corrupt_model("ends too early");
    const std::string_view taken = TRY(bytes(count * sizeof(T)));
    std::vector<T> result(count);
    if (count > 0) std::memcpy(result.data(), taken.data(), taken.size());
    return result;
  }
  base::Result<std::vector<float>> reals(std::size_t count);
  // Texts of 1 to kLabelBytesMax bytes, ascending, each once; `what` is one of them, for errors.
  base::Result<std::vector<std::string>> names(std::string_view what);

 private:
  std::string_view rest_;
};

}  // namespace lilux::brain
