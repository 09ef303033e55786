#include "kernel/scrub.h"

#include "base/encoding.h"
#include "base/hash.h"

namespace lilux::kernel {

using base::Json;

namespace {

constexpr std::string_view kMark = "[secret]";

void replace_all(std::string& text, std::string_view form) {
  if (form.size() < 4) return;
  for (std::size_t at = text.find(form); at != std::string::npos; at = text.find(form, at + kMark.size()))
    text.replace(at, form.size(), kMark);
}

// Base64 of a secret that stands somewhere inside other bytes: the part that no neighbour changes, for each alignment.
std::string inner_base64(std::string_view secret, std::size_t shift) {
  const std::string padded = std::string(shift, '\0') + std::string(secret);
  const std::string whole = base::to_base64(padded);
  const std::size_t from = shift == 0 ? 0 : shift + 1;
  const std::size_t to = padded.size() * 4 / 3;
  return from < to ? whole.substr(from, to - from - (padded.size() % 3 == 0 ? 0 : 1)) : std::string();
}

void scrub(Json& value, const std::vector<std::string>& secrets) {
  if (value.is_string()) value = Json(scrub_text(value.as_string(), secrets));
  if (value.is_array()) {
    for (Json& entry : value.as_array()) scrub(entry, secrets);
  }
  if (value.is_object()) {
    base::JsonObject clean;
    for (const auto& [key, member] : value.as_object()) {
      Json copy = member;
      scrub(copy, secrets);
      clean.set(scrub_text(key, secrets), std::move(copy));
    }
    value = std::move(clean);
  }
}

}  // namespace

std::string scrub_text(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (secret.size() < 4) continue;
    replace_all(text, secret);
    for (std::size_t shift = 0; shift < 3; ++shift) replace_all(text, inner_base64(secret, shift));
    replace_all(text, base::to_hex(secret));
    replace_all(text, base::percent_encode(secret));
  }
  return text;
}

void scrub_secrets(const Tool& tool, const Json& arguments, Json& output) {
  std::vector<std::string> secrets;
  const auto collect = [&](std::string_view secret) {
    secrets.emplace_back(secret);
    return std::string(kMark);
  };
  if (!tool.has_secrets || !tool.redact(arguments, collect) || secrets.empty()) return;
  scrub(output, secrets);
}

}  // namespace lilux::kernel
