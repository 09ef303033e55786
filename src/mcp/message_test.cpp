#include "mcp/message.h"

#include <doctest/doctest.h>

namespace lilux::mcp {
namespace {

using base::Json;
using base::JsonObject;

TEST_CASE("requests, notifications and responses are told apart") {
  const auto request = read_message(R"({"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"cursor":"3"}})");
  REQUIRE(request);
  CHECK(request->kind == Message::Kind::request);
  CHECK(request->id == Json(7));
  CHECK(request->method == "tools/list");
  CHECK(request->params.string_or("cursor") == "3");
  const auto notification = read_message(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  REQUIRE(notification);
  CHECK(notification->kind == Message::Kind::notification);
  CHECK(notification->params.is_object());
  const auto result = read_message(R"({"jsonrpc":"2.0","id":"a","result":{"x":1}})");
  REQUIRE(result);
  CHECK(result->kind == Message::Kind::response);
  CHECK(result->result->integer_or("x") == 1);
  const auto error = read_message(R"({"jsonrpc":"2.0","id":"a","error":{"code":-1,"message":"no"}})");
  REQUIRE(error);
  CHECK(error->error->string_or("message") == "no");
}

TEST_CASE("what is broken is told, with the id where there is one") {
  struct Case {
    std::string_view text;
    RpcCode code;
    Json id = {};
  };
  for (const Case& broken : {
           Case{"", RpcCode::parse_error},
           Case{"{", RpcCode::parse_error},
           Case{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\xff\"}", RpcCode::parse_error},
           Case{"[]", RpcCode::invalid_request},
           Case{R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])", RpcCode::invalid_request},
           Case{"7", RpcCode::invalid_request},
           Case{"{}", RpcCode::invalid_request},
           Case{R"({"id":1,"method":"ping"})", RpcCode::invalid_request, 1},
           Case{R"({"jsonrpc":"1.0","id":1,"method":"ping"})", RpcCode::invalid_request, 1},
           Case{R"({"jsonrpc":"2.0","id":null,"method":"ping"})", RpcCode::invalid_request},
           Case{R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", RpcCode::invalid_request},
           Case{R"({"jsonrpc":"2.0","id":{},"method":"ping"})", RpcCode::invalid_request},
           Case{R"({"jsonrpc":"2.0","id":1,"method":""})", RpcCode::invalid_request, 1},
           Case{R"({"jsonrpc":"2.0","id":1,"method":2})", RpcCode::invalid_request, 1},
           Case{R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[1]})", RpcCode::invalid_params, 1},
           Case{R"({"jsonrpc":"2.0","id":1,"method":"ping","result":{}})", RpcCode::invalid_request, 1},
           Case{R"({"jsonrpc":"2.0","id":1})", RpcCode::invalid_request, 1},
           Case{R"({"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1}})", RpcCode::invalid_request, 1},
           Case{R"({"jsonrpc":"2.0","id":1,"result":3})", RpcCode::invalid_request, 1},
           Case{R"({"jsonrpc":"2.0","id":1,"error":{"message":"no code"}})", RpcCode::invalid_request, 1},
       }) {
    CAPTURE(broken.text);
    const auto read = read_message(broken.text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == broken.code);
    CHECK(read.error().id == broken.id);
    CHECK_FALSE(read.error().message.empty());
  }
}

TEST_CASE("size and depth have limits") {
  const std::string long_one = R"({"jsonrpc":"2.0","method":"a","params":{"x":")" + std::string(100, 'x') + "\"}}";
  CHECK(read_message(long_one));
  CHECK_FALSE(read_message(long_one, {.bytes_max = 100}));
  const std::string deep =
      R"({"jsonrpc":"2.0","method":"a","params":{"x":)" + std::string(40, '[') + std::string(40, ']') + "}}";
  CHECK(read_message(deep));
  CHECK_FALSE(read_message(deep, {.depth_max = 40}));
}

TEST_CASE("what is written can be read") {
  const auto request = read_message(base::to_text(request_message("a", "ping", JsonObject{})));
  REQUIRE(request);
  CHECK(request->id == Json("a"));
  CHECK(read_message(base::to_text(notification_message("notifications/x", JsonObject{})))->kind ==
        Message::Kind::notification);
  CHECK(read_message(base::to_text(result_message(1, JsonObject{{"x", 1}})))->result->integer_or("x") == 1);
  const RpcError error{.code = RpcCode::unknown_method, .message = "no", .data = Json(JsonObject{{"y", 2}}), .id = 3};
  const auto back = read_message(base::to_text(error_message(error)));
  REQUIRE(back);
  CHECK(back->error->integer_or("code") == -32601);
  CHECK(back->error->find("data")->integer_or("y") == 2);
}

}  // namespace
}  // namespace lilux::mcp
