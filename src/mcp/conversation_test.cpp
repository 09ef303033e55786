#include "mcp/conversation.h"

#include <vector>

#include <doctest/doctest.h>

namespace lilux::mcp {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

// Tools that answer at once, later, or when they are cancelled.
class TestHost : public Host {
 public:
  JsonObject info() const override { return {{"name", "test"}, {"version", "1"}}; }
  std::string instructions() const override { return "Use it."; }
  JsonArray tools() const override {
    JsonArray all;
    for (int i = 0; i < 5; ++i) all.emplace_back(JsonObject{{"name", "t" + std::to_string(i)}});
    return all;
  }
  std::expected<void, RpcError> call(Call call) override {
    if (call.tool == "no") return std::unexpected(RpcError{.code = RpcCode::invalid_params, .message = "no such tool"});
    if (call.tool == "progress") call.progress({.done = 1, .total = 2, .message = "half"});
    if (call.tool == "later") {
      waiting.push_back(std::move(call));
      return {};
    }
    call.done(JsonObject{{"content", JsonArray{}}, {"said", call.arguments}});
    return {};
  }
  std::vector<Call> waiting;
};

struct Peer {
  void send(const std::string& text) {
    const auto message = read_message(text);
    REQUIRE(message);
    conversation->take(*message, [this](const Json& answer, bool is_last) {
      if (answer.is_null())
        ++given_up;
      else
        answers.push_back(answer);
      ends += is_last ? 1 : 0;
    });
  }
  Json ask(const std::string& method, const std::string& params = "{}") {
    const std::size_t before = answers.size();
    send(R"({"jsonrpc":"2.0","id":)" + std::to_string(++id) + R"(,"method":")" + method + R"(","params":)" + params +
         "}");
    REQUIRE(answers.size() == before + 1);
    CHECK(answers.back().integer_or("id") == id);
    return answers.back();
  }
  Json result(const std::string& method, const std::string& params = "{}") {
    const Json answer = ask(method, params);
    REQUIRE(answer.find("result"));
    return *answer.find("result");
  }
  std::int64_t error(const std::string& method, const std::string& params = "{}") {
    const Json answer = ask(method, params);
    REQUIRE(answer.find("error"));
    CHECK_FALSE(answer.find("error")->string_or("message").empty());
    return answer.find("error")->integer_or("code");
  }
  void shake_hands() {
    result("initialize",
           R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}})");
  }

  std::shared_ptr<TestHost> host = std::make_shared<TestHost>();
  std::unique_ptr<Conversation> conversation =
      std::make_unique<Conversation>(host, Conversation::Limits{.open_max = 3, .page = 2});
  std::vector<Json> answers;
  int id = 0;
  int ends = 0;
  int given_up = 0;
};

const std::string kMeta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}})";

TEST_CASE("a handshake settles the revision") {
  for (const std::string revision : {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"}) {
    Peer peer;
    const Json said = peer.result("initialize", R"({"protocolVersion":")" + revision + R"(","capabilities":{}})");
    CHECK(said.string_or("protocolVersion") == revision);
    CHECK(said.find("serverInfo")->string_or("name") == "test");
    CHECK(said.string_or("instructions") == "Use it.");
    CHECK(said.find("capabilities")->find("tools"));
    CHECK_FALSE(said.find("resultType"));
  }
  Peer peer;
  CHECK(peer.result("initialize", R"({"protocolVersion":"2099-01-01"})").string_or("protocolVersion") == "2025-11-25");
  CHECK(peer.error("initialize", R"({"protocolVersion":5})") == -32602);
}

TEST_CASE("before the handshake only ping and the modern era are answered") {
  Peer peer;
  CHECK(peer.result("ping").is_object());
  CHECK(peer.error("tools/list") == -32600);
  CHECK(peer.error("tools/call", R"({"name":"t0"})") == -32600);
  CHECK(peer.result("tools/list", "{" + kMeta + "}").find("tools"));
  CHECK(peer.error("tools/list") == -32600);  // one modern request shakes no hands
}

TEST_CASE("a modern request says everything itself") {
  Peer peer;
  const Json found = peer.result("server/discover", "{" + kMeta + "}");
  CHECK(found.find("supportedVersions")->as_array().front() == Json("2026-07-28"));
  CHECK(found.string_or("resultType") == "complete");
  CHECK(found.integer_or("ttlMs") > 0);
  CHECK(found.string_or("cacheScope") == "private");
  CHECK(found.find("_meta")->find("io.modelcontextprotocol/serverInfo")->string_or("name") == "test");
  const Json called = peer.result("tools/call", R"({"name":"t0","arguments":{"a":1},)" + kMeta + "}");
  CHECK(called.string_or("resultType") == "complete");
  CHECK(called.find("said")->integer_or("a") == 1);
  CHECK(peer.error("ping", "{" + kMeta + "}") == -32601);
  CHECK(peer.error("server/discover") == -32602);
  CHECK(peer.error("tools/list", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})") == -32602);
  CHECK(peer.error("tools/list", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":7}})") == -32602);
  const Json other = peer.ask("tools/list", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2027-01-01"}})");
  CHECK(other.find("error")->integer_or("code") == -32022);
  CHECK(other.find("error")->find("data")->find("supported")->as_array().size() == 5);
}

TEST_CASE("lists come in pages") {
  Peer peer;
  peer.shake_hands();
  std::string names;
  std::string params = "{}";
  int pages = 0;
  do {
    const Json page = peer.result("tools/list", params);
    for (const Json& tool : page.find("tools")->as_array()) names += tool.string_or("name");
    const std::string next = page.string_or("nextCursor");
    params = next.empty() ? "" : R"({"cursor":")" + next + "\"}";
    ++pages;
  } while (!params.empty());
  CHECK(names == "t0t1t2t3t4");
  CHECK(pages == 3);
  for (const std::string bad : {"\"\"", "\"x\"", "\"0\"", "\"-1\"", "\"5\"", "\"99999999999999999999\"", "4"})
    CHECK(peer.error("tools/list", "{\"cursor\":" + bad + "}") == -32602);
}

TEST_CASE("calls that cannot be made are refused") {
  Peer peer;
  peer.shake_hands();
  CHECK(peer.error("tools/call") == -32602);
  CHECK(peer.error("tools/call", R"({"name":7})") == -32602);
  CHECK(peer.error("tools/call", R"({"name":"t0","arguments":[]})") == -32602);
  CHECK(peer.error("tools/call", R"({"name":"no"})") == -32602);
  CHECK(peer.error("no/such") == -32601);
}

TEST_CASE("progress is for those who asked for it") {
  Peer peer;
  peer.shake_hands();
  peer.ask("tools/call", R"({"name":"progress"})");
  peer.send(
      R"({"jsonrpc":"2.0","id":"p","method":"tools/call","params":{"name":"progress","_meta":{"progressToken":"x"}}})");
  const Json& told = peer.answers[peer.answers.size() - 2];
  CHECK(told.string_or("method") == "notifications/progress");
  CHECK(told.find("params")->string_or("progressToken") == "x");
  CHECK(told.find("params")->string_or("message") == "half");
}

TEST_CASE("a cancelled call stops and is not answered") {
  Peer peer;
  peer.shake_hands();
  const std::size_t before = peer.answers.size();
  peer.send(R"({"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"later"}})");
  REQUIRE(peer.host->waiting.size() == 1);
  peer.send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"b"}})");
  CHECK_FALSE(peer.host->waiting[0].cancel.stop_requested());
  peer.send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}})");
  CHECK(peer.host->waiting[0].cancel.stop_requested());
  peer.host->waiting[0].done(JsonObject{});
  CHECK(peer.answers.size() == before);
  CHECK(peer.given_up == 1);
}

TEST_CASE("who has gone is not answered, and what he asked for stops") {
  Peer peer;
  peer.shake_hands();
  peer.send(R"({"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"later"}})");
  const std::size_t before = peer.answers.size();
  peer.conversation.reset();
  REQUIRE(peer.host->waiting.size() == 1);
  CHECK(peer.host->waiting[0].cancel.stop_requested());
  peer.host->waiting[0].done(JsonObject{});
  CHECK(peer.answers.size() == before);
}

TEST_CASE("open requests are bounded and their ids are theirs") {
  Peer peer;
  peer.shake_hands();
  for (const std::string id : {"1000", "\"1000\"", "1002"})
    peer.send(R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":{"name":"later"}})");
  CHECK(peer.host->waiting.size() == 3);
  CHECK(peer.error("ping") == -32603);
  peer.host->waiting[0].done(JsonObject{});
  CHECK(peer.answers.back().integer_or("id") == 1000);
  peer.send(R"({"jsonrpc":"2.0","id":1002,"method":"ping"})");
  CHECK(peer.answers.back().find("error")->integer_or("code") == -32600);
  CHECK(peer.result("ping").is_object());
}

}  // namespace
}  // namespace lilux::mcp
