#include "search/http_embedder.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>

#include "base/json.h"
#include "base/number.h"
#include "base/uri.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/folders.h"
#include "sys/self.h"

namespace lilux::search {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

namespace {

constexpr std::string_view kOpenAiPath = "/v1/embeddings";
constexpr std::string_view kOllamaPath = "/api/embed";
constexpr std::size_t kAnswerBytesMax = std::size_t{64} << 20;
constexpr std::size_t kKeyBytesMax = 8192;
constexpr std::string_view kKeyForm = "env:NAME of a variable, or file:/path of a file of mode 0600";

std::unexpected<base::Error> no_vectors(const std::string& what) {
  return fail(ErrorCode::corrupt, "the answer of the embedding server " + what, "is it the right server and model?");
}

Result<Vector> vector_in(const Json& json) {
  if (!json.is_array() || json.as_array().empty()) return no_vectors("has a vector that is no list of numbers");
  if (json.as_array().size() > kDimensionsMax)
    return no_vectors("has a vector of more than " + std::to_string(kDimensionsMax) + " dimensions");
  Vector vector;
  for (const Json& number : json.as_array()) {
    const float value = number.is_number() ? static_cast<float>(number.as_real()) : NAN;
    if (!std::isfinite(value)) return no_vectors("has a vector that is no list of numbers");
    vector.push_back(value);
  }
  return vector;
}

// Where the vector of a text is to go: OpenAI's say it themselves.
std::size_t place_of(const Json& entry, EmbedDialect dialect, std::size_t i) {
  if (dialect == EmbedDialect::ollama) return i;
  const std::int64_t index = entry.integer_or("index", static_cast<std::int64_t>(i));
  return index < 0 ? SIZE_MAX : static_cast<std::size_t>(index);
}

struct HostAndPort {
  std::string host;
  std::uint16_t port = 0;  // 0: what stood there is none
};
HostAndPort host_and_port(std::string_view authority, std::uint16_t usual) {
  const std::size_t colon = authority.ends_with(']') ? std::string_view::npos : authority.rfind(':');
  const bool has_port = colon != std::string_view::npos;
  std::string_view host = authority.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto number = has_port ? base::number_from<std::uint16_t>(authority.substr(colon + 1)) : usual;
  return {.host = std::string(host), .port = number.value_or(0)};
}

bool is_host(std::string_view host) {
  constexpr std::size_t kHostBytesMax = 253;
  const auto is_of_host = [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '-' || c == ':'; };
  return !host.empty() && host.size() <= kHostBytesMax && std::ranges::all_of(host, is_of_host);
}

// Of a file that nobody else may read.
Result<std::string> private_text(const std::string& path) {
  const sys::Stat found = TRY(sys::stat(path));
  if (found.uid != sys::user_id() || (found.mode & 077) != 0)
    return fail(ErrorCode::denied, "the key in " + sys::quoted(path) + " is not used: others may read or change it",
                "chmod 600 " + path);
  return sys::read_file(path, kKeyBytesMax);
}

}  // namespace

Result<std::vector<Vector>> parse_vectors(std::string_view body, EmbedDialect dialect, std::size_t count) {
  const Result<Json> json = base::parse_json(body);
  if (!json) return no_vectors("is no JSON: " + json.error().message);
  const Json* list = json->find(dialect == EmbedDialect::ollama ? "embeddings" : "data");
  if (list == nullptr || !list->is_array()) return no_vectors("has no list of vectors");
  if (list->as_array().size() != count)
    return no_vectors("has " + std::to_string(list->as_array().size()) + " vectors for " + std::to_string(count) +
                      " texts");
  std::vector<Vector> vectors(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Json& entry = list->as_array()[i];
    const Json* numbers = dialect == EmbedDialect::ollama ? &entry : entry.find("embedding");
    const std::size_t place = place_of(entry, dialect, i);
    if (numbers == nullptr || place >= count || !vectors[place].empty())
      return no_vectors("does not say which vector is whose");
    vectors[place] = TRY(vector_in(*numbers));
    if (vectors[place].size() != vectors.front().size() && !vectors.front().empty())
      return no_vectors("has vectors of different sizes");
  }
  const auto has_other_size = [&](const Vector& one) { return one.size() != vectors.front().size(); };
  if (std::ranges::any_of(vectors, has_other_size)) return no_vectors("has vectors of different sizes");
  return vectors;
}

Result<EmbedServer> embed_server(std::string_view url, std::string model) {
  const base::UriParts parts = base::split_uri(url);
  const bool is_tls = parts.scheme == "https";
  const HostAndPort at = host_and_port(parts.authority.value_or(""), is_tls ? 443 : 80);
  const bool is_here = at.host == "127.0.0.1" || at.host == "localhost" || at.host == "::1";
  const bool is_known = is_tls || (parts.scheme == "http" && is_here);
  if (!is_known || !is_host(at.host) || at.port == 0 || parts.query || parts.fragment)
    return fail(ErrorCode::invalid_argument,
                sys::quoted(url) + " is no address of an embedding server: plain http goes to this machine alone",
                "http://127.0.0.1:11434 or https://api.example.org/v1/embeddings");
  const bool has_path = !parts.path.empty() && parts.path != "/";
  const bool is_openai = has_path && !parts.path.ends_with(kOllamaPath);
  return EmbedServer{.endpoint = {.host = at.host, .port = at.port, .is_tls = is_tls},
                     .dialect = is_openai ? EmbedDialect::openai : EmbedDialect::ollama,
                     .path = has_path ? std::string(parts.path) : std::string(),
                     .model = std::move(model)};
}

Result<std::string> read_key(const std::string& from) {
  std::string key;
  if (from.starts_with("env:")) {
    const std::string name = from.substr(4);
    const auto value = sys::environment_variable(name.c_str());
    if (!value)
      return fail(ErrorCode::not_found, "the variable " + sys::quoted(name) + ", which is to hold the key, is not set");
    key = *value;
  } else if (from.starts_with("file:/")) {
    key = TRY(private_text(from.substr(5)));
  } else {
    return fail(ErrorCode::invalid_argument, "what says where the key is takes " + std::string(kKeyForm));
  }
  key.erase(key.find_last_not_of(" \t\r\n") + 1);
  if (key.empty() || !std::ranges::all_of(key, [](char c) { return c > ' ' && c <= '~'; }))
    return fail(ErrorCode::invalid_argument, sys::quoted(from) + " holds no key: one line without spaces");
  return key;
}

HttpEmbedder::HttpEmbedder(EmbedServer server) : server_(std::move(server)) {
  const bool is_ollama = server_.dialect == EmbedDialect::ollama;
  if (server_.path.empty()) server_.path = is_ollama ? kOllamaPath : kOpenAiPath;
  space_ = (is_ollama ? "ollama " : "openai ") + server_.model;
}

Result<std::vector<Vector>> HttpEmbedder::embed(std::span<const Passage> passages) {
  JsonArray texts;
  for (const Passage& passage : passages) texts.emplace_back(passage.text);
  net::Request request{.method = "POST",
                       .target = server_.path,
                       .headers = {{"Content-Type", "application/json"}},
                       .body = base::to_text(JsonObject{{"model", server_.model}, {"input", std::move(texts)}})};
  if (!server_.key_from.empty()) request.headers.add("Authorization", "Bearer " + TRY(read_key(server_.key_from)));
  const net::FetchOptions options{.deadline = std::chrono::steady_clock::now() + server_.timeout,
                                  .body_bytes_max = kAnswerBytesMax};
  Result<net::Response> response = net::fetch(server_.endpoint, request, options);
  if (!response) return base::in_context(std::move(response).error(), "the embedding server");
  if (response->status == 401 || response->status == 403)
    return fail(ErrorCode::unauthenticated,
                "the embedding server answered " + std::to_string(response->status) +
                    (server_.key_from.empty() ? ": it wants a key" : ": it does not take the key"),
                "search.key_from says where the key is: " + std::string(kKeyForm));
  if (response->status != 200)
    return fail(ErrorCode::unavailable,
                "the embedding server answered " + std::to_string(response->status) + " to " + server_.path,
                "does it have the model " + sys::quoted(server_.model) + "?");
  return parse_vectors(response->body, server_.dialect, passages.size());
}

}  // namespace lilux::search
