// The arguments of a tool from outside, through declared fields: what decodes is what the schema of those fields
// allows, encodes and decodes to the same, and leaves no secret in what is recorded.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/field.h"
#include "base/schema.h"
#include "tests/fuzz/input.h"

namespace fuzzed {

using lilux::base::Field;
using lilux::base::Fields;
using lilux::base::Json;
using lilux::base::Secret;

enum class Colour : std::uint8_t { red, green };
constexpr std::array<std::string_view, 2> enum_names(Colour) {
  return {"red", "green"};
}

struct Entry {
  std::string name;
  std::optional<std::uint8_t> small;
  static constexpr Fields fields{Field{"name", &Entry::name, "Name", {.minimum = 1, .maximum = 4}},
                                 Field{"small", &Entry::small, "Small"}};
};

struct Request {
  bool is_on = false;
  std::int64_t count = 0;
  std::optional<double> share;
  std::optional<Secret> key;
  Colour colour = Colour::red;
  std::vector<Entry> entries;
  std::optional<std::map<std::string, std::int32_t>> sizes;
  std::optional<Json> anything;
  static constexpr Fields fields{
      Field{"is_on", &Request::is_on, "Switch"},
      Field{"count", &Request::count, "Number", {.minimum = -5, .maximum = 5}},
      Field{"share", &Request::share, "Part", {.minimum = 0, .maximum = 1}},
      Field{"key", &Request::key, "Key", {.minimum = 3}},
      Field{"colour", &Request::colour, "Colour"},
      Field{"entries", &Request::entries, "Entries", {.maximum = 3}},
      Field{"sizes", &Request::sizes, "Sizes", {.maximum = 2}},
      Field{"anything", &Request::anything, "Anything"},
  };
};

}  // namespace fuzzed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lilux::base;
  using lilux::fuzz::require;
  static const Result<Schema> schema = Schema::compile(schema_of<fuzzed::Request>());
  require(schema.has_value());
  const auto json = parse_json(lilux::fuzz::Input(data, size).rest());
  if (!json) return 0;
  const auto request = decode<fuzzed::Request>(*json);
  if (!request) {
    require(!request.error().message.empty() && is_utf8(request.error().message));
    return 0;
  }
  const Json written = encode(*request);
  require(!schema->check(written));
  const auto again = decode<fuzzed::Request>(written);
  require(again && encode(*again) == written);
  if (!request->key) return 0;
  const Json redacted = encode_redacted(*request, [](std::string_view) { return std::string("d"); });
  require(*redacted.find("key") == Json(JsonObject{{"digest", "d"}}));
  return 0;
}
