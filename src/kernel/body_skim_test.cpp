#include "kernel/body_skim.h"

#include <doctest/doctest.h>

#include "base/json.h"
#include "kernel/record.h"

namespace lilux::kernel {
namespace {

TEST_CASE("what the index wants is found among everything else") {
  Body body;
  body.call = "c1";
  body.tool = "fs.write";
  body.task = "t1";
  body.principal = "agent";
  body.reason = R"(a "quoted" \ reason with } and ] and , in it)";
  body.cause = "c0";
  body.arguments =
      base::JsonObject{{"path", "/x"}, {"deep", base::JsonArray{1, base::JsonObject{{"call", "not this"}}}}};
  body.undo = "exact";
  body.needs = {"write fs /a \"b\"", "read fs /c"};
  body.inverse = base::JsonObject{{"tool", "fs.delete"}};
  body.result = "error";
  body.error = RecordedError{.code = "denied", .message = "no", .hint = {}, .rule = {}};
  body.cost = Cost{.wall_us = 123, .tokens = 4};
  body.changes = std::vector<Change>{{.table = "undone", .id = "c0", .value = "c1"}};
  for (const base::JsonStyle style : {base::JsonStyle::compact, base::JsonStyle::spaced, base::JsonStyle::pretty}) {
    const std::optional<SkimmedBody> skimmed = skim(base::to_text(base::encode(body), style));
    REQUIRE(skimmed);
    CHECK(skimmed->call == "c1");
    CHECK(skimmed->tool == "fs.write");
    CHECK(skimmed->task == "t1");
    CHECK(skimmed->principal == "agent");
    CHECK(skimmed->cause == "c0");
    CHECK(skimmed->result == "error");
    CHECK(skimmed->undo == "exact");
    CHECK(skimmed->need == "write fs /a \"b\"");
    CHECK(skimmed->error_code == "denied");
    CHECK(skimmed->wall_us == 123);
    CHECK(skimmed->has_inverse);
    CHECK(skimmed->changes == R"([{"table":"undone","id":"c0","value":"c1"}])");
  }
}

TEST_CASE("escapes in names are undone") {
  CHECK(skim(R"({"task":"a\"b\\c\u00e9\n"})")->task == "a\"b\\c\u00e9\n");
  CHECK(skim(R"({"reason":"\\","task":"t"})")->task == "t");
}

TEST_CASE("members of another type than expected are left out") {
  const auto skimmed =
      skim(R"({"call":7,"error":"no","cost":{"wall_us":1.5},"inverse":null,"tool":["x"],"needs":[7],"result":"ok"})");
  REQUIRE(skimmed);
  CHECK(skimmed->call.empty());
  CHECK(skimmed->tool.empty());
  CHECK(skimmed->need.empty());
  CHECK(skimmed->error_code.empty());
  CHECK(skimmed->wall_us == 0);
  CHECK_FALSE(skimmed->has_inverse);
  CHECK(skimmed->result == "ok");
}

TEST_CASE("what is no object gives nothing, wherever it is cut") {
  CHECK(skim("{}"));
  for (const char* text : {"", "null", "[]", "\"x\"", "{", "{}{}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}"}) {
    CAPTURE(text);
    CHECK_FALSE(skim(text));
  }
  const std::string whole = R"({"call":"c","error":{"code":"x\"","list":[1,{"a":[]}]},"changes":[{"table":"undone"}]})";
  for (std::size_t cut = 0; cut < whole.size(); ++cut) CHECK_FALSE(skim(whole.substr(0, cut)));
  CHECK(skim(whole));
}

}  // namespace
}  // namespace lilux::kernel
