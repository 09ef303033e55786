#include "ledger/statement.h"

#include <algorithm>

#include "base/hash.h"
#include "ledger/format.h"

namespace lilux::ledger {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

template <std::size_t N>
std::string_view view(const std::array<std::uint8_t, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <std::size_t N>
Result<std::array<std::uint8_t, N>> hex_member(const Json& json, std::string_view name) {
  const Result<std::string> bytes = base::from_hex(json.string_or(name));
  if (!bytes || bytes->size() != N) {
    return fail(ErrorCode::corrupt, "'" + std::string(name) + "' is not " + std::to_string(N) + " bytes in hex");
  }
  std::array<std::uint8_t, N> out;
  std::ranges::copy(*bytes, out.begin());
  return out;
}

Result<std::uint64_t> count_member(const Json& json, std::string_view name) {
  const std::int64_t number = json.integer_or(name, -1);
  if (number < 0) return fail(ErrorCode::corrupt, "'" + std::string(name) + "' is not a count");
  return static_cast<std::uint64_t>(number);
}

void append_number(std::string& out, std::uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(number >> shift & 0xff);
}

Result<Json> parse_body(std::string_view body) {
  Result<Json> json = base::parse_json(body, {.bytes_max = kBodyBytesMax, .depth_max = 4});
  if (!json) return fail(ErrorCode::corrupt, json.error().message);
  return json;
}

}  // namespace

std::string signed_message(const Checkpoint& checkpoint, const Signed& about) {
  std::string message("lilux ledger checkpoint 1\n");
  message.append(view(about.root));
  append_number(message, checkpoint.index);
  append_number(message, about.sequence);
  append_number(message, static_cast<std::uint64_t>(about.time_us));
  message.append(view(checkpoint.head)).append(view(checkpoint.key)).append(view(checkpoint.next));
  return message.append(checkpoint.note);
}

bool signature_matches(const Checkpoint& checkpoint, const Signed& about) {
  return verify_signature(checkpoint.signature, signed_message(checkpoint, about), checkpoint.key);
}

Json to_json(const Checkpoint& checkpoint) {
  return JsonObject{{"checkpoint", checkpoint.index}, {"head", to_hex(checkpoint.head)},
                    {"key", to_hex(checkpoint.key)},  {"next", to_hex(checkpoint.next)},
                    {"note", checkpoint.note},        {"signature", base::to_hex(view(checkpoint.signature))}};
}

Result<Checkpoint> checkpoint_from(const Json& json) {
  Checkpoint checkpoint;
  checkpoint.index = TRY(count_member(json, "checkpoint"));
  checkpoint.head = TRY(hex_member<32>(json, "head"));
  checkpoint.key = TRY(hex_member<32>(json, "key"));
  checkpoint.next = TRY(hex_member<32>(json, "next"));
  checkpoint.note = json.string_or("note");
  checkpoint.signature = TRY(hex_member<64>(json, "signature"));
  return checkpoint;
}

Result<Checkpoint> parse_checkpoint(std::string_view body) {
  return checkpoint_from(TRY(parse_body(body)));
}

Kept everything_kept(const PublicKey& root) {
  return {.head = genesis_hash(view(root)), .public_key = root};
}

Json to_json(const Kept& kept) {
  return JsonObject{
      {"first", kept.first}, {"head", to_hex(kept.head)}, {"key", kept.key}, {"public", to_hex(kept.public_key)}};
}

Result<Kept> kept_from(const Json& json) {
  Kept kept;
  kept.first = TRY(count_member(json, "first"));
  kept.head = TRY(hex_member<32>(json, "head"));
  kept.key = TRY(count_member(json, "key"));
  kept.public_key = TRY(hex_member<32>(json, "public"));
  return kept;
}

Result<Kept> parse_kept(std::string_view body) {
  return kept_from(TRY(parse_body(body)));
}

}  // namespace lilux::ledger
