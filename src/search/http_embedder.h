#pragma once

// Vectors from a server that speaks like OpenAI (POST /v1/embeddings) or Ollama (POST /api/embed): on this machine, or
// anywhere over https.
// What it answers is checked: so many vectors as texts, of one size, of numbers. Any thread; each call has its own
// connection and ends at its deadline.

#include <chrono>
#include <cstdint>
#include <string>

#include "net/http_client.h"
#include "search/embedder.h"

namespace lilux::search {

enum class EmbedDialect : std::uint8_t { openai, ollama };

struct EmbedServer {
  net::Endpoint endpoint = {};
  EmbedDialect dialect = EmbedDialect::openai;
  std::string path = {};  // empty: the dialect's own
  std::string model = {};
  std::string key_from = {};  // see read_key; where it is set the key is sent, as a bearer token, to this server alone
  std::chrono::milliseconds timeout{5000};
};

// The server of an address like http://127.0.0.1:11434 or https://api.example.org/v1/embeddings; `invalid_argument` for
// one that is neither plain HTTP on this machine nor https. Of the dialect whose path it ends with; without a path
// Ollama's.
base::Result<EmbedServer> embed_server(std::string_view url, std::string model);

// The key that "env:NAME" or "file:/path" means, read anew each time. The file has to be this user's alone. No message
// holds the key, nor `from` where it is of another form: it may be one.
base::Result<std::string> read_key(const std::string& from);

class HttpEmbedder final : public Embedder {
 public:
  explicit HttpEmbedder(EmbedServer server);
  const std::string& space() const override { return space_; }
  // `unavailable`, `timeout` when the server cannot be had, `unauthenticated` when its certificate or our key is not
  // good, `corrupt` when its answer is none; the message names it.
  base::Result<std::vector<Vector>> embed(std::span<const Passage> passages) override;

 private:
  EmbedServer server_;
  std::string space_;
};

// The vectors in a server's answer to `count` texts.
base::Result<std::vector<Vector>> parse_vectors(std::string_view body, EmbedDialect dialect, std::size_t count);

}  // namespace lilux::search
