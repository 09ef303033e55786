// Runs once, when the program is built: sentences.toml as JSON that is read in a fraction of the time, each rule with
// its sentences and with the same loosened, where they still say something. Calls are held against their schemas by
// sentences_test.cpp, where the table of tools is.
//
// usage: compile_sentences <sentences.toml> <sentences.json>

#include <cstdio>
#include <optional>
#include <set>
#include <string>

#include "base/json.h"
#include "brain/polite.h"
#include "brain/rule.h"
#include "sys/file.h"

namespace {

using namespace lilux;
using base::JsonArray;
using base::JsonObject;

constexpr std::size_t kBytesMax = std::size_t{8} << 20;

JsonObject compiled(const brain::Rule& rule) {
  std::set<std::string> loose;
  for (const std::string& text : rule.says) {
    if (std::optional<std::string> loosened = brain::loosened(text)) loose.insert(std::move(*loosened));
  }
  return {{"name", rule.name},
          {"tool", rule.tool},
          {"with", rule.arguments},
          {"says", JsonArray(rule.says.begin(), rule.says.end())},
          {"loosely", JsonArray(loose.begin(), loose.end())}};
}

base::Result<void> compile(const char* from, const char* to) {
  const brain::RuleFile file = TRY(brain::parse_rules(TRY(sys::read_file(from, kBytesMax)), from, nullptr));
  if (!file.refused.empty()) return std::unexpected(file.refused.front().error);
  JsonArray rules;
  for (const brain::Rule& rule : file.rules) rules.push_back(compiled(rule));
  return sys::write_file_atomic(to, base::to_text(base::Json(std::move(rules))));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const base::Result<void> done = compile(argv[1], argv[2]);
  if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
