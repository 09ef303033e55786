#pragma once

// A kernel in a folder of its own with a handful of small tools, for tests. The folder goes with it. One owner.

#include <array>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "kernel/context.h"
#include "kernel/kernel.h"
#include "kernel/tool.h"
#include "sys/file.h"

namespace lilux::kernel {

template <class T>
T must(base::Result<T> result) {
  if (!result) FAIL(result.error().message);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

struct TargetRequest {
  std::string path;
  std::optional<std::string> text;
  static constexpr base::Fields fields{
      base::Field{"path", &TargetRequest::path, "File, or name of what is waited for"},
      base::Field{"text", &TargetRequest::text, "Content"},
  };
};
struct TextResponse {
  std::string text;
  static constexpr base::Fields fields{base::Field{"text", &TextResponse::text, "What was found"}};
};

inline std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
inline void set_content(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

namespace test_tools {

inline base::Result<Assessment> one_need(policy::Verb verb, std::string resource, std::string target) {
  Assessment made;
  made.needs.push_back({.verb = verb, .resource = std::move(resource), .target = std::move(target)});
  return made;
}

inline base::Result<Assessment> assess_count(const CallContext&, const TargetRequest&) {
  base::Result<Assessment> made = one_need(policy::Verb::execute, "shell", "count");
  made->risk = policy::Risk::high;
  return made;
}
inline base::Result<TextResponse> count(CallContext&, const TargetRequest& request) {
  std::ofstream(request.path, std::ios::app) << "x";
  return TextResponse{.text = "counted"};
}

inline base::Result<Assessment> assess_people(const CallContext&, const TargetRequest&) {
  return one_need(policy::Verb::admin, "kernel", "test");
}
inline base::Result<TextResponse> people(CallContext&, const TargetRequest&) {
  return TextResponse{.text = "done"};
}

inline base::Result<Assessment> assess_put(const CallContext&, const TargetRequest& request) {
  base::Result<Assessment> made = one_need(policy::Verb::write, "fs", request.path);
  made->paths = {request.path};
  return made;
}
inline base::Result<TextResponse> put(CallContext& call, const TargetRequest& request) {
  call.begins();
  set_content(request.path, request.text.value_or(""));
  return TextResponse{.text = request.text.value_or("")};
}

// Leaves "ours" as a half behind, "theirs" as what somebody else did meanwhile; "gone" is a half whose folder goes
// away.
inline base::Result<TextResponse> half(CallContext& call, const TargetRequest& request) {
  if (request.text != "theirs") call.begins();
  set_content(request.path, request.text.value_or(""));
  if (request.text == "gone") std::filesystem::remove_all(std::filesystem::path(request.path).parent_path());
  return base::fail(base::ErrorCode::conflict, "asked to fail");
}

inline base::Result<Assessment> assess_read(const CallContext&, const TargetRequest& request) {
  return one_need(policy::Verb::read, "fs", request.path);
}
inline base::Result<TextResponse> read(CallContext&, const TargetRequest& request) {
  return TextResponse{.text = content(request.path)};
}

inline base::Result<Assessment> assess_state(const CallContext&, const TargetRequest& request) {
  return one_need(policy::Verb::write, "memory", request.path);
}
inline base::Result<TextResponse> state(CallContext& call, const TargetRequest& request) {
  call.change({.table = "fact", .id = request.path, .value = request.text.value_or("1")});
  if (request.text == "fail") return base::fail(base::ErrorCode::conflict, "asked to fail");
  return TextResponse{.text = "changed"};
}

inline base::Result<Assessment> assess_wait(const CallContext&, const TargetRequest&) {
  return one_need(policy::Verb::read, "kernel", "test");
}
inline base::Result<TextResponse> wait(CallContext& call, const TargetRequest& request) {
  const bool is_open = call.kernel().state().with([&](State& state) { return state.facts.contains(request.path); });
  if (is_open) return TextResponse{.text = "woken"};
  if (call.is_past_deadline()) return TextResponse{.text = "late"};
  return call.park(request.path);
}

}  // namespace test_tools

inline constexpr std::array kTestTools{
    tool<test_tools::count, test_tools::assess_count>("test.count", "Adds to a file", {.effect = Effect::world}),
    tool<test_tools::half, test_tools::assess_put>("test.half", "Writes a file and fails",
                                                   {.effect = Effect::world, .undo = Undo::exact}),
    tool<test_tools::people, test_tools::assess_people>("test.people", "For people", {.audience = Audience::people}),
    tool<test_tools::put, test_tools::assess_put>("test.put", "Writes a file",
                                                  {.effect = Effect::world, .undo = Undo::exact}),
    tool<test_tools::read, test_tools::assess_read>("test.read", "Reads a file"),
    tool<test_tools::put, test_tools::assess_put>("test.rewrite", "Writes a file",
                                                  {.effect = Effect::world, .is_idempotent = true}),
    tool<test_tools::state, test_tools::assess_state>("test.state", "Sets a fact", {.effect = Effect::state}),
    tool<test_tools::wait, test_tools::assess_wait>("test.wait", "Waits for a fact"),
};

class KernelFolder {
 public:
  KernelFolder() {
    const std::string parent = std::filesystem::temp_directory_path().string();
    root = std::filesystem::canonical(must(sys::make_temporary_directory(parent, "kernel-test-")));
    work = root / "work";
    std::filesystem::create_directories(work);
    folders = {.config = root / "config",
               .data = root / "data",
               .state = root / "state",
               .runtime = root / "run",
               .home = (root / "home").string()};
  }
  ~KernelFolder() { std::filesystem::remove_all(root); }
  KernelFolder(const KernelFolder&) = delete;
  KernelFolder& operator=(const KernelFolder&) = delete;

  std::unique_ptr<Kernel> open(Kernel::Role role = Kernel::Role::one_shot,
                               std::map<std::string, std::string> settings = {}) const {
    ConfigSources sources;
    sources.flags = std::move(settings);
    sources.environment = [](const char*) { return std::nullopt; };
    sources.machine = {.memory_bytes = std::uint64_t{64} << 30, .cores = 8};
    return must(Kernel::open(folders, must(resolve_config(sources)), kTestTools, role));
  }
  static void set_policy(Kernel& kernel, const std::string& text) {
    must(sys::write_file_atomic(kernel.policy_file().string(), text, 0600));
    kernel.forget_policy();
  }
  std::string path(std::string_view name) const { return (work / name).string(); }
  // A call of a person in the project.
  CallRequest request(std::string tool, std::string target, std::optional<std::string> text = {}) const {
    CallRequest made;
    made.tool = std::move(tool);
    base::JsonObject arguments{{"path", std::move(target)}};
    if (text) arguments.set("text", *std::move(text));
    made.arguments = std::move(arguments);
    made.caller.cwd = work.string();
    made.caller.project = work.string();
    return made;
  }
  // The same by an agent of that task.
  CallRequest by(CallRequest made, std::string task) const {
    made.task = std::move(task);
    made.caller.principal = policy::Principal::agent;
    return made;
  }
  Task agent(std::string id, std::vector<Grant> grants) const {
    Task task;
    task.id = std::move(id);
    task.parent = std::string(kTerminalTask);
    task.state = TaskState::running;
    task.grants = std::move(grants);
    task.cwd = work.string();
    task.project = work.string();
    return task;
  }

  std::filesystem::path root;
  std::filesystem::path work;
  Folders folders;
};

inline base::ErrorCode code_of(const Outcome& outcome) {
  REQUIRE_FALSE(outcome.ok());
  return outcome.output.error().code;
}
inline std::string text_of(const Outcome& outcome) {
  if (!outcome.ok()) FAIL(outcome.output.error().message);
  return outcome.output->string_or("text");
}

inline std::future<Outcome> submit(Kernel& kernel, CallRequest request) {
  std::promise<Outcome> promise;
  std::future<Outcome> future = promise.get_future();
  must(kernel.submit(std::move(request), 5, [promise = std::move(promise)](Outcome outcome) mutable {
    promise.set_value(std::move(outcome));
  }));
  return future;
}
inline Outcome ended(std::future<Outcome>& future) {
  REQUIRE(future.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  return future.get();
}

template <class Predicate>
bool holds_soon(Predicate&& predicate) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!predicate()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

struct Written {
  std::uint8_t kind = 0;
  base::Json body;
};
// What the ledger holds about a call.
inline std::vector<Written> records_of(Kernel& kernel, const std::string& call) {
  std::vector<Written> found;
  must(kernel.ledger().scan({}, [&](const ledger::Record& record) {
    if (record.kind >= ledger::kCheckpointKind) return true;
    base::Json body = must(base::parse_json(record.body));
    if (body.string_or("call") == call) found.push_back({.kind = record.kind, .body = std::move(body)});
    return true;
  }));
  return found;
}

}  // namespace lilux::kernel
