#include "mcp/request_state.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/hash.h"

namespace lilux::mcp {

using base::Json;
using base::JsonObject;

namespace {

constexpr std::int64_t kLastsUs = std::int64_t{3600} * 1'000'000;

std::string digest_of(std::string_view method, const Json& params) {
  const Json bound = JsonObject{{"method", method}, {"params", lasting_params(params)}};
  return base::to_hex(base::sha256(base::canonical_text(bound)));
}

bool is_of_one_try(std::string_view name) {
  return name == "_meta" || name == "inputResponses" || name == "requestState";
}

std::unexpected<RpcError> refuse(std::string why) {
  return std::unexpected(
      RpcError{.code = RpcCode::invalid_params,
               .message = "'requestState' " + std::move(why) + ": send the request anew without it"});
}

}  // namespace

bool is_lasting(const Json& params) {
  return std::ranges::none_of(params.as_object(), [](const auto& member) { return is_of_one_try(member.first); });
}

Json lasting_params(const Json& params) {
  JsonObject kept;
  for (const auto& [name, value] : params.as_object()) {
    if (!is_of_one_try(name)) kept.set(name, value);
  }
  return kept;
}

std::string keep(const Kept& kept, std::string_view method, const Json& params, std::int64_t now_us, const Seal& seal) {
  JsonObject answers;
  for (const auto& [key, answer] : kept.answers) answers.set(key, answer);
  const Json content = JsonObject{{"request", digest_of(method, params)},
                                  {"until_us", now_us + kLastsUs},
                                  {"note", kept.note},
                                  {"answers", std::move(answers)}};
  const std::string text = base::to_base64(base::to_text(content));
  return text + "." + base::to_base64(seal(text));
}

std::expected<Kept, RpcError> read_kept(std::string_view text, std::string_view method, const Json& params,
                                        std::int64_t now_us, const Seal& seal) {
  const std::string_view content = text.substr(0, text.find('.'));
  const bool is_ours = base::same_secret(text, std::string(content) + "." + base::to_base64(seal(content)));
  if (!is_ours) return refuse("was not given out by this server, or changed since");
  const base::Result<std::string> plain = base::from_base64(content);
  const base::Result<Json> json = plain ? base::parse_json(*plain) : base::Result<Json>(Json());
  if (!json || !json->find("answers") || !json->find("answers")->is_object()) return refuse("cannot be read");
  if (json->string_or("request") != digest_of(method, params)) return refuse("belongs to another request");
  if (json->integer_or("until_us") <= now_us) return refuse("is too old");
  Kept kept{.note = json->string_or("note")};
  for (const auto& [key, answer] : json->find("answers")->as_object()) kept.answers.emplace(key, answer);
  return kept;
}

}  // namespace lilux::mcp
