#include "kernel/upkeep.h"

#include <algorithm>
#include <set>

#include "kernel/image.h"
#include "kernel/kernel.h"
#include "sys/place.h"
#include "sys/tree.h"

namespace lilux::kernel {

using base::Json;
using base::Result;

namespace {

constexpr std::int64_t kDayUs = std::int64_t{86'400} * 1'000'000;

std::int64_t objects_age_us(const Kernel& kernel) {
  return std::chrono::duration_cast<std::chrono::microseconds>(kernel.config().objects.age_max).count();
}

std::vector<OpenIntent> open_intents(Kernel& kernel) {
  return kernel.state().with([](const State& state) {
    std::vector<OpenIntent> open;
    for (const auto& [call, intent] : state.intents) open.push_back(intent);
    return open;
  });
}

// What a crash now would need to settle the calls that run.
Result<std::set<std::string>> objects_of(Kernel& kernel, const std::vector<OpenIntent>& intents) {
  std::set<std::string> needed;
  for (const OpenIntent& intent : intents) {
    const ledger::Record record = TRY(kernel.ledger().read(intent.position));
    const Body body = TRY(body_of(record));
    if (body.arguments_object) needed.insert(*body.arguments_object);
    if (!body.before) continue;
    for (std::string& object : TRY(referenced(kernel.store(), *body.before))) needed.insert(std::move(object));
  }
  return needed;
}

Result<void> collect_objects(Kernel& kernel, Upkeep& done) {
  // Objects of calls that begin meanwhile are too young to be collected.
  const auto collected =
      TRY(kernel.store().collect(kernel.config().objects, TRY(objects_of(kernel, open_intents(kernel)))));
  done.objects = static_cast<std::int64_t>(collected.removed);
  done.objects_bytes = static_cast<std::int64_t>(collected.removed_bytes);
  return {};
}

Result<std::vector<Change>> remove_asides(Kernel& kernel, std::int64_t before_us, Upkeep& done) {
  const auto asides = kernel.state().with([](const State& state) { return state.asides; });
  std::vector<Change> changes;
  for (const auto& [call, aside] : asides) {
    if (aside.since_us >= before_us) continue;
    const Result<sys::Place> place = sys::open_parent(aside.path);
    if (place && TRY(sys::stat_if_there(*place))) {  // else undo moved it back, or somebody removed it
      TRY(sys::remove_tree(*place));
      ++done.trees;
    }
    changes.push_back({.table = "aside", .id = call, .value = Json(nullptr)});
  }
  return changes;
}

Result<void> drop_records(Kernel& kernel, std::int64_t before_us, Upkeep& done) {
  Index& index = TRY(kernel.index());
  std::uint64_t end = TRY(index.sequence_at(before_us));
  for (const OpenIntent& intent : open_intents(kernel)) end = std::min(end, intent.position.sequence);
  const std::optional<ledger::Position> first = TRY(index.position_of(0));
  const std::optional<ledger::Position> last = TRY(index.position_of(end));
  if (!first || !last || last->segment <= first->segment) return {};  // whole segments only
  TRY(kernel.write_state_again());
  const std::uint64_t kept = TRY(kernel.ledger().retain_from(last->sequence));
  done.records = static_cast<std::int64_t>(kept - first->segment);
  return index.forget_before(kept);
}

}  // namespace

Result<Upkeep> keep_up(Kernel& kernel, std::int64_t now_us) {
  Upkeep done;
  if (const std::int64_t days = kernel.config().ledger_retention_days; days > 0) {
    // Undo reads the record of the call.
    TRY(drop_records(kernel, now_us - std::max(days * kDayUs, objects_age_us(kernel)), done));
  }
  TRY(collect_objects(kernel, done));
  std::vector<Change> changes = TRY(remove_asides(kernel, now_us - objects_age_us(kernel), done));
  if (done == Upkeep{} && changes.empty()) return done;
  TRY(kernel.note("kernel.upkeep", base::encode(done), std::move(changes)));
  return done;
}

}  // namespace lilux::kernel
