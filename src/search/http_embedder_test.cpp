#include "search/http_embedder.h"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "base/json.h"
#include "net/http_server.h"
#include "search/index.h"
#include "sys/file.h"
#include "tests/support/scratch.h"
#include "tests/support/tls_peer.h"

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
      if (const std::string* said = request.headers.find("Authorization")) authorization = *said;
      if (!wanted.empty() && authorization != "Bearer " + wanted) return exchange.respond({.status = 401});
      if (mood == Mood::silent) return waiting_.push_back(std::move(exchange));
      if (mood == Mood::refusing) return exchange.respond({.status = 503});
      exchange.respond({.body = mood == Mood::garbage ? "<html>" : answer(request)});
    }));
  }
  net::Endpoint endpoint() const { return {.port = server_->port()}; }

  std::atomic<Mood> mood = Mood::well;
  std::atomic<int> asked = 0;
  std::string wanted = {};  // the key; set before it is asked
  std::string authorization = {};

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

TEST_CASE("addresses of embedding servers are those of this machine, or of any over https") {
  CHECK(must(embed_server("http://localhost:11434", "m")).dialect == EmbedDialect::ollama);
  const EmbedServer openai = must(embed_server("http://127.0.0.1:8080/v1/embeddings", "m"));
  CHECK(openai.dialect == EmbedDialect::openai);
  CHECK(openai.path == "/v1/embeddings");
  CHECK(openai.endpoint.port == 8080);
  CHECK_FALSE(openai.endpoint.is_tls);
  const EmbedServer far = must(embed_server("https://api.example.org/v1/embeddings", "m"));
  CHECK(far.endpoint.is_tls);
  CHECK(far.endpoint.host == "api.example.org");
  CHECK(far.endpoint.port == 443);
  CHECK(must(embed_server("https://[2001:db8::1]:8443", "m")).endpoint.host == "2001:db8::1");
  for (const char* url : {"", "http://", "https://", "http://example.org", "http://127.0.0.1:x", "https://a:0",
                          "http://localhost:70000", "http://127.0.0.1.example.org:1", "http://u@localhost:1",
                          "https://u:p@example.org", "https://a b", "https://a/?k=v", "https://a/#f", "ftp://a"})
    CHECK_MESSAGE(code_of(embed_server(url, "m")) == ErrorCode::invalid_argument, url);
}

TEST_CASE("a key is read from where it is said to be, when it is needed") {
  Server server;
  server.wanted = "right";
  const test::Scratch scratch;
  const std::string file = scratch / "key";
  HttpEmbedder embedder({.endpoint = server.endpoint(), .model = "m", .key_from = "file:" + file});
  const Passage one{.text = "cat"};
  CHECK(code_of(embedder.embed({&one, 1})) == ErrorCode::not_found);
  CHECK(server.asked == 0);
  must(sys::write_file_atomic(file, "right\n", 0640));
  const auto open = embedder.embed({&one, 1});
  CHECK(code_of(open) == ErrorCode::denied);
  CHECK(open.error().hint == "chmod 600 " + file);
  CHECK(server.asked == 0);
  must(sys::write_file_atomic(file, "wrong\n", 0600));
  const auto refused = embedder.embed({&one, 1});
  CHECK(code_of(refused) == ErrorCode::unauthenticated);
  CHECK_FALSE((refused.error().message + refused.error().hint).contains("wrong"));
  must(sys::write_file_atomic(file, "right\n", 0600));
  CHECK(must(embedder.embed({&one, 1})).size() == 1);
  CHECK(server.authorization == "Bearer right");
}

TEST_CASE("what is no key, or no place of one, is refused and not repeated") {
  ::setenv("LILUX_TEST_KEY", " sk-1 ", 1);
  CHECK(code_of(read_key("env:LILUX_TEST_KEY")) == ErrorCode::invalid_argument);
  ::setenv("LILUX_TEST_KEY", "sk-1\n", 1);
  CHECK(must(read_key("env:LILUX_TEST_KEY")) == "sk-1");
  ::setenv("LILUX_TEST_KEY", "sk-1\r\nX-Other: 2", 1);
  CHECK_FALSE(read_key("env:LILUX_TEST_KEY").error().message.contains("sk-1"));
  ::unsetenv("LILUX_TEST_KEY");
  CHECK(code_of(read_key("env:LILUX_TEST_KEY")) == ErrorCode::not_found);
  const auto pasted = read_key("sk-2");
  CHECK(code_of(pasted) == ErrorCode::invalid_argument);
  CHECK_FALSE((pasted.error().message + pasted.error().hint).contains("sk-2"));
}

TEST_CASE("over https vectors come from who proves to be the server, and the key goes to nobody else") {
  const test::Scratch scratch;
  const test::Certificate authority({});
  const test::Trusted trusted(authority, scratch / "ca.pem");
  must(sys::write_file_atomic(scratch / "key", "right", 0600));
  const auto vectors = [&](const test::TlsPeer& peer) {
    EmbedServer server = must(embed_server("https://localhost:" + std::to_string(peer.port()) + "/v1/embeddings", "m"));
    server.key_from = "file:" + (scratch / "key");
    HttpEmbedder embedder(server);
    const Passage one{.text = "cat"};
    return embedder.embed({&one, 1});
  };
  const test::Certificate good({.names = "DNS:localhost"}, &authority);
  std::string heard;
  const test::TlsPeer peer(good, [&](const std::string& request) {
    heard = request;
    return std::string("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{\"data\":[{\"embedding\":[1,2]}]}");
  });
  CHECK(must(vectors(peer)) == std::vector<Vector>{{1, 2}});
  CHECK(heard.contains("Authorization: Bearer right\r\n"));

  const test::TlsPeer other(good, [](const std::string&) { return std::string(); });
  const test::TlsPeer sending_on(good, [&](const std::string&) {
    return "HTTP/1.1 307 Go on\r\nLocation: https://localhost:" + std::to_string(other.port()) +
           "/\r\nContent-Length: 0\r\n\r\n";
  });
  CHECK(vectors(sending_on).error().message.contains("answered 307"));
  CHECK(other.requests() == 0);

  const test::TlsPeer stranger(test::Certificate({.names = "DNS:elsewhere.test"}, &authority),
                               [](const std::string&) { return std::string(); });
  const auto refused = vectors(stranger);
  CHECK(code_of(refused) == ErrorCode::unauthenticated);
  CHECK(refused.error().message ==
        "the embedding server: cannot trust the certificate of 'localhost': hostname mismatch");
  CHECK(stranger.requests() == 0);
}

}  // namespace lilux::search
