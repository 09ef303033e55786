#include "brain/model_bytes.h"

#include <bit>

#include "base/encoding.h"
#include "brain/examples.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Result;

static_assert(std::endian::native == std::endian::little, "models are stored as they lie in memory");

namespace {

// Far beyond what is learned, and sums of such stay numbers.
constexpr float kNumberMost = 1e9F;

}  // namespace

std::unexpected<base::Error> corrupt_model(const std::string& what) {
  return fail(ErrorCode::corrupt, "the model " + what, "lilux brain train --examples FILE --out MODEL");
}

void ModelWriter::put_text(std::string_view text) {
  put_count(text.size());
  bytes_ += text;
}

void ModelWriter::put_names(const std::vector<std::string>& names) {
  put_count(names.size());
  for (const std::string& name : names) put_text(name);
}

Result<std::string_view> ModelReader::bytes(std::size_t size) {
  if (size > rest_.size()) return corrupt_model("ends too early");
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

Result<double> ModelReader::real() {
  const double result = TRY(value<double>());
  if (!(std::abs(result) < static_cast<double>(kNumberMost))) return corrupt_model("holds what is no number");
  return result;
}

Result<std::vector<float>> ModelReader::reals(std::size_t count) {
  std::vector<float> result = TRY(values<float>(count));
  if (!std::ranges::all_of(result, [](float value) { return std::abs(value) < kNumberMost; }))
    return corrupt_model("holds what is no number");
  return result;
}

Result<std::vector<std::string>> ModelReader::names(std::string_view what) {
  const auto count = TRY(value<std::uint32_t>());
  const std::string of = "has a " + std::string(what);
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto size = TRY(value<std::uint32_t>());
    if (size == 0 || size > kLabelBytesMax) return corrupt_model(of + " of " + std::to_string(size) + " bytes");
    names.emplace_back(TRY(bytes(size)));
    if (!base::is_utf8(names.back())) return corrupt_model(of + " that is no text");
    if (i > 0 && !(names[i - 1] < names[i])) return corrupt_model(of + " out of order");
  }
  return names;
}

}  // namespace lilux::brain
