#include "tests/faults/crash.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>

#include "base/id.h"
#include "base/json.h"

namespace lilux::test {
namespace {

using base::Json;
using enum SyscallKind;

constexpr std::size_t kSampledPerMode = 4;      // beside those at the project folder
constexpr std::size_t kSampledPerModeMax = 24;  // in all; where there are more they are spread
constexpr std::size_t kSampledInLongMax = 200;

// What a call said on standard output before it ended or was ended.
struct Answer {
  std::string call;
  bool is_ok = false;
};

std::optional<Answer> answer_in(const Outcome& outcome) {
  const auto parsed = base::parse_json(outcome.out);
  if (!parsed || parsed->find("ok") == nullptr) return std::nullopt;
  return Answer{.call = parsed->string_or("call"), .is_ok = parsed->bool_or("ok", false)};
}

// Whether any object inside has the member `key` with that text.
bool has_member(const Json& value, std::string_view key, std::string_view text) {
  if (value.is_array()) {
    return std::ranges::any_of(value.as_array(), [&](const Json& each) { return has_member(each, key, text); });
  }
  if (!value.is_object()) return false;
  if (value.string_or(key) == text) return true;
  for (const auto& [name, member] : value.as_object()) {
    if (has_member(member, key, text)) return true;
  }
  return false;
}

std::string last_id(std::string_view text, char letter) {
  constexpr std::size_t kLength = 13;
  std::string found;
  for (std::size_t at = 0; at + kLength <= text.size(); ++at) {
    const std::string_view id = text.substr(at, kLength);
    const bool begins = at == 0 || !std::isalnum(static_cast<unsigned char>(text[at - 1]));
    const bool ends = at + kLength == text.size() || !std::isalnum(static_cast<unsigned char>(text[at + kLength]));
    if (begins && ends && base::is_id(id, letter)) found = id;
  }
  return found;
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

// One scenario at work; the playground's saved state is the one right before the call.
class Crash {
 public:
  Crash(Playground& playground, const Scenario& scenario, Points points)
      : playground_(playground), scenario_(scenario), points_(points) {
    tally_.row = scenario.row;
  }

  Tally run() {
    const auto begin = std::chrono::steady_clock::now();
    if (prepare()) {
      for (const Mode& mode : modes()) tally_.points.push_back(disturb(mode));
      if (tally_.points.front() == 0) fault("was never killed");
    }
    tally_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return std::move(tally_);
  }

 private:
  void fault(const std::string& what) { tally_.faults.push_back(scenario_.row + " " + what); }

  // Sets up, and learns the states before and after from an undisturbed call.
  bool prepare() {
    playground_.clear();
    const Outcome setup = playground_.shell(scenario_.setup);
    if (setup.exit_code != 0) {
      fault("cannot be set up: " + setup.out + setup.err);
      return false;
    }
    arguments_ = {"call", scenario_.row};
    for (const std::string& argument : scenario_.arguments) {
      arguments_.push_back(
          replaced(replaced(replaced(argument, "{call}", last_id(setup.out, 'c')), "{task}", last_id(setup.out, 't')),
                   "{hook}", last_id(setup.out, 'h')));
    }
    arguments_.push_back("--json");
    playground_.save();
    before_ = playground_.state(scenario_.probe);
    playground_.restore();
    const Outcome done = playground_.lilux(arguments_, {.kinds = {process}});
    const auto answer = answer_in(done);
    if (done.exit_code != 0 || !answer || !answer->is_ok) {
      fault("fails undisturbed: " + done.out + done.err);
      return false;
    }
    after_ = playground_.state(scenario_.probe);
    if (differences_from_before(before_, after_).empty()) {
      fault("changes nothing that the project folder or the probe shows");
      return false;
    }
    return true;
  }

  bool takes_every() const { return points_ == Points::every && !scenario_.is_large; }

  Plan plan_of(const Mode& mode) const {
    Plan plan = mode.plan;
    if (plan.action == Plan::Action::kill) {
      if (takes_every()) plan.kinds.clear();
    } else {
      plan.below = playground_.root().string();
    }
    return plan;
  }

  // Goes through the points of a mode; how many there were.
  std::uint64_t disturb(const Mode& mode) {
    Plan plan = plan_of(mode);
    if (takes_every()) {
      std::uint64_t disturbed = 0;
      for (plan.at = 1; at_point(mode, plan); ++plan.at) ++disturbed;
      return disturbed;
    }
    std::uint64_t disturbed = 0;
    for (const std::uint64_t at : sample(plan)) {
      plan.at = at;
      disturbed += at_point(mode, plan) ? 1U : 0U;
    }
    return disturbed;
  }

  // Every call on a file of the project with its neighbours, and some evenly spread over the rest, beginning elsewhere
  // in each row: most of the rest is what all rows have in common.
  std::set<std::uint64_t> sample(Plan plan) {
    if (plan.action == Plan::Action::kill || plan.action == Plan::Action::fail) plan.action = Plan::Action::observe;
    playground_.restore();
    const Outcome outcome = playground_.lilux(arguments_, plan);
    const std::uint64_t count = outcome.counted;
    std::set<std::uint64_t> chosen;
    const std::string project = (playground_.root() / "project").string();
    for (std::uint64_t at = 1; at <= outcome.places.size(); ++at) {
      if (outcome.places[at - 1].find(project) == std::string::npos) continue;
      for (std::uint64_t near = std::max<std::uint64_t>(at, 2) - 1; near <= at + 1; ++near) chosen.insert(near);
    }
    const std::uint64_t stride = std::max<std::uint64_t>(1, count / kSampledPerMode);
    const std::uint64_t shift = std::accumulate(scenario_.row.begin(), scenario_.row.end(), std::uint64_t{0}) % stride;
    for (std::uint64_t at = 1 + shift; at <= count; at += stride) chosen.insert(at);
    if (count > 0) chosen.insert(count);
    return spread(chosen, points_ == Points::every ? kSampledInLongMax : kSampledPerModeMax);
  }

  // So many of them, the first and the last included.
  static std::set<std::uint64_t> spread(const std::set<std::uint64_t>& all, std::size_t most) {
    if (all.size() <= most) return all;
    const std::vector<std::uint64_t> sorted(all.begin(), all.end());
    std::set<std::uint64_t> made;
    for (std::size_t i = 0; i < most; ++i) made.insert(sorted[i * (sorted.size() - 1) / (most - 1)]);
    return made;
  }

  // Disturbs the call at one point and checks what is found afterwards; false when the call never got there.
  bool at_point(const Mode& mode, const Plan& plan) {
    playground_.restore();
    const Outcome outcome = playground_.lilux(arguments_, plan);
    where_ = mode.name + " at " + std::to_string(plan.at) + " (" + outcome.fired_at + "): ";
    const auto answer = answer_in(outcome);
    if (outcome.timed_out) fault(where_ + "hangs");
    if (plan.action != Plan::Action::kill) check_end(mode, outcome, answer);
    recover(answer);
    return outcome.fired;
  }

  void check_end(const Mode& mode, const Outcome& outcome, const std::optional<Answer>& answer) {
    if (outcome.signal != 0) fault(where_ + "dies of signal " + std::to_string(outcome.signal) + ": " + outcome.err);
    if (outcome.exit_code != 0 && outcome.out.empty() && outcome.err.empty()) fault(where_ + "fails without a word");
    if (outcome.exit_code == 0 && !answer) fault(where_ + "succeeds without an answer");
    if (mode.must_succeed && (!answer || !answer->is_ok)) fault(where_ + "fails: " + outcome.out + outcome.err);
  }

  void recover(const std::optional<Answer>& answer) {
    must_exit_0("lilux status");
    const bool is_acknowledged = answer && answer->is_ok;
    if (is_acknowledged) must_exit_0("lilux why " + answer->call);
    check_ledger();
    const State now = playground_.state(scenario_.probe);
    const auto from_after = differences_from_after(before_, after_, now);
    if (from_after.empty()) return;
    if (is_acknowledged) return fault(where_ + "an acknowledged effect is not there: " + from_after.front());
    const auto from_before = differences_from_before(before_, now);
    if (from_before.empty()) return;
    fault(where_ + "half an effect: not as before, " + from_before.front() + "; not as after, " + from_after.front());
  }

  void check_ledger() {
    must_exit_0("lilux call ledger.verify --json");
    const Outcome calls = must_exit_0("lilux call ledger.query --json");
    const auto parsed = base::parse_json(calls.out);
    if (!parsed || has_member(*parsed, "result", "open")) fault(where_ + "a call is left open: " + calls.out);
  }

  Outcome must_exit_0(const std::string& command) {
    Outcome done = playground_.shell(command);
    if (done.exit_code != 0) fault(where_ + "then `" + command + "` fails: " + done.out + done.err);
    return done;
  }

  Playground& playground_;
  const Scenario& scenario_;
  Points points_;
  Tally tally_;
  std::vector<std::string> arguments_;
  std::string where_;
  State before_;
  State after_;
};

}  // namespace

const std::vector<Mode>& modes() {
  using Action = Plan::Action;
  static const std::vector<Mode> kModes = {
      {.name = "kill",
       .plan = {.action = Action::kill, .kinds = {write, sync, create, rename, remove, resize, attribute, process}}},
      {.name = "disk error",
       .plan = {.action = Action::fail, .kinds = {write, sync, create, rename, remove, resize}, .error = EIO}},
      {.name = "full disk",
       .plan = {.action = Action::fail, .kinds = {write, create, resize}, .error = ENOSPC, .keeps_failing = true}},
      {.name = "interrupted write",
       .plan = {.action = Action::fail, .kinds = {write}, .error = EINTR},
       .must_succeed = true},
      {.name = "short write", .plan = {.action = Action::shorten, .kinds = {write}}, .must_succeed = true},
  };
  return kModes;
}

Tally run_scenario(Playground& playground, const Scenario& scenario, Points points) {
  return Crash(playground, scenario, points).run();
}

}  // namespace lilux::test
