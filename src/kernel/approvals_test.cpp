#include "kernel/approvals.h"

#include <chrono>
#include <fstream>
#include <thread>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/support/kernel_fixture.h"

namespace lilux::kernel {
namespace {

using base::ErrorCode;
using Answer = Kernel::Answer;

struct Asked {
  Asked() : kernel(folder.open()), outcome(ask()) { REQUIRE(code_of(outcome) == ErrorCode::approval_required); }
  Outcome ask() { return kernel->call(folder.request("test.count", folder.path("n"))); }
  base::Result<Outcome> answer(Answer answer) { return kernel->answer(outcome.call, answer, "note", {}); }
  std::string counted() const { return content(folder.path("n")); }
  Approval row() {
    return kernel->state().with([&](State& state) { return state.approvals.at(outcome.call); });
  }

  KernelFolder folder;
  std::unique_ptr<Kernel> kernel;
  Outcome outcome;
};

TEST_CASE("an approved call runs exactly once and its caller collects it once") {
  Asked asked;
  CHECK(asked.ask().call == asked.outcome.call);
  CHECK(asked.counted() == "");
  CHECK(text_of(must(asked.answer(Answer::approve))) == "counted");
  CHECK(asked.counted() == "x");
  for (const Answer again : {Answer::approve, Answer::deny}) {
    const base::Result<Outcome> second = asked.answer(again);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == ErrorCode::conflict);
  }
  const Outcome collected = asked.ask();
  CHECK(collected.call == asked.outcome.call);
  CHECK(text_of(collected) == "counted");
  CHECK(asked.counted() == "x");
  const Outcome next = asked.ask();  // another call, so another question
  CHECK(code_of(next) == ErrorCode::approval_required);
  CHECK(next.call != asked.outcome.call);
}

TEST_CASE("an approved call with a key is checked and recorded like any other, and its key gives what it gave") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  CallRequest request = folder.request("test.count", folder.path("n"));
  request.idempotency_key = "k";
  const Outcome asked = kernel->call(request);
  REQUIRE(code_of(asked) == ErrorCode::approval_required);
  CHECK(code_of(kernel->call(request)) == ErrorCode::approval_required);
  CHECK(text_of(must(kernel->answer(asked.call, Answer::approve, "", {}))) == "counted");
  CHECK(std::ranges::count(records_of(*kernel, asked.call), static_cast<std::uint8_t>(Kind::intent), &Written::kind) ==
        1);
  CHECK(text_of(kernel->call(request)) == "counted");
  CHECK(content(folder.path("n")) == "x");
}

TEST_CASE("a call with a key that runs after a yes still waits for its answer") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  const std::string pipe = folder.path("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CallRequest request = folder.request("test.count", pipe);
  request.idempotency_key = "k";
  const Outcome asked = kernel->call(request);
  REQUIRE(code_of(asked) == ErrorCode::approval_required);
  const auto has_begun = [&] {
    return std::ranges::count(records_of(*kernel, asked.call), static_cast<std::uint8_t>(Kind::intent),
                              &Written::kind) > 0;
  };
  std::jthread approving([&] { must(kernel->answer(asked.call, Answer::approve, "", {})); });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!has_begun() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  REQUIRE(has_begun());
  const Outcome meanwhile = kernel->call(request);
  CHECK(code_of(meanwhile) == ErrorCode::approval_required);
  CHECK(meanwhile.call == asked.call);
  const std::ifstream reader(pipe);  // lets the writer go on
  approving.join();
  CHECK(text_of(kernel->call(request)) == "counted");
}

TEST_CASE("a call with a key is told that it was denied, whenever it is made again") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  CallRequest request = folder.request("test.count", folder.path("n"));
  request.idempotency_key = "k";
  const Outcome asked = kernel->call(request);
  must(kernel->answer(asked.call, Answer::deny, "no", {}));
  for (int i = 0; i < 2; ++i) CHECK(code_of(kernel->call(request)) == ErrorCode::denied);
  CHECK(content(folder.path("n")) == "");
}

TEST_CASE("a question outlives the kernel that asked it") {
  Asked asked;
  asked.kernel.reset();
  asked.kernel = asked.folder.open();
  CHECK(asked.ask().call == asked.outcome.call);
  CHECK(must(asked.answer(Answer::approve)).ok());
  CHECK(asked.counted() == "x");
}

TEST_CASE("a denied call is told so and does not run") {
  for (const Answer answer : {Answer::deny, Answer::request_changes}) {
    Asked asked;
    must(asked.answer(answer));
    const Outcome told = asked.ask();
    CHECK(code_of(told) == ErrorCode::denied);
    CHECK(told.output.error().rule == "approval:" + asked.outcome.call);
    CHECK(told.output.error().message.find("note") != std::string::npos);
    CHECK(asked.counted() == "");
    CHECK_FALSE(std::filesystem::exists(asked.row().request));
  }
}

TEST_CASE("an approval is good for the policy it was asked under") {
  Asked asked;
  KernelFolder::set_policy(*asked.kernel, "[[rule]]\nid = \"more\"\neffect = \"allow\"\ntool = \"test.read\"\n");
  const base::Result<Outcome> late = asked.answer(Answer::approve);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::conflict);
  CHECK(asked.counted() == "");
  asked.kernel->renew_questions();
  CHECK(asked.ask().call == asked.outcome.call);
  CHECK(text_of(must(asked.answer(Answer::approve))) == "counted");
  CHECK(asked.counted() == "x");
}

TEST_CASE("a question that the policy has come to deny is denied when it is looked at") {
  Asked asked;
  KernelFolder::set_policy(*asked.kernel, "[[rule]]\nid = \"none\"\neffect = \"deny\"\ntool = \"test.count\"\n");
  asked.kernel->renew_questions();
  CHECK(asked.row().state == ApprovalState::denied);
  CHECK(asked.row().note.find("none") != std::string::npos);
  CHECK_FALSE(asked.answer(Answer::approve));
  CHECK(asked.counted() == "");
}

TEST_CASE("an answer that came first counts, whatever comes with a later record") {
  Asked asked;
  must(asked.answer(Answer::deny));
  must(asked.kernel->note("late", {}, {patch_approval(asked.outcome.call, {{"state", "pending"}})}));
  CHECK(asked.row().state == ApprovalState::denied);
}

TEST_CASE("with the question its kept request goes") {
  Asked expired;
  Approval old = expired.row();
  old.expires_us = 1;
  must(expired.kernel->note("test", {}, {put(old)}));
  Asked withdrawn;
  CallRequest again = withdrawn.folder.request("test.count", withdrawn.folder.path("n"));
  again.is_answered_yes = true;
  must(withdrawn.kernel->call(again).output);
  Asked denied;
  KernelFolder::set_policy(*denied.kernel, "[[rule]]\nid = \"none\"\neffect = \"deny\"\ntool = \"test.count\"\n");
  denied.kernel->renew_questions();
  expired.kernel->expire_questions();
  for (Asked* asked : {&expired, &withdrawn, &denied}) {
    CHECK(asked->row().state != ApprovalState::pending);
    CHECK_FALSE(std::filesystem::exists(asked->row().request));
  }
}

TEST_CASE("a key that met another call's question is answered by that call from then on") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  const Outcome asked = kernel->call(folder.request("test.count", folder.path("n")));
  CallRequest keyed = folder.request("test.count", folder.path("n"));
  keyed.idempotency_key = "k";
  CHECK(kernel->call(keyed).call == asked.call);
  must(kernel->answer(asked.call, Answer::approve, "", {}));
  for (int i = 0; i < 2; ++i) CHECK(text_of(kernel->call(keyed)) == "counted");
  CHECK(content(folder.path("n")) == "x");
}

TEST_CASE("a call that was made again and let through leaves no question behind") {
  for (const bool is_rule : {true, false}) {
    Asked asked;
    if (is_rule)
      KernelFolder::set_policy(*asked.kernel, "[[rule]]\nid = \"go\"\neffect = \"allow\"\ntool = \"test.count\"\n");
    CallRequest again = asked.folder.request("test.count", asked.folder.path("n"));
    again.is_answered_yes = !is_rule;
    CHECK(text_of(asked.kernel->call(again)) == "counted");
    CHECK(asked.row().state == ApprovalState::expired);
    asked.kernel->renew_questions();
    CHECK_FALSE(asked.answer(Answer::approve));
    CHECK(asked.counted() == "x");
  }
}

TEST_CASE("an approval is good for the request it was asked about") {
  Asked asked;
  CallRequest other = must(kept_request(asked.row().request));
  other.arguments = base::JsonObject{{"path", asked.folder.path("other")}};
  must(keep_request(asked.row().request, other));
  const base::Result<Outcome> changed = asked.answer(Answer::approve);
  REQUIRE_FALSE(changed);
  CHECK(changed.error().code == ErrorCode::conflict);
  CHECK_FALSE(std::filesystem::exists(asked.folder.path("other")));
}

TEST_CASE("a question expires") {
  Asked asked;
  Approval old = asked.row();
  old.expires_us = 1;
  must(asked.kernel->note("test", {}, {put(old)}));
  const base::Result<Outcome> late = asked.answer(Answer::approve);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::timeout);
  asked.kernel->expire_questions();
  CHECK(asked.row().state == ApprovalState::expired);
  CHECK(asked.ask().call != asked.outcome.call);
  CHECK(asked.counted() == "");
}

TEST_CASE("however much some tasks ask, another one still can, and theirs give way") {
  const KernelFolder folder;
  const auto kernel = folder.open();
  const auto ask = [&](const std::string& task, int number) {
    CallRequest request = folder.request("test.count", folder.path("n" + std::to_string(number)));
    request.task = task;
    return kernel->call(request);
  };
  const auto session = [&](const std::string& title, std::string_view parent = kTerminalTask) {
    return must(kernel->open_session(
        {.parent = std::string(parent), .title = title, .grants = {{.capability = std::string(kEverything)}}}));
  };
  const auto waiting_of = [&](const std::string& task) {
    return kernel->state().with([&](const State& state) {
      return std::ranges::count_if(state.approvals, [&](const auto& entry) {
        return entry.second.task == task && entry.second.state == ApprovalState::pending;
      });
    });
  };
  std::vector<std::string> greedy;
  for (int i = 0; i < 5; ++i) {
    const std::string task = session("greedy " + std::to_string(i));
    greedy.push_back(task);
    for (int j = 0; j < 200; ++j) REQUIRE(code_of(ask(task, j)) == ErrorCode::approval_required);
    CHECK(code_of(ask(task, 200)) == ErrorCode::unavailable);                      // enough for one session
    CHECK(code_of(ask(session("its own", task), 200)) == ErrorCode::unavailable);  // with the tasks in it
  }
  const std::string modest = session("modest");
  CHECK(code_of(ask(modest, 0)) == ErrorCode::approval_required);
  CHECK(code_of(ask(modest, 1)) == ErrorCode::approval_required);
  CHECK(waiting_of(modest) == 2);
  std::int64_t left = 0;
  for (const std::string& task : greedy) {
    CHECK(waiting_of(task) >= 198);
    left += waiting_of(task);
  }
  CHECK(left == 998);
}

TEST_CASE("who waits for a task is woken by a question of one below it") {
  const KernelFolder folder;
  const auto kernel = folder.open(Kernel::Role::daemon);
  const auto session = [&](std::string_view parent) {
    return must(kernel->open_session(
        {.parent = std::string(parent), .title = "one", .grants = {{.capability = std::string(kEverything)}}}));
  };
  const std::string above = session(kTerminalTask);
  const std::string below = session(session(above));
  auto waiting = submit(*kernel, folder.request("test.wait", "task:" + above));
  CHECK(holds_soon([&] {
    const auto running = kernel->running_calls();
    return running.size() == 1 && running.front().is_parked;
  }));
  must(kernel->note("test", {}, {{.table = "fact", .id = "task:" + above, .value = "1"}}));
  CallRequest asks = folder.request("test.count", folder.path("n"));
  asks.task = below;
  CHECK(code_of(kernel->call(asks)) == ErrorCode::approval_required);
  CHECK(text_of(ended(waiting)) == "woken");
}

TEST_CASE("yes of a person answers a question at once, of an agent nothing") {
  Asked asked;
  CallRequest request = asked.folder.request("test.count", asked.folder.path("n"));
  request.is_answered_yes = true;
  request.caller.principal = policy::Principal::agent;
  CHECK(code_of(asked.kernel->call(request)) == ErrorCode::approval_required);
  CHECK(asked.counted() == "");
  request.caller.principal = policy::Principal::terminal;
  CHECK(asked.kernel->call(request).ok());
  CHECK(asked.counted() == "x");
}

TEST_CASE("nobody asked, nobody answers") {
  Asked asked;
  const base::Result<Outcome> none = asked.kernel->answer("c-none", Answer::approve, "", {});
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::not_found);
}

TEST_CASE("a question is cut at a character and cannot forge what it shows") {
  CHECK(shown_question("run \u202Eexe") == "run \\u{202e}exe");
  std::string text(6143, 'a');
  text += "\u00e9" + std::string(3000, 'b') + "\u00e9" + std::string(2047, 'c');
  const std::string shown = shown_question(text);
  CHECK(shown.starts_with(std::string(6143, 'a') + "\n... (" + std::to_string(text.size() - 6143 - 2047) + " of "));
  CHECK(shown.ends_with("\n" + std::string(2047, 'c')));  // what stands last is what a long beginning would hide
}

}  // namespace
}  // namespace lilux::kernel
