// rule.*: what is in force of the rules of the user and of the project, and what they would do.

#include "tools/rule.h"

#include "base/hash.h"
#include "brain/matcher.h"
#include "brain/rule_source.h"
#include "item/interpolate.h"
#include "kernel/kernel.h"
#include "kernel/trust.h"
#include "tools/common.h"

namespace lilux::tools::rule {

using base::ErrorCode;
using base::fail;
using base::Json;
using brain::InForce;
using brain::Rule;
using brain::RuleFile;
using brain::RuleSource;

namespace {

// One file as it stands now, and what is known of the one in force.
struct Read {
  RuleSource source;
  RuleFile file;
  std::string digest;
  std::string problem;
  std::optional<InForce> known;
};

Read read_source(const CallContext& call, RuleSource source) {
  Read made{.source = std::move(source)};
  made.known =
      call.kernel().state().with([&](const kernel::State& state) { return brain::in_force(state, made.source); });
  const Result<std::optional<std::string>> text = brain::read_rules(made.source);
  if (!text) made.problem = text.error().message;
  if (!text || !*text) return made;
  made.digest = base::to_hex(base::sha256(**text));
  Result<RuleFile> file = brain::parse_rules(made.source, **text, call.kernel());
  if (file)
    made.file = std::move(*file);
  else
    made.problem = file.error().message;
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
  if (!theirs.digest.empty() && !kernel::is_itself_trusted(folders, project)) {
    theirs.file = {};
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

RuleRow row_of(const CallContext& call, const Read& read, const Rule& rule) {
  RuleRow row{.name = rule.name,
              .trigger = rule.when.empty() ? "\"" + rule.says.front() + "\"" + (rule.says.size() > 1 ? ", ..." : "")
                                           : rule.when,
              .then = rule.tool,
              .place = read.source.file + ":" + std::to_string(rule.line)};
  if (rule.when.empty()) return row;  // sentences need no daemon
  if (is_stopped(call, read.source, rule)) {
    row.state = RuleState::stopped;
    row.why = "it fired too often; change it: a cooldown, or a narrower where";
  } else if (call.kernel().role() != kernel::Kernel::Role::daemon) {
    row.state = RuleState::waiting;
    row.why = "no daemon runs: `lilux up`";
  } else if (!read.source.project.empty() && (!read.known || read.known->digest != read.digest)) {
    row.state = RuleState::waiting;
    row.why = "it is read when something happens in the project";
  }
  return row;
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

Result<void> try_file(const Read& read, const TestRequest& request, TestResponse& response) {
  const brain::Matcher matcher = TRY(brain::Matcher::compile(read.file.rules));
  if (request.text) {
    if (const auto said = matcher.on_text(*request.text))
      response.fires.push_back(firing(read.file.rules[said->rule], said->gaps));
  }
  if (request.event) {
    for (const std::uint32_t number : matcher.on_event(request.event->string_or("event"), *request.event))
      response.fires.push_back(firing(read.file.rules[number], *request.event));
  }
  return {};
}

}  // namespace

Result<Assessment> assess_list(const CallContext& call, const ListRequest&) {
  return looks(call);
}

Result<ListResponse> list(CallContext& call, const ListRequest&) {
  ListResponse response;
  for (const Read& read : read_all(call)) {
    for (const Rule& rule : read.file.rules) response.rules.push_back(row_of(call, read, rule));
    for (const brain::RefusedRule& refused : read.file.refused)
      response.rules.push_back(
          {.name = refused.name, .state = RuleState::refused, .place = read.source.file, .why = refused.error.message});
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
    TRY(try_file(read, request, response));
    if (!read.problem.empty()) response.failures.push_back(read.problem);
    for (const brain::RefusedRule& refused : read.file.refused) response.failures.push_back(refused.error.message);
    for (const Rule& rule : read.file.rules)
      response.examples += static_cast<std::int64_t>(rule.match.size() + rule.not_match.size());
  }
  response.holds = response.failures.empty();
  return response;
}

}  // namespace lilux::tools::rule
