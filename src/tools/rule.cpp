// rule.*: what is in force of the rules of the user and of the project, and what they would do.

#include "tools/rule.h"

#include "base/time.h"
#include "brain/matcher.h"
#include "brain/rule_source.h"
#include "item/interpolate.h"
#include "kernel/kernel.h"
#include "kernel/trust.h"
#include "sys/path.h"
#include "tools/common.h"
#include "tools/event_fields.h"

namespace lilux::tools::rule {

using base::ErrorCode;
using base::fail;
using base::Json;
using brain::InForce;
using brain::Rule;
using brain::RuleFile;
using brain::RuleSource;

namespace {

// One file: the rules of its last text that could be read, and what is known of the one in force.
struct Read {
  RuleSource source;
  std::shared_ptr<const brain::Rules> rules;  // null: there are none
  std::string problem;
  std::optional<InForce> known;
};

Read read_source(const CallContext& call, RuleSource source) {
  Read made{.source = std::move(source)};
  made.known =
      call.kernel().state().with([&](const kernel::State& state) { return brain::in_force(state, made.source); });
  const std::shared_ptr<const brain::RulesNow> now = brain::rules_now(call.kernel(), made.source);
  made.rules = now->rules;
  if (now->problem)
    made.problem = now->problem->message + (made.rules ? "; its rules that were read before stay in force"
                                                       : "; none of its rules are in force");
  return made;
}

// The user's, and those of the project where the caller stands, when it is trusted.
std::vector<Read> read_all(const CallContext& call) {
  const kernel::Folders& folders = call.kernel().folders();
  std::vector<Read> all;
  all.push_back(read_source(call, brain::user_rules(folders)));
  const std::string& project = call.caller().project;
  if (project.empty()) return all;
  Read theirs = read_source(call, brain::project_rules(project));
  const bool is_there = theirs.rules || !theirs.problem.empty();
  if (is_there && !kernel::is_itself_trusted(folders, project)) {
    theirs.rules = nullptr;
    theirs.problem =
        theirs.source.file + " is not read: the folder is not trusted; `lilux policy trust " + project + "`";
  }
  all.push_back(std::move(theirs));
  return all;
}

bool is_stopped(const CallContext& call, const RuleSource& source, const Rule& rule) {
  return call.kernel().state().with([&](const kernel::State& state) {
    const auto fact = state.facts.find(brain::stop_fact(source, rule.name));
    return fact != state.facts.end() && fact->second == rule.digest;
  });
}

// Why its call could not be made the last time that it fitted; empty when all went well since it was written.
std::string last_drop(const CallContext& call, const RuleSource& source, const Rule& rule) {
  const std::string said = call.kernel().state().with([&](const kernel::State& state) {
    const auto fact = state.facts.find(brain::drop_fact(source, rule.name));
    return fact == state.facts.end() ? std::string() : fact->second;
  });
  const Result<Json> parsed = base::parse_json(said);
  const Result<brain::Dropped> drop = parsed ? base::decode<brain::Dropped>(*parsed) : std::unexpected(parsed.error());
  if (!drop || drop->digest != rule.digest) return {};
  return "its call was not made at " + base::format_time(drop->time_us) + ": " + drop->why +
         "; `lilux rule test` tries it";
}

// Short, as a person writes it: "~/.config/lilux/rules.toml:7", and in a project ".ai/rules.toml:7".
std::string place_of(const CallContext& call, const Read& read, std::int64_t line) {
  std::string file = read.source.file;
  const std::string& home = call.kernel().folders().home;
  if (!read.source.project.empty())
    file.erase(0, read.source.project.size() + 1);
  else if (sys::is_beneath(file, home))
    file.replace(0, home.size(), "~");
  return file + ":" + std::to_string(line);
}

RuleRow row_of(const CallContext& call, const Read& read, const Rule& rule) {
  RuleRow row{.name = rule.name,
              .trigger = rule.when.empty() ? "\"" + rule.says.front() + "\"" + (rule.says.size() > 1 ? ", ..." : "")
                                           : rule.when,
              .then = rule.tool,
              .place = place_of(call, read, rule.line)};
  if (rule.when.empty()) return row;  // sentences need no daemon
  row.why = last_drop(call, read.source, rule);
  if (is_stopped(call, read.source, rule)) {
    row.state = RuleState::stopped;
    row.why = "it fired too often; change it: a cooldown, or a narrower where";
  } else if (call.kernel().role() != kernel::Kernel::Role::daemon) {
    row.state = RuleState::waiting;
    row.why = "no daemon runs: `lilux up`";
  } else if (!read.source.project.empty() && (!read.known || read.known->digest != read.rules->digest)) {
    row.state = RuleState::waiting;
    row.why = "it is read when something happens in the project";
  }
  if (const std::optional<std::string> wrong = fault_of(rule)) row.why = *wrong;
  return row;
}

void add_rows(const CallContext& call, const Read& read, ListResponse& response) {
  for (const Rule& rule : read.rules->file.rules) response.rules.push_back(row_of(call, read, rule));
  for (const brain::RefusedRule& refused : read.rules->file.refused)
    response.rules.push_back({.name = refused.name,
                              .state = RuleState::refused,
                              .place = place_of(call, read, refused.line),
                              .why = refused.why});
}

// Looking at the rules is looking at the kernel; the files are its own, but the project's has to be readable.
Result<Assessment> looks(const CallContext& call) {
  Assessment made = TRY(reads_kernel("rule"));
  if (!call.caller().project.empty())
    made.needs.push_back(
        {.verb = policy::Verb::read, .resource = "fs", .target = brain::project_rules(call.caller().project).file});
  return made;
}

FiringRow firing(const Rule& rule, const Json& values) {
  FiringRow row{.rule = rule.name, .tool = rule.tool, .arguments = base::JsonObject{}};
  Result<Json> arguments = item::interpolated(rule.arguments, [&](std::string_view name) -> std::optional<Json> {
    const Json* value = brain::field_at(values, name);
    return value ? std::optional(*value) : std::nullopt;
  });
  if (arguments)
    row.arguments = std::move(*arguments);
  else
    row.why = arguments.error().message;
  return row;
}

// Rules that are refused, and those that are in force and cannot fire.
void add_problems(const Read& read, std::vector<std::string>& all) {
  for (const brain::RefusedRule& refused : read.rules->file.refused) all.push_back(refused.error.message);
  for (const Rule& rule : read.rules->file.rules) {
    if (const std::optional<std::string> wrong = fault_of(rule))
      all.push_back(read.source.file + ":" + std::to_string(rule.line) + ": rule '" + rule.name + "': " + *wrong);
  }
}

// Who tries one sentence or event has not asked for each of them.
void count_problems(const Read& read, std::vector<std::string>& all) {
  std::vector<std::string> found;
  add_problems(read, found);
  if (found.empty()) return;
  all.push_back(read.source.file + ": " + std::to_string(found.size()) +
                (found.size() == 1 ? " rule is" : " rules are") + " wrong; `lilux rules` shows why");
}

void try_file(const Read& read, const TestRequest& request, TestResponse& response) {
  const std::vector<Rule>& rules = read.rules->file.rules;
  if (request.text) {
    if (const auto said = read.rules->matcher.on_text(*request.text))
      response.fires.push_back(firing(rules[said->rule], said->gaps));
  }
  if (request.event) {
    for (const std::uint32_t number : read.rules->matcher.on_event(request.event->string_or("event"), *request.event))
      response.fires.push_back(firing(rules[number], *request.event));
  }
  if (request.text || request.event)
    count_problems(read, response.failures);
  else
    add_problems(read, response.failures);
  for (const Rule& rule : rules)
    response.examples += static_cast<std::int64_t>(rule.match.size() + rule.not_match.size());
}

}  // namespace

std::vector<std::string> problems(const CallContext& call) {
  std::vector<std::string> all;
  for (const Read& read : read_all(call)) {
    if (!read.problem.empty()) all.push_back(read.problem);
    if (read.rules) add_problems(read, all);
  }
  return all;
}

Result<Assessment> assess_list(const CallContext& call, const ListRequest&) {
  return looks(call);
}

Result<ListResponse> list(CallContext& call, const ListRequest&) {
  ListResponse response;
  for (const Read& read : read_all(call)) {
    if (read.rules) add_rows(call, read, response);
    if (!read.problem.empty()) response.problems.push_back(read.problem);
  }
  return response;
}

Result<Assessment> assess_test(const CallContext& call, const TestRequest& request) {
  if (request.event && !request.event->is_object())
    return fail(ErrorCode::invalid_argument, "field 'event' must be an object",
                R"(for example '{"event": "call.ok", "tool": "fs.write"}')");
  return looks(call);
}

Result<TestResponse> test(CallContext& call, const TestRequest& request) {
  TestResponse response;
  for (const Read& read : read_all(call)) {
    if (read.rules) try_file(read, request, response);
    if (!read.problem.empty()) response.failures.push_back(read.problem);
  }
  response.holds = response.failures.empty();
  return response;
}

}  // namespace lilux::tools::rule
