#include "kernel/state.h"

#include <algorithm>

#include "base/saturate.h"

namespace lilux::kernel {

namespace {

template <class Row>
void put_row(std::map<std::string, Row, std::less<>>& table, const Change& change) {
  if (change.value.is_null()) {
    table.erase(change.id);
    return;
  }
  // A row that does not decode is of a newer program; the newer program will read it again.
  if (base::Result<Row> row = base::decode<Row>(change.value)) table.insert_or_assign(change.id, std::move(*row));
}

// Keeps the newest `kept` of what is over and forgets the rest.
template <class Forget>
void retire(std::deque<std::string>& order, const std::string& id, std::size_t kept, const Forget& forget) {
  order.push_back(id);
  while (order.size() > kept) {
    forget(order.front());
    order.pop_front();
  }
}

std::pair<std::int64_t, std::string> urgency(const Task& task) {
  const std::int64_t seconds = std::clamp<std::int64_t>(task.priority, 0, 9);
  return {base::saturating_sum(task.created_us, -seconds * 1'000'000), task.id};
}

void forget_order(State& state, const Task& task) {
  state.runnable.erase(urgency(task));
  state.waiting.erase(task.id);
  for (const std::string& dependency : task.depends_on) {
    const auto [first, last] = state.dependents.equal_range(dependency);
    for (auto entry = first; entry != last;)
      entry = entry->second == task.id ? state.dependents.erase(entry) : std::next(entry);
  }
}

void put_task(State& state, const Change& change) {
  if (const auto before = state.tasks.find(change.id); before != state.tasks.end()) forget_order(state, before->second);
  put_row(state.tasks, change);
  const auto found = state.tasks.find(change.id);
  if (found == state.tasks.end()) return;
  const Task& now = found->second;
  if (now.state == TaskState::ready && !now.tool.empty() && !now.is_suspended) state.runnable.insert(urgency(now));
  if (now.state == TaskState::waiting) {
    state.waiting.insert(now.id);
    for (const std::string& dependency : now.depends_on) state.dependents.emplace(dependency, now.id);
  }
  if (!is_finished(now.state)) return;
  if (std::ranges::find(state.finished_tasks, change.id) != state.finished_tasks.end()) return;
  retire(state.finished_tasks, change.id, kFinishedTasksKept, [&state](const std::string& oldest) {
    state.tasks.erase(oldest);
    state.usage.erase(oldest);
  });
}

template <class Row>
Change patched(const Row& row, const Change& patch) {
  base::Json value = base::encode(row);
  if (patch.value.is_object()) {
    for (const auto& [key, member] : patch.value.as_object()) value.as_object().set(key, member);
  }
  return {.table = "", .id = patch.id, .value = std::move(value)};
}

void apply_task_patch(State& state, const Change& change) {
  const auto found = state.tasks.find(change.id);
  if (found != state.tasks.end() && !is_finished(found->second.state)) put_task(state, patched(found->second, change));
}

void put_approval(State& state, const Change& change) {
  put_row(state.approvals, change);
  const auto found = state.approvals.find(change.id);
  if (found == state.approvals.end()) return;
  const ApprovalState now = found->second.state;
  if (now == ApprovalState::pending || now == ApprovalState::unknown_outcome) {
    std::erase(state.answered_approvals, change.id);  // asked again after a restart, so it must not be forgotten
    return;
  }
  if (std::ranges::find(state.answered_approvals, change.id) != state.answered_approvals.end()) return;
  retire(state.answered_approvals, change.id, kAnsweredKept,
         [&state](const std::string& oldest) { state.approvals.erase(oldest); });
}

void apply_approval_patch(State& state, const Change& change) {
  const auto found = state.approvals.find(change.id);
  if (found != state.approvals.end() && found->second.state == ApprovalState::pending)
    put_approval(state, patched(found->second, change));
}

// What has no cost was never a call: nobody may fill the state with names.
void charge(State& state, const Body& body) {
  if (!body.task || !body.tool || !body.result || !body.cost) return;
  const Cost& cost = *body.cost;
  ToolStatistics& statistics = state.statistics[*body.tool];
  statistics.calls += 1;
  statistics.failures += *body.result == "error" ? 1 : 0;
  statistics.wall_us = base::saturating_sum(statistics.wall_us, cost.wall_us);
  for (const Task* task : lineage(state, *body.task)) {
    Usage& usage = state.usage[task->id];
    usage.calls += 1;
    usage.wall_us = base::saturating_sum(usage.wall_us, cost.wall_us);
    usage.tokens = base::saturating_sum(usage.tokens, cost.tokens);
    usage.usd = base::saturating_sum(usage.usd, cost.usd);
  }
}

struct Snapshot {
  std::vector<Change> rows;
  static constexpr base::Fields fields{base::Field{"rows", &Snapshot::rows, "Rows of all tables"}};
};

base::Json position_json(const ledger::Position& position) {
  return base::JsonObject{{"sequence", position.sequence}, {"segment", position.segment}, {"offset", position.offset}};
}

ledger::Position position_from(const base::Json& json) {
  return {.sequence = static_cast<std::uint64_t>(json.integer_or("sequence")),
          .segment = static_cast<std::uint64_t>(json.integer_or("segment")),
          .offset = static_cast<std::uint64_t>(json.integer_or("offset"))};
}

}  // namespace

void apply(State& state, const Change& change) {
  if (change.table == "task") return put_task(state, change);
  if (change.table == "task.patch") return apply_task_patch(state, change);
  if (change.table == "approval") return put_approval(state, change);
  if (change.table == "approval.patch") return apply_approval_patch(state, change);
  if (change.table == "hook") return put_row(state.hooks, change);
  if (change.table == "aside") return put_row(state.asides, change);
  if (change.table == "fact") {
    if (change.value.is_string())
      state.facts[change.id] = change.value.as_string();
    else
      state.facts.erase(change.id);
  } else if (change.table == "quota") {  // id is task#number-of-grant
    const std::size_t mark = change.id.rfind('#');
    const auto task = state.tasks.find(change.id.substr(0, mark));
    if (mark == std::string::npos || task == state.tasks.end() || !change.value.is_integer()) return;
    const auto number = static_cast<std::size_t>(std::strtoul(change.id.c_str() + mark + 1, nullptr, 10));
    if (number >= task->second.grants.size()) return;
    std::int64_t& used = task->second.grants[number].used;
    used = base::saturating_sum(used, change.value.as_integer());
  } else if (change.table == "idempotency" && change.value.is_null()) {
    state.remembered.erase(change.id);
    std::erase(state.remembered_order, change.id);
  } else if (change.table == "idempotency" && change.value.is_object()) {
    remember(state, change.id,
             {.call = change.value.string_or("call"),
              .hash = change.value.string_or("hash"),
              .is_open = change.value.bool_or("open")});
  } else if (change.table == "statistics" && change.value.is_object()) {
    state.statistics[change.id] = {.calls = change.value.integer_or("calls"),
                                   .failures = change.value.integer_or("failures"),
                                   .wall_us = change.value.integer_or("wall_us")};
  } else if (change.table == "usage") {
    put_row(state.usage, change);
  } else if (change.table == "intent" && change.value.is_object()) {
    state.intents[change.id] = {.call = change.id,
                                .tool = change.value.string_or("tool"),
                                .task = change.value.string_or("task"),
                                .position = position_from(change.value)};
  }
}

void apply(State& state, std::uint8_t kind, const ledger::Position& position, const Body& body) {
  switch (static_cast<Kind>(kind)) {
    case Kind::intent:
      if (body.call) {
        state.intents[*body.call] = {
            .call = *body.call, .tool = body.tool.value_or(""), .task = body.task.value_or(""), .position = position};
      }
      break;
    case Kind::outcome:
      if (body.call) state.intents.erase(*body.call);
      charge(state, body);
      break;
    case Kind::call: charge(state, body); break;
    case Kind::note: break;
  }
  if (body.changes) {
    for (const Change& change : *body.changes) apply(state, change);
  }
  state.applied = position;
}

// What is over comes in the order in which it ended: of that only the newest are kept.
std::vector<Change> rows_of(const State& state) {
  std::vector<Change> rows;
  const auto add_if_there = [&rows](const auto& table, const std::string& id, const auto& make) {
    if (const auto found = table.find(id); found != table.end()) rows.push_back(make(found->second));
  };
  const auto put_any = [](const auto& row) { return put(row); };
  for (const auto& [id, task] : state.tasks) {
    if (!is_finished(task.state)) rows.push_back(put(task));
  }
  for (const std::string& id : state.finished_tasks) add_if_there(state.tasks, id, put_any);
  const std::set<std::string_view> answered(state.answered_approvals.begin(), state.answered_approvals.end());
  for (const auto& [id, approval] : state.approvals) {
    if (!answered.contains(id)) rows.push_back(put(approval));
  }
  for (const std::string& id : state.answered_approvals) add_if_there(state.approvals, id, put_any);
  for (const std::string& key : state.remembered_order)
    add_if_there(state.remembered, key, [&key](const Remembered& row) { return put(key, row); });
  for (const auto& [id, hook] : state.hooks) rows.push_back(put(hook));
  for (const auto& [call, aside] : state.asides) rows.push_back(put(call, aside));
  for (const auto& [id, fact] : state.facts) rows.push_back({.table = "fact", .id = id, .value = fact});
  for (const auto& [id, usage] : state.usage)
    rows.push_back({.table = "usage", .id = id, .value = base::encode(usage)});
  for (const auto& [tool, row] : state.statistics) {
    rows.push_back(
        {.table = "statistics",
         .id = tool,
         .value = base::JsonObject{{"calls", row.calls}, {"failures", row.failures}, {"wall_us", row.wall_us}}});
  }
  for (const auto& [call, row] : state.intents) {
    base::Json value = position_json(row.position);
    value.as_object().set("tool", row.tool);
    value.as_object().set("task", row.task);
    rows.push_back({.table = "intent", .id = call, .value = std::move(value)});
  }
  return rows;
}

std::string snapshot_text(const State& state) {
  return base::to_text(base::encode(Snapshot{.rows = rows_of(state)}));
}

base::Result<State> state_from_snapshot(std::string_view text) {
  const Snapshot snapshot = TRY(base::decode<Snapshot>(TRY(base::parse_json(text, {.bytes_max = SIZE_MAX}))));
  State state;
  for (const Change& change : snapshot.rows) apply(state, change);
  return state;
}

Change put(const Task& task) {
  return {.table = "task", .id = task.id, .value = base::encode(task)};
}
Change patch_task(const std::string& id, base::JsonObject members) {
  return {.table = "task.patch", .id = id, .value = std::move(members)};
}
Change put(const Approval& approval) {
  return {.table = "approval", .id = approval.call, .value = base::encode(approval)};
}
Change patch_approval(const std::string& call, base::JsonObject members) {
  return {.table = "approval.patch", .id = call, .value = std::move(members)};
}
Change put(const Hook& hook) {
  return {.table = "hook", .id = hook.id, .value = base::encode(hook)};
}
Change put(const std::string& call, const Aside& aside) {
  return {.table = "aside", .id = call, .value = base::encode(aside)};
}

Change put(const std::string& key, const Remembered& row) {
  return {.table = "idempotency",
          .id = key,
          .value = base::JsonObject{{"call", row.call}, {"hash", row.hash}, {"open", row.is_open}}};
}

std::string key_of(const std::string& task, const std::string& idempotency_key) {
  return task + "\n" + idempotency_key;
}

void remember(State& state, const std::string& key, Remembered row) {
  if (state.remembered.insert_or_assign(key, std::move(row)).second) state.remembered_order.push_back(key);
  while (state.remembered_order.size() > kRememberedKept) {
    const auto oldest = state.remembered.find(state.remembered_order.front());
    if (oldest != state.remembered.end() && oldest->second.is_open) return;
    if (oldest != state.remembered.end()) state.remembered.erase(oldest);
    state.remembered_order.pop_front();
  }
}

base::Result<const Task*> find_task(const State& state, std::string_view id) {
  if (const auto found = state.tasks.find(id); found != state.tasks.end()) return &found->second;
  return base::fail(base::ErrorCode::not_found, "no task '" + std::string(id) + "'", "`lilux ps` lists the tasks");
}

Lineage lineage(const State& state, std::string_view task) {
  Lineage line;
  for (auto found = state.tasks.find(task); found != state.tasks.end() && line.size < kLineageMax;
       found = state.tasks.find(found->second.parent)) {
    line.tasks[line.size++] = &found->second;
    if (found->second.parent.empty()) break;
  }
  return line;
}

bool descends(const State& state, std::string_view below, std::string_view above) {
  if (below == above) return true;
  return std::ranges::any_of(lineage(state, below), [&](const Task* task) { return task->id == above; });
}

}  // namespace lilux::kernel
