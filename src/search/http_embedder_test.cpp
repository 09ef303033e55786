#include "search/http_embedder.h"

#include <atomic>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "base/json.h"
#include "net/http_server.h"
#include "search/index.h"
#include "tests/support/scratch.h"

namespace lilux::search {

using base::ErrorCode;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using test::code_of;
using test::must;

namespace {

enum class Mood { well, wrong_size, garbage, refusing, silent };

// Answers as Ollama or OpenAI do: texts about animals look one way, all others another.
class Server {
 public:
  Server() {
    server_ = must(net::Server::start({.port = 0}, [this](const net::Request& request, net::Exchange exchange) {
      ++asked;
      if (mood == Mood::silent) return waiting_.push_back(std::move(exchange));
      if (mood == Mood::refusing) return exchange.respond({.status = 503});
      exchange.respond({.body = mood == Mood::garbage ? "<html>" : answer(request)});
    }));
  }
  net::Endpoint endpoint() const { return {.port = server_->port()}; }

  std::atomic<Mood> mood = Mood::well;
  std::atomic<int> asked = 0;

 private:
  std::string answer(const net::Request& request) const {
    JsonArray vectors;
    const Json body = must(base::parse_json(request.body));
    for (const Json& text : body.find("input")->as_array()) {
      const bool is_animal =
          text.as_string().find("cat") != std::string::npos || text.as_string().find("feline") != std::string::npos;
      JsonArray vector{is_animal ? 1.0 : 0.0, is_animal ? 0.1 : 1.0, 0.2};
      if (mood == Mood::wrong_size) vector.emplace_back(1.0);
      if (request.path == "/api/embed")
        vectors.emplace_back(std::move(vector));
      else
        vectors.emplace_back(JsonObject{{"index", vectors.size()}, {"embedding", std::move(vector)}});
    }
    return base::to_text(JsonObject{{request.path == "/api/embed" ? "embeddings" : "data", std::move(vectors)}});
  }

  std::vector<net::Exchange> waiting_ = {};
  std::unique_ptr<net::Server> server_;
};

Batch pets() {
  return {.put = {{.id = "a", .text = "a cat sleeps"}, {.id = "b", .text = "the disk is full"}}};
}

}  // namespace

TEST_CASE("both dialects of servers give vectors that find what shares no word") {
  for (const EmbedDialect dialect : {EmbedDialect::openai, EmbedDialect::ollama}) {
    Server server;
    HttpEmbedder embedder({.endpoint = server.endpoint(), .dialect = dialect, .model = "m"});
    const test::Scratch scratch;
    const auto index = must(Index::open(scratch / "i.db", &embedder));
    must(index->apply(pets()));
    CHECK(must(index->learn()).documents == 2);
    CHECK_FALSE(must(index->learn()).is_new);
    const Answer answer = must(index->search({.text = "feline", .explain = true}));
    REQUIRE_FALSE(answer.hits.empty());
    CHECK(answer.hits[0].id == "a");
    CHECK(answer.note.empty());
    must(index->apply({.put = {{.id = "c", .text = "two cats"}}}));  // gets its vector at once
    CHECK(must(index->statistics()).dimensions == 3);
    CHECK_FALSE(must(index->learn()).is_new);
  }
}

TEST_CASE("a server that fails leaves full text, and the answer says so") {
  Server server;
  HttpEmbedder embedder({.endpoint = server.endpoint(), .model = "m", .timeout = std::chrono::milliseconds(200)});
  const test::Scratch scratch;
  const auto index = must(Index::open(scratch / "i.db", &embedder));
  must(index->apply(pets()));
  must(index->learn());
  for (const Mood mood : {Mood::wrong_size, Mood::garbage, Mood::refusing, Mood::silent}) {
    server.mood = mood;
    const Answer answer = must(index->search({.text = "disk"}));
    REQUIRE(answer.hits.size() == 1);
    CHECK(answer.hits[0].id == "b");
    CHECK(answer.note.starts_with("found by full text alone: "));
  }
  CHECK_FALSE(must(index->apply({.put = {{.id = "d", .text = "no vector"}}})).note.empty());
  server.mood = Mood::well;
  CHECK(must(index->learn()).documents == 1);
}

TEST_CASE("answers of embedding servers are checked") {
  const auto code = [](std::string_view body) { return code_of(parse_vectors(body, EmbedDialect::openai, 2)); };
  for (const std::string_view body : {"", "[]", "{}", R"({"data": 1})", R"({"data": [{"embedding": [1]}]})",
                                      R"({"data": [{"embedding": [1]}, {"embedding": [1, 2]}]})",
                                      R"({"data": [{"embedding": [1]}, {"embedding": []}]})",
                                      R"({"data": [{"embedding": [1]}, {"embedding": ["1"]}]})",
                                      R"({"data": [{"embedding": [1]}, {"embedding": [1e99]}]})",
                                      R"({"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}]})",
                                      R"({"data": [{"index": -1, "embedding": [1]}, {"index": 7, "embedding": [1]}]})"})
    CHECK_MESSAGE(code(body) == ErrorCode::corrupt, body);
  const auto turned = must(parse_vectors(
      R"({"data": [{"index": 1, "embedding": [1]}, {"index": 0, "embedding": [2]}]})", EmbedDialect::openai, 2));
  CHECK(turned == std::vector<Vector>{{2}, {1}});
}

TEST_CASE("addresses of embedding servers are those of this machine") {
  CHECK(must(embed_server("http://localhost:11434", "m")).dialect == EmbedDialect::ollama);
  const EmbedServer openai = must(embed_server("http://127.0.0.1:8080/v1/embeddings", "m"));
  CHECK(openai.dialect == EmbedDialect::openai);
  CHECK(openai.path == "/v1/embeddings");
  CHECK(openai.endpoint.port == 8080);
  for (const char* url : {"", "http://", "https://localhost:1", "http://example.org", "http://127.0.0.1:x",
                          "http://localhost:70000", "http://127.0.0.1.example.org:1", "http://u@localhost:1"})
    CHECK_MESSAGE(code_of(embed_server(url, "m")) == ErrorCode::invalid_argument, url);
}

}  // namespace lilux::search
