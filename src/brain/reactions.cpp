#include "brain/reactions.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/hash.h"
#include "base/time.h"
#include "item/interpolate.h"
#include "kernel/kernel.h"
#include "kernel/trust.h"
#include "sys/file.h"
#include "sys/place.h"
#include "sys/self.h"
#include "text/wild.h"

namespace lilux::brain {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::JsonObject;
using base::Result;
using kernel::Event;
using kernel::Kernel;

namespace {

constexpr std::int64_t kLookAgainUs = 50'000;
constexpr std::size_t kPlacesMax = 1'000;
constexpr std::size_t kProjectsMax = 64;
constexpr std::size_t kBegunMax = 2'000;
constexpr auto kFarAway = std::chrono::hours(24);

struct Seen {
  std::string stamp;
  std::int64_t changed_us = 0;
};

Result<sys::Stat> stat_by_no_link(const std::string& file) {
  return sys::stat(TRY(sys::open_parent(file)));
}

Seen seen_of(const Result<sys::Stat>& stat) {
  if (!stat) return {.stamp = stat.error().code == ErrorCode::not_found ? "absent" : stat.error().message};
  return {.stamp = std::to_string(stat->inode) + ":" + std::to_string(stat->size) + ":" +
                   std::to_string(stat->modified_ns) + ":" + std::to_string(stat->changed_ns),
          .changed_us = stat->changed_ns / 1000};
}

// A project's rule reaches files of the project alone; of the rest, policy decides as for every agent.
std::vector<kernel::Grant> grants_of(const RuleSource& source) {
  if (source.project.empty()) return {{.capability = std::string(kernel::kEverything)}};
  const std::string below = text::escape_glob(source.project) + "/**";
  std::vector<kernel::Grant> grants;
  for (const std::string& capability :
       {"read fs " + below, "write fs " + below, std::string("execute shell **"), std::string("execute sandbox **"),
        std::string("read kernel **"), std::string("write kernel **"), std::string("read memory **"),
        std::string("write memory **"), std::string("write item **"), std::string("read process **"),
        std::string("signal process own:*"), std::string("connect net **")})
    grants.push_back({.capability = capability});
  return grants;
}

// What rules say of themselves belongs to hooks, so that it sets off neither.
Result<void> note(Kernel& kernel, std::string_view event, JsonObject data, std::vector<kernel::Change> changes = {}) {
  data.set("task", kernel::kHooksTask);
  TRY(kernel.note(event, std::move(data), std::move(changes)));
  return {};
}

}  // namespace

Reactions::Reactions(Kernel& kernel) : Reactions(kernel, base::steady_us) {}

Reactions::Reactions(Kernel& kernel, Clock clock)
    : kernel_(kernel), clock_(clock), own_{.source = user_rules(kernel.folders())} {
  listener_ = kernel.events().listen([this](const Event& event) {
    if (!has_rules_) {
      places_.with([&](Places& places) {
        places.newest = event.sequence;
        if (places.projects.size() + places.tasks.size() >= kPlacesMax) return void(places.are_many = true);
        if (event.project.empty())
          places.tasks.insert(event.task);
        else
          places.projects.insert(event.project);
      });
    }
    if (has_rules_ || base::steady_us() >= deaf_until_us_) wake();
  });
  seen_ = kernel.ledger().head().sequence;  // of what comes after it the listener is told
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Reactions::~Reactions() {
  kernel_.events().forget(listener_);
  thread_.request_stop();
  thread_.join();
  for_each_loaded([&](Loaded& loaded) {
    for (const Live& live : loaded.live) {
      if (!live.task.empty()) kernel_.close_session(live.task);
    }
  });
}

void Reactions::wake() {
  {
    const std::lock_guard lock(mutex_);
    has_news_ = true;
  }
  woken_.notify_one();
}

void Reactions::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    look();
    fire_due();
    wait(stop);
  }
}

void Reactions::wait(const std::stop_token& stop) {
  const std::optional<std::int64_t> due = next_due();
  const auto patience =
      due ? std::chrono::microseconds(std::max<std::int64_t>(*due - clock_(), 0)) : std::chrono::microseconds(kFarAway);
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, stop, patience, [this] { return has_news_; });
  has_news_ = false;
}

template <class Each>
void Reactions::for_each_loaded(Each each) {
  each(own_);
  for (const auto& [project, loaded] : by_project_) each(*loaded);
}

// Files are looked at before the events are, so that an edit holds for what comes after it; and again before those that
// come meanwhile.
void Reactions::look() {
  const std::uint64_t last = kernel_.ledger().head().sequence;
  refresh(own_);
  for (const auto& [project, loaded] : by_project_) refresh(*loaded);
  const Places places = look_where_things_happened();
  if (!has_rules_ && !places.are_many && !has_rules_in_force()) {
    seen_ = std::max(seen_, places.newest);  // nobody listens, so nothing has to be read
    deaf_until_us_ = base::steady_us() + kLookAgainUs;
    return;
  }
  const Result<void> read = kernel_.events_since(seen_, [&](const Event& event) {
    if (event.sequence > last) {
      wake();
      return false;
    }
    seen_ = event.sequence;
    see(event);
    return true;
  });
  if (!read) seen_ = std::max(seen_, kernel_.ledger().head().sequence);  // they cannot be read: `lilux doctor` says why
  has_rules_ = has_rules_in_force();
  deaf_until_us_ = base::steady_us() + kLookAgainUs;
}

bool Reactions::has_rules_in_force() {
  bool has_rules = false;
  for_each_loaded([&](const Loaded& loaded) { has_rules = has_rules || !loaded.rules.empty(); });
  return has_rules;
}

Reactions::Places Reactions::look_where_things_happened() {
  Places places = places_.with([](Places& kept) { return std::exchange(kept, {}); });
  kernel_.state().with([&](const kernel::State& state) {
    for (const std::string& id : places.tasks)
      if (const auto task = state.tasks.find(id); task != state.tasks.end())
        places.projects.insert(task->second.project);
  });
  for (const std::string& project : places.projects) of_project(project);
  return places;
}

void Reactions::see(const Event& event) {
  std::string project = event.project;
  const bool is_ours = kernel_.state().with([&](const kernel::State& state) {
    if (kernel::descends(state, event.task, kernel::kHooksTask)) return true;
    const auto task = state.tasks.find(event.task);
    if (project.empty() && task != state.tasks.end()) project = task->second.project;
    return false;
  });
  if (is_ours) return;
  Loaded* theirs = of_project(project);
  if (own_.rules.empty() && (!theirs || theirs->rules.empty())) return;
  if (event.name == "call.begin") {
    if (begun_.size() >= kBegunMax) begun_.clear();
    if (Result<Json> body = base::parse_json(event.body)) begun_.insert_or_assign(body->string_or("call"), *body);
  }
  Event placed = event;
  placed.project = project;
  hear(own_, placed);
  if (theirs) hear(*theirs, placed);
  if (event.name != "call.begin" && event.name.starts_with("call.") && !begun_.empty()) {
    const Result<Json> body = base::parse_json(event.body);
    if (body) begun_.erase(body->string_or("call"));
  }
}

// Of a project that is trusted; trust is asked for again with every file that is new or changed.
Reactions::Loaded* Reactions::of_project(const std::string& project) {
  if (project.empty()) return nullptr;
  const auto known = by_project_.find(project);
  if (known != by_project_.end()) return known->second.get();
  if (by_project_.size() >= kProjectsMax) by_project_.clear();
  auto made = std::make_unique<Loaded>(Loaded{.source = project_rules(project)});
  refresh(*made);
  return by_project_.emplace(project, std::move(made)).first->second.get();
}

void Reactions::refresh(Loaded& loaded) {
  const RuleSource& source = loaded.source;
  Seen seen = seen_of(source.project.empty() ? sys::stat(source.file) : stat_by_no_link(source.file));
  if (!source.project.empty() && seen.stamp != "absent") {
    const Seen trust = seen_of(sys::stat(kernel::trust_file(kernel_.folders())));
    seen.stamp += "/" + trust.stamp;
    seen.changed_us = std::max(seen.changed_us, trust.changed_us);
  }
  if (seen.stamp == loaded.stamp) return;
  loaded.stamp = seen.stamp;
  loaded.since_us = seen.changed_us;
  const bool is_ours = source.project.empty() || kernel::is_itself_trusted(kernel_.folders(), source.project);
  const Result<std::optional<std::string>> text = is_ours ? read_rules(source) : std::optional<std::string>();
  InForce now =
      kernel_.state().with([&](const kernel::State& state) { return in_force(state, source); }).value_or(InForce{});
  if (text && *text) return take(loaded, **text);
  if (!text) {
    now.problem = text.error().message;
    return tell(loaded, now, "rules.broken");
  }
  loaded.rules.clear();
  loaded.live.clear();
  loaded.waiting.clear();
  loaded.matcher = {};
  tell(loaded, {}, "rules.loaded");
}

// A text that cannot be read leaves the rules in force as they are.
void Reactions::take(Loaded& loaded, const std::string& text) {
  Result<RuleFile> file = parse_rules(loaded.source, text, kernel_);
  Result<Matcher> matcher = file ? Matcher::compile(file->rules) : std::unexpected(file.error());
  if (!matcher) {
    InForce now = kernel_.state()
                      .with([&](const kernel::State& state) { return in_force(state, loaded.source); })
                      .value_or(InForce{});
    now.rules = static_cast<std::int64_t>(loaded.rules.size());
    now.problem = matcher.error().message;
    return tell(loaded, now, "rules.broken");
  }
  std::map<std::string, Live> met;  // what did not change goes on where it was
  for (std::size_t i = 0; i < loaded.rules.size(); ++i) met.emplace(loaded.rules[i].digest, std::move(loaded.live[i]));
  loaded.rules = std::move(file->rules);
  loaded.matcher = std::move(*matcher);
  loaded.live.clear();
  loaded.waiting.clear();
  for (const Rule& rule : loaded.rules) {
    auto before = met.extract(rule.digest);
    loaded.live.push_back(before ? std::move(before.mapped()) : Live{.beat = Beat(rule.pace)});
    if (loaded.live.back().beat.due_us()) loaded.waiting.insert(static_cast<std::uint32_t>(loaded.live.size() - 1));
  }
  for (const auto& [digest, gone] : met) {
    if (!gone.task.empty()) kernel_.close_session(gone.task);
  }
  tell(loaded,
       {.digest = base::to_hex(base::sha256(text)),
        .rules = static_cast<std::int64_t>(loaded.rules.size()),
        .refused = static_cast<std::int64_t>(file->refused.size()),
        .problem = file->refused.empty() ? "" : file->refused.front().error.message},
       "rules.loaded");
}

// Once for each text.
void Reactions::tell(const Loaded& loaded, const InForce& now, std::string_view event) {
  const Json said = base::encode(now);
  const std::string fact = file_fact(loaded.source);
  const std::string text = now.digest.empty() && now.problem.empty() ? "" : base::to_text(said);
  const bool is_known = kernel_.state().with([&](const kernel::State& state) {
    const auto found = state.facts.find(fact);
    return (found == state.facts.end() ? "" : found->second) == text;
  });
  if (is_known) return;
  JsonObject data{{"file", loaded.source.file}};
  for (const auto& [key, value] : said.as_object()) data.set(key, value);
  std::ignore = note(kernel_, event, std::move(data),  // safe mode tells
                     {{.table = "fact", .id = fact, .value = text.empty() ? Json(nullptr) : Json(text)}});
}

Json Reactions::shown(const Event& event) const {
  Json made = kernel::to_json(event);
  made.as_object().set("project", event.project);
  const auto begun = begun_.find(made.string_or("call"));
  if (begun == begun_.end()) return made;
  for (const auto& [key, value] : begun->second.as_object()) {
    if (!made.find(key)) made.as_object().set(key, value);
  }
  return made;
}

void Reactions::hear(Loaded& loaded, const Event& event) {
  if (event.time_us < loaded.since_us || !loaded.matcher.knows(event.name)) return;
  const Json seen = shown(event);
  for (const std::uint32_t number : loaded.matcher.on_event(event.name, seen)) {
    Live& live = loaded.live[number];
    if (live.beat.take(clock_())) {
      fire(loaded, number, seen);
    } else if (live.beat.due_us()) {
      live.event = seen;
      loaded.waiting.insert(number);
    }
  }
}

std::optional<std::int64_t> Reactions::next_due() const {
  std::optional<std::int64_t> next;
  const auto look_at = [&](const Loaded& loaded) {
    for (const std::uint32_t number : loaded.waiting) {
      const std::optional<std::int64_t> due = loaded.live[number].beat.due_us();
      if (due && (!next || *due < *next)) next = due;
    }
  };
  look_at(own_);
  for (const auto& [project, loaded] : by_project_) look_at(*loaded);
  return next;
}

void Reactions::fire_due() {
  const std::int64_t now = clock_();
  for_each_loaded([&](Loaded& loaded) {
    const auto is_due = [&](std::uint32_t number) { return loaded.live[number].beat.take_due(now); };
    std::vector<std::uint32_t> due;
    std::ranges::copy_if(loaded.waiting, std::back_inserter(due), is_due);
    for (const std::uint32_t number : due) {
      loaded.waiting.erase(number);
      fire(loaded, number, std::exchange(loaded.live[number].event, Json()));
    }
  });
}

void Reactions::fire(Loaded& loaded, std::size_t number, const Json& event) {
  const Rule& rule = loaded.rules[number];
  const std::string stop = stop_fact(loaded.source, rule.name);
  const bool is_stopped = kernel_.state().with([&](const kernel::State& state) {
    const auto found = state.facts.find(stop);  // of the rule as it was then
    return found != state.facts.end() && found->second == rule.digest;
  });
  if (is_stopped || kernel_.is_stopped()) return;
  const JsonObject named{{"rule", rule.name}, {"file", loaded.source.file}};
  if (loaded.live[number].beat.has_run_away()) {
    JsonObject why = named;
    why.set("why", "it fired " + std::to_string(kFiringsMax) + " times within a minute");
    std::ignore = note(kernel_, "rule.stopped", std::move(why),  // safe mode tells
                       {{.table = "fact", .id = stop, .value = rule.digest}});
    return;
  }
  const Result<void> made = call(loaded, number, event);
  if (made) return;
  JsonObject why = named;
  why.set("why", made.error().message);
  const Dropped last{.digest = rule.digest, .why = made.error().message, .time_us = base::now_us()};
  std::ignore =
      note(kernel_, "rule.dropped", std::move(why),  // safe mode tells
           {{.table = "fact", .id = drop_fact(loaded.source, rule.name), .value = base::to_text(base::encode(last))}});
}

Result<void> Reactions::call(Loaded& loaded, std::size_t number, const Json& event) {
  const Rule& rule = loaded.rules[number];
  const std::string& home = kernel_.folders().home;
  std::string folder = loaded.source.project.empty() ? rule.folder : loaded.source.project;
  if (folder.starts_with("~/")) folder = home + folder.substr(1);
  if (folder.empty()) folder = event.string_or("project");
  if (folder.empty()) folder = home;
  kernel::CallRequest request{.tool = rule.tool};
  request.arguments = TRY(item::interpolated(rule.arguments, [&](std::string_view name) -> std::optional<Json> {
    const Json* value = field_at(event, name);
    return value ? std::optional(*value) : std::nullopt;
  }));
  request.task = TRY(task_of(loaded, number, folder));
  request.reason =
      "rule " + rule.name + ": " + event.string_or("event") + " " + std::to_string(event.integer_or("sequence"));
  request.cause = event.string_or("call");
  request.caller = {.principal = policy::Principal::agent,
                    .cwd = folder,
                    .project = kernel::project_of(folder, home),
                    .environment = sys::own_environment()};
  return kernel_.submit(std::move(request), 5, [](const kernel::Outcome&) {});
}

// One for each rule, so that it can be looked at, limited and ended by itself.
Result<std::string> Reactions::task_of(Loaded& loaded, std::size_t number, const std::string& folder) {
  std::string& task = loaded.live[number].task;
  const bool is_live = kernel_.state().with([&](const kernel::State& state) {
    const auto found = state.tasks.find(task);
    return found != state.tasks.end() && !kernel::is_finished(found->second.state);
  });
  if (is_live) return task;
  task = TRY(kernel_.open_session({.parent = std::string(kernel::kHooksTask),
                                   .title = "rule " + loaded.rules[number].name,
                                   .principal = policy::Principal::agent,
                                   .grants = grants_of(loaded.source),
                                   .cwd = folder,
                                   .project = kernel::project_of(folder, kernel_.folders().home)}));
  return task;
}

}  // namespace lilux::brain
