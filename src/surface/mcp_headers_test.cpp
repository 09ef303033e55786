#include "surface/mcp_headers.h"

#include <doctest/doctest.h>

#include "mcp/conversation.h"
#include "tools/table.h"

namespace lilux::surface {
namespace {

using base::Json;
using base::JsonObject;
using mcp::Message;

Message message(std::string method, JsonObject params) {
  params.set("_meta", JsonObject{{mcp::kMetaRevision, mcp::kModernRevision}});
  return {.kind = Message::Kind::request, .id = 7, .method = std::move(method), .params = std::move(params)};
}

net::Request with_headers(std::initializer_list<std::pair<std::string, std::string>> fields) {
  net::Request request;
  for (const auto& [name, value] : fields) request.headers.add(name, value);
  return request;
}

TEST_CASE("a field's value may come in Base64") {
  CHECK(field_value(" plain ") == "plain");
  CHECK(field_value("=?base64?w7xiZXI=?=") == "über");
  CHECK(field_value(std::string("=?base64?") + "?=") == "");
  CHECK_FALSE(field_value("=?base64?not base64!?="));
  CHECK(field_value("=?base64?=") == "=?base64?=");  // its marks overlap: it is a text like others
}

TEST_CASE("headers repeat what the message says") {
  const auto offer = Offer::make(tools::table(), own_resources(), "all");
  REQUIRE(offer);
  const Message read = message("tools/call", {{"name", "fs_read"}});
  const std::string revision(mcp::kModernRevision);
  const auto wrong = [&](std::initializer_list<std::pair<std::string, std::string>> fields) -> std::string {
    const auto found = header_mismatch(with_headers(fields), read, *offer);
    if (!found) return {};
    CHECK(found->code == mcp::RpcCode::header_mismatch);
    CHECK(found->id == Json(7));
    return found->message;
  };
  CHECK(wrong({{"MCP-Protocol-Version", revision}, {"Mcp-Method", "tools/call"}, {"Mcp-Name", "fs_read"}}).empty());
  CHECK(wrong({{"Mcp-Method", "tools/call"}, {"Mcp-Name", "fs_read"}}) == "MCP-Protocol-Version is missing");
  CHECK(wrong({{"MCP-Protocol-Version", "2025-11-25"}, {"Mcp-Method", "tools/call"}, {"Mcp-Name", "fs_read"}}) ==
        "MCP-Protocol-Version says something else than the message");
  CHECK(wrong({{"MCP-Protocol-Version", revision}, {"Mcp-Name", "fs_read"}}) == "Mcp-Method is missing");
  CHECK(wrong({{"MCP-Protocol-Version", revision}, {"Mcp-Method", "tools/call"}}) == "Mcp-Name is missing");
  CHECK(wrong({{"MCP-Protocol-Version", revision}, {"Mcp-Method", "tools/call"}, {"Mcp-Name", "fs_write"}}) ==
        "Mcp-Name says something else than the message");
  CHECK(wrong({{"MCP-Protocol-Version", revision}, {"Mcp-Method", "tools/call"}, {"Mcp-Name", "=?base64?!?="}}) ==
        "Mcp-Name says something else than the message");
}

TEST_CASE("a message without a revision is nobody's mismatch") {
  const auto offer = Offer::make(tools::table(), own_resources(), "all");
  REQUIRE(offer);
  const Message bare{.kind = Message::Kind::request, .id = 7, .method = "tools/list", .params = JsonObject{}};
  CHECK_FALSE(meta_revision(bare));
  CHECK_FALSE(header_mismatch(with_headers({}), bare, *offer));
  const Message odd{.kind = Message::Kind::request,
                    .id = 7,
                    .method = "tools/list",
                    .params = JsonObject{{"_meta", JsonObject{{mcp::kMetaRevision, 3}}}}};
  CHECK_FALSE(meta_revision(odd));
}

}  // namespace
}  // namespace lilux::surface
