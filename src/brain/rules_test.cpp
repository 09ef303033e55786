#include <algorithm>

#include <doctest/doctest.h>

#include "brain/matcher.h"
#include "brain/rule.h"

namespace lilux::brain {
namespace {

using base::Json;
using base::JsonObject;
using base::Result;

constexpr std::int64_t kSecond = 1'000'000;

Result<Json> schema_of(std::string_view tool) {
  if (tool != "fs.write") return base::fail(base::ErrorCode::not_found, "unknown tool '" + std::string(tool) + "'");
  return base::parse_json(R"({"properties": {"path": {}, "content": {}}, "required": ["path"]})");
}

RuleFile parsed(std::string_view text) {
  Result<RuleFile> file = parse_rules(text, "rules.toml", schema_of);
  if (!file) FAIL(file.error().message);
  return *std::move(file);
}

// Why the one rule is refused.
std::string refusal(const std::string& lines) {
  const RuleFile file = parsed("[[rule]]\nname = \"r\"\n" + lines);
  REQUIRE(file.refused.size() == 1);
  CHECK(file.rules.empty());
  return file.refused[0].error.message;
}

Json event(std::string_view text) {
  return base::parse_json(text).value();
}

const std::string kThen = "then = \"fs.write\"\nwith = { path = \"a\" }\n";

TEST_CASE("a rule that is wrong is refused alone, with its line, and the others stay") {
  const RuleFile file = parsed(
      "[[rule]]\nname = \"one\"\nwhen = \"call.ok\"\nthen = \"fs.write\"\nwith = { path = \"a\" }\n"
      "\n[[rule]]\nname = \"two\"\nwhen = \"call.ok\"\nthen = \"no.tool\"\n"
      "\n[[rule]]\nname = \"one\"\nwhen = \"call.ok\"\nthen = \"fs.write\"\nwith = { path = \"a\" }\n");
  REQUIRE(file.rules.size() == 1);
  CHECK(file.rules[0].line == 1);
  REQUIRE(file.refused.size() == 2);
  CHECK(file.refused[0].error.message == "rules.toml:7: rule 'two': unknown tool 'no.tool'");
  CHECK(file.refused[1].error.message == "rules.toml:12: rule 'one': there is a rule of that name above");
}

TEST_CASE("one sentence with alternatives is several") {
  const RuleFile file = parsed(
      "[[rule]]\nname = \"r\"\nsays = [\"(note|jot) [down] {{what}}\", \"keep {{what}}\"]\n"
      "then = \"fs.write\"\nwith = { path = \"{{what}}\" }\nmatch = [\"jot down milk\", \"note milk\", \"keep it\"]\n");
  REQUIRE(file.rules.size() == 1);
  CHECK(file.rules[0].says.size() == 5);
  CHECK(refusal("says = \"(note|jot {{what}}\"\n" + kThen).find("'(' that does not end") != std::string::npos);
  CHECK(refusal("says = [\"(a|b|c|d) (a|b|c|d) (a|b|c|d) (a|b|c|d) (a|b|c|d)\"]\n" + kThen)
            .find("more than 1000 sentences") != std::string::npos);
}

TEST_CASE("refusals say what is wrong with a rule") {
  CHECK(refusal(kThen).find("say what it waits for") != std::string::npos);
  CHECK(refusal("when = \"[\"\n" + kThen).find("'['") != std::string::npos);
  CHECK(refusal("wehn = \"x\"\n" + kThen).find("unknown key 'wehn'") != std::string::npos);
  CHECK(refusal("when = \"x\"\nthen = \"fs.write\"\n").find("needs 'path'") != std::string::npos);
  CHECK(refusal("when = \"x\"\nthen = \"fs.write\"\nwith = { path = \"a\", paht = 1 }\n").find("'paht'") !=
        std::string::npos);
  CHECK(refusal("when = \"x\"\ncount = 3\n" + kThen).find("belong together") != std::string::npos);
  CHECK(refusal("when = \"x\"\ncooldown = \"soon\"\n" + kThen).find("'cooldown'") != std::string::npos);
  CHECK(refusal("says = \"{{all}}\"\n" + kThen).find("no word of its own") != std::string::npos);
  CHECK(refusal("says = \"go {{a}} {{b}}\"\n" + kThen).find("another gap") != std::string::npos);
  CHECK(refusal("says = \"go\"\nthen = \"fs.write\"\nwith = { path = \"{{where}}\" }\n").find("no gap 'where'") !=
        std::string::npos);
  CHECK(refusal("when = \"x\"\nin = \"here\"\n" + kThen).find("absolute") != std::string::npos);
  CHECK_FALSE(parse_rules("autonomy = 1\n", "rules.toml", schema_of));
  CHECK_FALSE(parse_rules("[[rule]\n", "rules.toml", schema_of));
}

TEST_CASE("a rule whose examples do not hold is refused") {
  const std::string when = "when = \"call.ok\"\nwhere = { tool = \"fs.*\" }\n" + kThen;
  CHECK(refusal(when + "match = [{ event = \"call.ok\", tool = \"git.log\" }]\n").find("does not fit") !=
        std::string::npos);
  CHECK(refusal(when + "not_match = [{ event = \"call.ok\", tool = \"fs.read\" }]\n").find("fits and should not") !=
        std::string::npos);
  CHECK(parsed("[[rule]]\nname = \"r\"\n" + when +
               "match = [{ event = \"call.ok\", tool = \"fs.read\" }]\nnot_match = [{ event = \"call.error\" }]\n")
            .rules.size() == 1);
  const std::string says = "says = \"open {{path}} please\"\n" + kThen;
  CHECK(refusal(says + "match = [\"open please\"]\n").find("does not fit") != std::string::npos);
}

TEST_CASE("conditions compare globs, numbers, booleans, lists and their contraries") {
  const auto holds = [](const Json& wanted, std::string_view text) {
    return Condition::compile("a.b", wanted).value().holds(event(text));
  };
  CHECK(holds("x*", R"({"a": {"b": "xyz"}})"));
  CHECK_FALSE(holds("x*", R"({"a": {"b": "yx"}})"));
  CHECK_FALSE(holds("*", R"({"a": {}})"));
  CHECK(holds("!x", R"({"a": {}})"));
  CHECK_FALSE(holds("!x", R"({"a": {"b": "x"}})"));
  CHECK(holds(">= 5", R"({"a": {"b": 5}})"));
  CHECK_FALSE(holds("> 5", R"({"a": {"b": 5}})"));
  CHECK(holds("<0.5", R"({"a": {"b": 0.25}})"));
  CHECK_FALSE(holds("<= 5", R"({"a": {"b": "4"}})"));
  CHECK(holds(true, R"({"a": {"b": true}})"));
  CHECK(holds(4, R"({"a": {"b": 4.0}})"));
  CHECK(holds("4", R"({"a": {"b": 4}})"));
  CHECK(holds(base::JsonArray{"x", "> 3"}, R"({"a": {"b": 4}})"));
  CHECK(holds("x", R"({"a": {"b": ["w", "x"]}})"));
  CHECK_FALSE(Condition::compile("a", "> much"));
  CHECK_FALSE(Condition::compile("a", base::JsonArray{}));
  CHECK_FALSE(Condition::compile("a", JsonObject{}));
}

TEST_CASE("a sentence's gaps take what stands in them") {
  const auto match = [](std::string_view pattern, std::string_view text) -> std::string {
    const auto found = Phrase::compile(pattern).value().match(spoken(text));
    return found ? base::to_text(*found) : "";
  };
  CHECK(match("remind me to {{what}} in {{time}}", "Remind me to look in the oven in 10 minutes!") ==
        R"({"what":"look","time":"the oven in 10 minutes"})");
  CHECK(match("open {{ path }}", "open \"my file.txt\".") == R"({"path":"my file.txt"})");
  CHECK(match("open {{path}}", "please open a") == "");
  CHECK(match("open {{path}}", "open") == "");
  CHECK(match("{{who}} is here", "Anna Maria is here") == R"({"who":"Anna Maria"})");
  CHECK(match("good night", "Good night.") == "{}");
}

TEST_CASE("what stands in quotes is one word, and an apostrophe is none of them") {
  const auto pieces = [](std::string_view text) {
    std::string all;
    for (const Spoken::Word& word : spoken(text).words)
      all += (all.empty() ? "" : "|") + word.folded + (word.is_quoted ? "*" : "");
    return all;
  };
  CHECK(pieces("show \"Two Words.txt\", please") == "show|two words.txt*|please");
  CHECK(pieces("read 'a b' and `c d`.") == "read|a b*|and|c d*");
  CHECK(pieces("don't say rock 'n roll") == "don't|say|rock|n|roll");
  CHECK(pieces("a 5\" pipe and a 6\" one") == "a|5|pipe|and|a|6|one");
  CHECK(unquoted("\"x y\".") == "x y");
  CHECK(unquoted("'a' and 'b'") == "'a' and 'b'");
  CHECK(unquoted("") == "");
  CHECK(is_quoted("x y", "say \"x y\" to me"));
  CHECK_FALSE(is_quoted("say", "say \"x y\" to me"));
}

TEST_CASE("quotes may stand in what a rule says, and about what it does not") {
  const RuleFile file =
      parsed("[[rule]]\nname = \"r\"\nsays = ['say \"good {{when}}\" to {{whom}}', 'sing of the sea']\n" + kThen);
  const Result<Matcher> matcher = Matcher::compile(file.rules);
  REQUIRE(matcher);
  CHECK(matcher->on_text("say \"good morning\" to Bob").has_value());
  CHECK(matcher->on_text("sing of \"the sea\"").has_value());
  CHECK_FALSE(matcher->on_text("sing of \"the mountains\"").has_value());
}

TEST_CASE("the matcher finds what trying every rule finds") {
  std::string text;
  const std::vector<std::string> names{"call.ok", "call.*", "*", "task.{done,failed}", "call.error", "[ct]a*.ok"};
  const std::vector<std::string> wheres{"",
                                        "where = { tool = \"fs.write\" }",
                                        "where = { tool = \"fs.*\" }",
                                        "where = { n = \"> 2\" }",
                                        "where = { n = \"3\" }",
                                        "where = { tool = \"fs.read\", n = 1 }",
                                        "where = { tags = \"x\" }"};
  for (const std::string& name : names)
    for (const std::string& where : wheres)
      text +=
          "[[rule]]\nname = \"" + std::to_string(text.size()) + "\"\nwhen = \"" + name + "\"\n" + where + "\n" + kThen;
  const RuleFile file = parsed(text);
  REQUIRE(file.rules.size() == names.size() * wheres.size());
  const Matcher matcher = Matcher::compile(file.rules).value();
  for (const std::string name : {"call.ok", "call.error", "task.done", "tall.ok", "other", "", "call."}) {
    for (const std::string_view body : {R"({"tool": "fs.write", "n": 3})", R"({"tool": "fs.read", "n": 1})", "{}",
                                        R"({"tags": ["x", "y"]})", R"({"tool": 7, "n": "3"})"}) {
      std::vector<std::uint32_t> expected;
      for (std::uint32_t i = 0; i < file.rules.size(); ++i) {
        const bool is_named = text::name_matches(file.rules[i].when, name);
        const auto holds = [&](const Condition& condition) { return condition.holds(event(body)); };
        if (is_named && std::ranges::all_of(file.rules[i].where, holds)) expected.push_back(i);
      }
      CHECK(matcher.on_event(name, event(body)) == expected);
      if (!expected.empty()) CHECK(matcher.knows(name));
    }
  }
}

TEST_CASE("of sentences that fit, the one with the most words of its own is meant") {
  const RuleFile file = parsed("[[rule]]\nname = \"any\"\nsays = \"open {{what}}\"\n" + kThen +
                               "[[rule]]\nname = \"door\"\nsays = \"open the {{which}} door\"\n" + kThen);
  const Matcher matcher = Matcher::compile(file.rules).value();
  const auto said = matcher.on_text("open the red door");
  REQUIRE(said);
  CHECK(said->rule == 1);
  CHECK(base::to_text(said->gaps) == R"({"which":"red"})");
  CHECK(matcher.on_text("open a door")->rule == 0);
  CHECK_FALSE(matcher.on_text("close the door"));
  CHECK_FALSE(matcher.on_text(""));
}

TEST_CASE("so many events within a time fire once, and a cooldown keeps it deaf") {
  Beat beat({.count = 3, .within_us = 10 * kSecond, .cooldown_us = 60 * kSecond});
  CHECK_FALSE(beat.take(0));
  CHECK_FALSE(beat.take(9 * kSecond));
  CHECK_FALSE(beat.take(11 * kSecond));  // the first one is too old by now
  CHECK(beat.take(12 * kSecond));
  for (int i = 13; i < 72; ++i) CHECK_FALSE(beat.take(i * kSecond));
  CHECK_FALSE(beat.take(72 * kSecond));
  CHECK_FALSE(beat.take(73 * kSecond));
  CHECK(beat.take(74 * kSecond));
}

TEST_CASE("a debounced rule fires once events have ceased") {
  Beat beat({.debounce_us = 2 * kSecond});
  CHECK_FALSE(beat.take(0));
  CHECK_FALSE(beat.take(kSecond));
  CHECK(beat.due_us() == 3 * kSecond);
  CHECK_FALSE(beat.take_due(2 * kSecond));
  CHECK(beat.take_due(3 * kSecond));
  CHECK_FALSE(beat.due_us());
  CHECK_FALSE(beat.take_due(9 * kSecond));
}

TEST_CASE("what fires too often has run away") {
  Beat beat({});
  for (std::size_t i = 0; i + 1 < kFiringsMax; ++i) {
    CHECK(beat.take(static_cast<std::int64_t>(i)));
    CHECK_FALSE(beat.has_run_away());
  }
  CHECK(beat.take(kFiringsMax));
  CHECK(beat.has_run_away());
  CHECK_FALSE(beat.has_run_away());
  Beat slow({});
  for (std::size_t i = 0; i < 3 * kFiringsMax; ++i) {
    CHECK(slow.take(static_cast<std::int64_t>(i) * kSecond));
    CHECK_FALSE(slow.has_run_away());
  }
}

}  // namespace
}  // namespace lilux::brain
