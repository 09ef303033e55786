#include "tools/command.h"

#include <algorithm>
#include <set>
#include <utility>

#include <sys/resource.h>

#include "base/encoding.h"
#include "base/escape.h"
#include "kernel/children.h"
#include "kernel/kernel.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/path.h"
#include "text/inner_commands.h"
#include "text/shell.h"

namespace lilux::tools {

using base::ErrorCode;
using base::fail;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;
using policy::Verb;

namespace {

// Adds what rules that take rights say about the programs that a command amounts to: where its program leads, what env
// and the like run, what stands in a script. Rules that give rights are about the command as it stands, so nothing is
// added that no rule speaks of. A program that hides what it runs is not seen through.
class Inside {
 public:
  Inside(const CallContext& call, const policy::RuleSet& rules, const Command& command, std::string path,
         Assessment& made)
      : call_(call), rules_(rules), path_(std::move(path)), cwd_(command.cwd), input_(command.input), made_(made) {
    const bool is_confined = std::ranges::find(made.needs, "sandbox", &policy::Need::resource) != made.needs.end();
    for (const std::string_view resource : {"shell", "sandbox"}) {
      if (resource == "sandbox" && !is_confined) continue;
      const policy::Need any{.verb = Verb::execute, .resource = std::string(resource), .target = {}};
      const policy::Question question{.tool = call.request().tool, .needs = {&any, 1}, .who = call.caller().principal};
      if (!rules.restrictions_below(question, any).empty()) ruled_.push_back(resource);
    }
  }

  void look(std::vector<std::string> words) { look(std::move(words), Within{}); }

 private:
  // What a command stands in.
  struct Within {
    int depth = 0;
    bool is_asked_about = false;
    auto operator<=>(const Within&) const = default;
  };

  void look(std::vector<std::string> words, Within within) {
    constexpr int kDepthMax = 8;
    if (words.empty() || ruled_.empty() || !seen_.emplace(words, within).second) return;
    if (within.depth > kDepthMax) return ask_about(words, within);
    if (Result<std::string> program = sys::resolve_program(words[0], path_, cwd_)) words[0] = std::move(*program);
    offer(words, [this](const policy::Question& question) {
      const policy::Decision decision = rules_.decide(question);
      return decision.effect != policy::Effect::allow && !decision.rule.starts_with("autonomy:");
    });
    const auto inside = text::shell_commands(words);
    // What the outermost one reads is known.
    const bool is_fed = inside && inside->reads_input && within.depth == 0 && (!input_ || text::is_shell(words[0]));
    if (inside && (!inside->is_understood || inside->hides_programs || (inside->reads_input && !is_fed)))
      ask_about(words, within);
    const Within inner{.depth = within.depth + 1, .is_asked_about = within.is_asked_about};
    for (const auto& command : text::wrapped_commands(words)) look(command, inner);
    if (inside) std::ranges::for_each(inside->commands, [&](const auto& command) { look(command, inner); });
    if (is_fed && input_) look({"bash", "-c", *input_}, inner);
    if (const Result<std::string> led = sys::resolve(words[0], cwd_, sys::Final::follow)) words[0] = *led;
    offer(words, [this](const policy::Question& question) {
      return std::ranges::any_of(rules_.matching(question),
                                 [](const policy::Rule& rule) { return rule.effect != policy::Effect::allow; });
    });
  }

  // Where some programs are not for everybody, what cannot be told is for a person.
  void ask_about(const std::vector<std::string>& words, Within& within) {
    if (!within.is_asked_about) add({.verb = Verb::execute, .resource = "shell", .target = text::join(words)});
    within.is_asked_about = true;
  }

  void add(policy::Need need) {
    if (std::ranges::find(made_.needs, need) == made_.needs.end()) made_.needs.push_back(std::move(need));
  }

  template <class IsTaken>
  void offer(const std::vector<std::string>& words, const IsTaken& is_taken) {
    for (const std::string_view resource : ruled_) {
      policy::Need need{.verb = Verb::execute, .resource = std::string(resource), .target = text::join(words)};
      const policy::Question question{
          .tool = call_.request().tool, .needs = {&need, 1}, .who = call_.caller().principal};
      bool taken = is_taken(question);
      // There a command is judged as it is written, most often without the folder of its program.
      if (!taken && resource == "sandbox") {
        need.target = text::join(words).substr(words[0].rfind('/') + 1);
        taken = is_taken(question);
      }
      if (taken) add(std::move(need));
    }
  }

  const CallContext& call_;
  const policy::RuleSet& rules_;
  std::string path_;
  std::string cwd_;
  const std::optional<std::string>& input_;
  Assessment& made_;
  std::vector<std::string_view> ruled_;  // what rules that take programs away are about; else nothing is added
  std::set<std::pair<std::vector<std::string>, Within>> seen_;  // where a command may begin is not always sure
};

// By the machine's profile, and by the budgets of the task and those above it.
void limit_memory(const CallContext& call, sys::SpawnOptions& spawn) {
  // Of data: what a program merely reserves, as some do by the terabyte, takes no memory.
  const std::uint64_t memory = call.kernel().config().profile.memory_bytes;
  spawn.limits.push_back({.resource = RLIMIT_DATA, .soft = memory, .hard = memory});
  std::optional<std::int64_t> least;
  call.kernel().state().with([&](kernel::State& state) {
    for (const kernel::Task* task : kernel::lineage(state, call.task())) {
      if (task->budget.memory_bytes) least = std::min(*task->budget.memory_bytes, least.value_or(INT64_MAX));
    }
  });
  if (!least) return;
  const auto bytes = static_cast<std::uint64_t>(*least);
  spawn.limits.push_back({.resource = RLIMIT_AS, .soft = bytes, .hard = bytes});
}

}  // namespace

Result<void> check_words(const std::vector<std::string>& words) {
  const bool has_nul =
      std::ranges::any_of(words, [](const std::string& word) { return word.find('\0') != std::string::npos; });
  return has_nul ? fail(ErrorCode::invalid_argument, "an argument holds a NUL byte", "remove it") : Result<void>();
}

kernel::Children::Start start_of(const CallContext& call, const Command& command,
                                 const std::optional<std::string>& input) {
  kernel::Children::Start made{.task = call.task(),
                               .call = call.call(),
                               .project = call.caller().project,
                               .command = base::escape_for_terminal(text::join(command.words)),
                               .standard_input = input};
  made.spawn.program = command.program;
  made.spawn.arguments = command.words;
  made.spawn.cwd = command.cwd;
  made.spawn.group = sys::ProcessGroup::own_session;
  made.spawn.umask = call.caller().umask;
  limit_memory(call, made.spawn);
  return made;
}

std::string variable(std::span<const std::string> environment, std::string_view name) {
  for (const std::string& entry : environment) {
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name))
      return entry.substr(name.size() + 1);
  }
  return {};
}

Result<std::vector<std::string>> entries_of(const CallContext& call, std::map<std::string, std::string> variables) {
  variables[std::string(kernel::kTaskVariable)] = call.task();
  variables[std::string(kernel::kCallVariable)] = call.call();
  std::vector<std::string> entries;
  for (const auto& [name, value] : variables) {
    if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos ||
        value.find('\0') != std::string::npos) {
      return fail(ErrorCode::invalid_argument,
                  "field 'env': '" + base::escape_for_terminal(name) + "' is no name of a variable",
                  "letters, digits and _");
    }
    entries.push_back(name + "=" + value);
  }
  return entries;
}

Result<void> need_inner_programs(const CallContext& call, const Command& command, const std::string& path,
                                 Assessment& made) {
  Inside(call, *TRY(call.kernel().rules(call.caller().project)), command, path, made).look(command.words);
  return {};
}

Result<std::string> tail_of(const std::string& file, std::int64_t limit, std::int64_t& size) {
  const Result<sys::Fd> fd = sys::open(file, 0);
  if (!fd) return std::string();  // nothing was written, or it is no longer kept
  size = static_cast<std::int64_t>(TRY(sys::file_size(fd->get(), file)));
  const std::int64_t from = std::max<std::int64_t>(0, size - limit);
  return base::to_valid_utf8(
      TRY(sys::read_at(fd->get(), static_cast<std::uint64_t>(from), static_cast<std::size_t>(limit), file)));
}

}  // namespace lilux::tools
