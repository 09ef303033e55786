#include "mcp/conversation.h"

#include <vector>

#include <doctest/doctest.h>

namespace lilux::mcp {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

// Tools that answer at once, later, when they are cancelled, or when they have asked something.
class TestHost : public Host {
 public:
  JsonObject info() const override { return {{"name", "test"}, {"version", "1"}}; }
  std::string instructions() const override { return "Use it."; }
  JsonArray list(List what) const override {
    JsonArray all;
    for (int i = 0; i < (what == List::tools ? 5 : 1); ++i)
      all.emplace_back(JsonObject{{"name", "t" + std::to_string(i)}});
    return all;
  }
  std::expected<std::vector<std::string>, RpcError> complete(const Json& params) const override {
    if (params.find("ref")->string_or("name") != "p")
      return std::unexpected(RpcError{.code = RpcCode::invalid_params, .message = "no such prompt"});
    return std::vector<std::string>(120, "value");
  }
  void serve(Call call) override {
    const std::string name = call.params->string_or("name");
    if (name == "no") return call.asker->done(RpcError{.code = RpcCode::invalid_params, .message = "no such tool"});
    if (call.params->string_or("uri") == "x:no")
      return call.asker->done(RpcError{.code = RpcCode::resource_not_found, .message = "no such resource"});
    if (name == "progress") call.asker->progress({.done = 1, .total = 2, .message = "half"});
    if (name == "log") {
      call.asker->log(LogLevel::debug, "small");
      call.asker->log(LogLevel::warning, "large");
    }
    if (name == "ask" && call.answers.size() < 2) {
      Needed needed{.note = call.note + "asked,"};
      for (const std::string key : {"a", "b"}) {
        if (!call.answers.contains(key)) needed.questions.push_back({.key = key, .method = "elicitation/create"});
      }
      return call.asker->done(std::move(needed));
    }
    if (name == "later") {
      waiting.push_back(std::move(call));
      return;
    }
    JsonObject answers;
    for (const auto& [key, answer] : call.answers) answers.set(key, answer);
    call.asker->done(JsonObject{{"content", JsonArray{}},
                                {"said", *call.params},
                                {"client", call.client->name},
                                {"note", call.note},
                                {"answers", std::move(answers)}});
  }
  bool is_long(const Json& params) const override { return params.string_or("name") == "later"; }
  void expect(const Client& client) override { expected = client.name; }
  std::shared_ptr<void> watch(Watched, std::function<void(const Change&)> told) override {
    tell = std::move(told);
    return {static_cast<void*>(this), [this](void*) { tell = nullptr; }};
  }
  std::vector<Call> waiting;
  std::function<void(const Change&)> tell;
  std::string expected;
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
    result(
        "initialize",
        R"({"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}},"clientInfo":{"name":"c","version":"1"}})");
  }

  std::shared_ptr<TestHost> host = std::make_shared<TestHost>();
  std::unique_ptr<Conversation> conversation = std::make_unique<Conversation>(
      host, Conversation::Options{.open_max = 3,
                                  .watched_max = 2,
                                  .page = 2,
                                  .seal = [](std::string_view text) { return "sealed " + std::string(text); },
                                  .tell = [this](const Json& message) { unasked.push_back(message); }});
  std::vector<Json> unasked;
  std::vector<Json> answers;
  int id = 0;
  int ends = 0;
  int given_up = 0;
};

const std::string kMeta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}})";

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
  CHECK(called.find("said")->find("arguments")->integer_or("a") == 1);
  CHECK_FALSE(called.find("said")->find("_meta"));
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
  CHECK(peer.host->expected == "c");
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
  peer.host->waiting[0].asker->done(JsonObject{});
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
  peer.host->waiting[0].asker->done(JsonObject{});
  CHECK(peer.answers.size() == before);
}

TEST_CASE("open requests are bounded and their ids are theirs") {
  Peer peer;
  peer.shake_hands();
  for (const std::string id : {"1000", "\"1000\"", "1002"})
    peer.send(R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":{"name":"later"}})");
  CHECK(peer.host->waiting.size() == 3);
  CHECK(peer.error("ping") == -32603);
  peer.host->waiting[0].asker->done(JsonObject{});
  CHECK(peer.answers.back().integer_or("id") == 1000);
  peer.send(R"({"jsonrpc":"2.0","id":1002,"method":"ping"})");
  CHECK(peer.answers.back().find("error")->integer_or("code") == -32600);
  CHECK(peer.result("ping").is_object());
}

TEST_CASE("a modern request that needs something is sent again with the answers, and nobody can forge what was kept") {
  Peer peer;
  const std::string request = R"({"name":"ask","arguments":{"x":1},)" + kMeta;
  const Json first = peer.result("tools/call", request + "}");
  CHECK(first.string_or("resultType") == "input_required");
  CHECK(first.find("inputRequests")->as_object().size() == 2);
  CHECK(first.find("inputRequests")->find("a")->string_or("method") == "elicitation/create");
  const std::string state = first.string_or("requestState");
  const auto again = [&](const std::string& kept, const std::string& answers) {
    return request + R"(,"requestState":")" + kept + R"(","inputResponses":)" + answers + "}";
  };
  const Json second = peer.result("tools/call", again(state, R"({"a":{"action":"accept"}})"));
  CHECK(second.string_or("resultType") == "input_required");
  CHECK(second.find("inputRequests")->as_object().size() == 1);
  const Json done = peer.result("tools/call", again(second.string_or("requestState"), R"({"b":{"action":"decline"}})"));
  CHECK(done.string_or("resultType") == "complete");
  CHECK(done.find("answers")->find("a")->string_or("action") == "accept");
  CHECK(done.string_or("note") == "asked,asked,");
  for (const std::string& bad : {state + "x", "x" + state, std::string("x"), std::string()})
    CHECK(peer.error("tools/call", again(bad, "{}")) == -32602);
  const std::string other = R"({"name":"ask","arguments":{"x":2},)" + kMeta + R"(,"requestState":")" + state + "\"}";
  CHECK(peer.error("tools/call", other) == -32602);
  CHECK(peer.error("tools/call", again(state, "7")) == -32602);
}

TEST_CASE("what a client cannot be asked is an error that says so") {
  Peer peer;
  const Json answer = peer.ask(
      "tools/call",
      R"({"name":"ask","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}})");
  CHECK(answer.find("error")->integer_or("code") == -32021);
  CHECK(answer.find("error")->find("data")->find("requiredCapabilities")->find("elicitation"));
}

TEST_CASE("in the older era the peer is asked by requests, and answers late or never") {
  Peer peer;
  peer.shake_hands();
  const std::size_t before = peer.answers.size();
  peer.send(R"({"jsonrpc":"2.0","id":"q","method":"tools/call","params":{"name":"ask"}})");
  REQUIRE(peer.answers.size() == before + 2);
  CHECK(peer.answers.back().string_or("method") == "elicitation/create");
  const auto reply = [&](std::size_t which, const std::string& rest) {
    peer.send(R"({"jsonrpc":"2.0","id":)" + std::to_string(peer.answers[before + which].integer_or("id")) + "," + rest +
              "}");
  };
  reply(0, R"("result":{"action":"accept"})");
  reply(0, R"("result":{"action":"decline"})");  // once is enough
  CHECK(peer.answers.size() == before + 2);
  reply(1, R"("error":{"code":-1,"message":"no"})");
  REQUIRE(peer.answers.size() == before + 3);
  CHECK(peer.answers.back().string_or("id") == "q");
  CHECK(peer.answers.back().find("result")->find("answers")->find("a")->string_or("action") == "accept");
  CHECK(peer.answers.back().find("result")->find("answers")->find("b")->find("error"));
  // One that is given up while it asks.
  peer.send(R"({"jsonrpc":"2.0","id":"r","method":"tools/call","params":{"name":"ask"}})");
  const std::int64_t asked = peer.answers.back().integer_or("id");
  peer.send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"r"}})");
  CHECK(peer.given_up == 1);
  const std::size_t after = peer.answers.size();
  peer.send(R"({"jsonrpc":"2.0","id":)" + std::to_string(asked) + R"(,"result":{}})");
  CHECK(peer.answers.size() == after);
}

TEST_CASE("log messages are for those who want them") {
  Peer peer;
  peer.shake_hands();
  const auto logged = [&](const std::string& params) {
    const std::size_t before = peer.answers.size();
    peer.send(R"({"jsonrpc":"2.0","id":"l","method":"tools/call","params":)" + params + "}");
    return peer.answers.size() - before - 1;
  };
  CHECK(logged(R"({"name":"log"})") == 1);
  peer.result("logging/setLevel", R"({"level":"debug"})");
  CHECK(logged(R"({"name":"log"})") == 2);
  peer.result("logging/setLevel", R"({"level":"emergency"})");
  CHECK(logged(R"({"name":"log"})") == 0);
  CHECK(peer.error("logging/setLevel", R"({"level":"loud"})") == -32602);
  CHECK(logged(R"({"name":"log",)" + kMeta + "}") == 0);
  std::string meta = kMeta;
  meta.insert(meta.size() - 1, R"(,"io.modelcontextprotocol/logLevel":"info")");
  CHECK(logged(R"({"name":"log",)" + meta + "}") == 1);
}

TEST_CASE("a subscription is acknowledged first, hears what it wants, and ends when it is given up") {
  Peer peer;
  peer.send(
      R"({"jsonrpc":"2.0","id":9,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true,"resourceSubscriptions":["x:1"]},)" +
      kMeta + "}}");
  REQUIRE(peer.answers.size() == 1);
  CHECK(peer.answers[0].string_or("method") == "notifications/subscriptions/acknowledged");
  CHECK(peer.answers[0].find("params")->find("_meta")->integer_or("io.modelcontextprotocol/subscriptionId") == 9);
  REQUIRE(peer.host->tell);
  peer.host->tell({.kind = Change::Kind::prompts});
  peer.host->tell({.kind = Change::Kind::resource, .subject = "x:2"});
  CHECK(peer.answers.size() == 1);
  peer.host->tell({.kind = Change::Kind::tools});
  peer.host->tell({.kind = Change::Kind::resource, .subject = "x:1"});
  REQUIRE(peer.answers.size() == 3);
  CHECK(peer.answers[1].string_or("method") == "notifications/tools/list_changed");
  CHECK(peer.answers[2].find("params")->string_or("uri") == "x:1");
  CHECK(peer.answers[2].find("params")->find("_meta")->integer_or("io.modelcontextprotocol/subscriptionId") == 9);
  peer.send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}})");
  CHECK(peer.given_up == 1);
  peer.host->tell({.kind = Change::Kind::tools});
  CHECK(peer.answers.size() == 3);
  CHECK(peer.unasked.empty());
  CHECK(peer.error("subscriptions/listen", "{" + kMeta + "}") == -32602);
  CHECK(peer.error("subscriptions/listen",
                   R"({"notifications":{"resourceSubscriptions":["a:","b:","c:"]},)" + kMeta + "}") == -32602);
}

TEST_CASE("whoever shook hands is told of lists, and of the resources it subscribed to") {
  Peer peer;
  peer.shake_hands();
  REQUIRE(peer.host->tell);
  peer.host->tell({.kind = Change::Kind::resource, .subject = "x:1"});
  CHECK(peer.unasked.empty());
  CHECK(peer.result("resources/subscribe", R"({"uri":"x:1"})").as_object().empty());
  peer.result("resources/subscribe", R"({"uri":"x:2"})");
  CHECK(peer.error("resources/subscribe", R"({"uri":"x:3"})") == -32603);
  peer.host->tell({.kind = Change::Kind::resource, .subject = "x:1"});
  peer.host->tell({.kind = Change::Kind::prompts});
  REQUIRE(peer.unasked.size() == 2);
  CHECK(peer.unasked[0].find("params")->string_or("uri") == "x:1");
  CHECK(peer.unasked[1].string_or("method") == "notifications/prompts/list_changed");
  peer.result("resources/unsubscribe", R"({"uri":"x:1"})");
  peer.host->tell({.kind = Change::Kind::resource, .subject = "x:1"});
  CHECK(peer.unasked.size() == 2);
  CHECK(peer.error("resources/subscribe") == -32602);
  peer.conversation.reset();
  CHECK_FALSE(peer.host->tell);
}

TEST_CASE("the other lists, completion, and what is not there") {
  Peer peer;
  peer.shake_hands();
  CHECK(peer.result("prompts/list").find("prompts"));
  CHECK(peer.result("resources/list").find("resources"));
  CHECK(peer.result("resources/templates/list").find("resourceTemplates"));
  const Json completed = peer.result("completion/complete",
                                     R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":""}})");
  CHECK(completed.find("completion")->find("values")->as_array().size() == 100);
  CHECK(completed.find("completion")->integer_or("total") == 120);
  CHECK(completed.find("completion")->bool_or("hasMore"));
  CHECK(peer.error("completion/complete", R"({"ref":{"name":"q"},"argument":{"name":"a"}})") == -32602);
  CHECK(peer.error("completion/complete", R"({"ref":{"name":"p"},"argument":7})") == -32602);
  CHECK(peer.error("resources/read", R"({"uri":"x:no"})") == -32002);
  CHECK(peer.error("resources/read", R"({"uri":"x:no",)" + kMeta + "}") == -32602);
  CHECK(peer.error("resources/read", R"({"uri":7})") == -32602);
  const Json read = peer.result("resources/read", R"({"uri":"x:1",)" + kMeta + "}");
  CHECK(read.integer_or("ttlMs", -1) >= 0);
}

TEST_CASE("a conversation that is over begins nothing") {
  Peer peer;
  peer.shake_hands();
  peer.conversation->close();
  CHECK(peer.error("tools/call", R"({"name":"later"})") == -32603);
  CHECK(peer.host->waiting.empty());
}

TEST_CASE("where nobody shakes hands, each request says its revision") {
  Peer peer;
  peer.conversation = std::make_unique<Conversation>(peer.host, Conversation::Options{.is_stateless = true});
  CHECK(peer.error("tools/list") == -32602);
  CHECK(peer.error("initialize", R"({"protocolVersion":"2025-11-25"})") == -32602);
  CHECK(peer.result("tools/list", "{" + kMeta + "}").find("tools"));
}

}  // namespace
}  // namespace lilux::mcp
