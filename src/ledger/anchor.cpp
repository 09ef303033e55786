#include "ledger/anchor.h"

#include <algorithm>

#include "base/hash.h"
#include "base/json.h"
#include "ledger/format.h"
#include "sys/error.h"
#include "sys/file.h"

namespace lilux::ledger {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kBytesMax = 65536;

Json to_json(const AnchoredCheckpoint& newest) {
  return JsonObject{{"sequence", newest.position.sequence}, {"segment", newest.position.segment},
                    {"offset", newest.position.offset},     {"time_us", newest.time_us},
                    {"hash", to_hex(newest.hash)},          {"statement", to_json(newest.checkpoint)}};
}

Result<AnchoredCheckpoint> newest_from(const Json& json, const PublicKey& root) {
  const auto number = [&](std::string_view name) { return static_cast<std::uint64_t>(json.integer_or(name)); };
  AnchoredCheckpoint newest;
  newest.position = {.sequence = number("sequence"), .segment = number("segment"), .offset = number("offset")};
  newest.time_us = json.integer_or("time_us");
  const std::optional<Hash> hash = hash_from_hex(json.string_or("hash"));
  const Json* const statement = json.find("statement");
  if (!hash || statement == nullptr) return fail(ErrorCode::corrupt, "its newest checkpoint is incomplete");
  newest.hash = *hash;
  newest.checkpoint = TRY(checkpoint_from(*statement));
  const Signed about{.root = root, .sequence = newest.position.sequence, .time_us = newest.time_us};
  if (!signature_matches(newest.checkpoint, about)) {
    return fail(ErrorCode::corrupt, "the signature of its newest checkpoint does not match");
  }
  return newest;
}

// Against accidents only: whoever can write here is trusted.
std::string digest_of(JsonObject json) {
  json.erase("digest");
  return to_hex(base::sha256(base::canonical_text(json)));
}

Result<Anchor> parse(std::string_view text) {
  const Json json = TRY(base::parse_json(text, {.bytes_max = kBytesMax, .depth_max = 8}));
  const std::int64_t format = json.integer_or("format");
  if (format > kFormat) {
    return fail(ErrorCode::unavailable, "it has a newer format", "use the newer lilux that wrote it");
  }
  const std::optional<Hash> root = hash_from_hex(json.string_or("root"));
  const Json* const kept = json.find("kept");
  if (format != kFormat || !root || kept == nullptr) return fail(ErrorCode::corrupt, "it is no anchor");
  if (json.string_or("digest") != digest_of(json.as_object())) return fail(ErrorCode::corrupt, "it was changed");
  Anchor anchor{.root = *root, .kept = TRY(kept_from(*kept))};
  if (const Json* const newest = json.find("newest")) anchor.newest = TRY(newest_from(*newest, *root));
  return anchor;
}

}  // namespace

std::string anchor_path(const std::filesystem::path& directory) {
  return (directory / "ledger.anchor").string();
}

Result<std::optional<Anchor>> read_anchor(const std::filesystem::path& directory) {
  const std::string path = anchor_path(directory);
  const Result<std::string> text = sys::read_file(path, kBytesMax);
  if (!text && text.error().code == ErrorCode::not_found) return std::nullopt;
  if (!text) return std::unexpected(text.error());
  Result<Anchor> anchor = parse(*text);
  if (anchor) return std::optional(*std::move(anchor));
  base::Error error = anchor.error();
  if (error.code != ErrorCode::unavailable) error.code = ErrorCode::corrupt;
  if (error.hint.empty()) error.hint = "put back a copy of '" + path + "' that is known to be good";
  return base::in_context(std::move(error), "the ledger's anchor " + sys::quoted(path));
}

Result<void> write_anchor(const std::filesystem::path& directory, const Anchor& anchor) {
  JsonObject json{{"format", kFormat}, {"root", to_hex(anchor.root)}, {"kept", to_json(anchor.kept)}};
  if (anchor.newest) json.set("newest", to_json(*anchor.newest));
  json.set("digest", digest_of(json));
  return sys::write_file_atomic(anchor_path(directory), base::to_text(json, base::JsonStyle::pretty) + "\n", 0600);
}

}  // namespace lilux::ledger
