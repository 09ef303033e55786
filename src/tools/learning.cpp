// brain.learn and brain.forget: a person's answers to routed sentences, in one file for the person and one for each
// trusted project, in the state folder for its owner alone.

#include "tools/learning.h"

#include <algorithm>

#include <fcntl.h>

#include "base/hash.h"
#include "base/time.h"
#include "kernel/kernel.h"
#include "kernel/readings.h"
#include "kernel/trust.h"
#include "sys/file.h"
#include "text/private.h"
#include "tools/common.h"
#include "tools/fs_common.h"
#include "tools/table.h"

namespace lilux::tools::learning {

using base::ErrorCode;
using base::fail;
using base::Json;
using brain::Experience;
using kernel::Readings;

namespace {

constexpr std::size_t kNameCharacters = 16;  // of a project's digest

struct Place {
  Scope scope = Scope::user;
  std::string project;
  std::string file;
};

std::string folder_of(const CallContext& call) {
  return (call.kernel().folders().state / "learned").string();
}

Place user_place(const CallContext& call) {
  return {.scope = Scope::user, .project = {}, .file = folder_of(call) + "/user.jsonl"};
}

// Nothing where the caller stands in no project, or in one that nobody trusted.
std::optional<Place> project_place(const CallContext& call) {
  const std::string& project = call.caller().project;
  if (project.empty() || !kernel::is_trusted(call.kernel().folders(), project)) return std::nullopt;
  const std::string name = base::to_hex(base::sha256(project)).substr(0, kNameCharacters);
  return Place{.scope = Scope::project, .project = project, .file = folder_of(call) + "/" + name + ".jsonl"};
}

Result<Place> place_of(const CallContext& call, std::optional<Scope> scope) {
  const std::optional<Place> project = project_place(call);
  if (scope == Scope::user || (!scope && !project)) return user_place(call);
  if (project) return *project;
  return fail(ErrorCode::not_found, "you stand in no project that is trusted", "cd to it, or `lilux policy trust .`");
}

Result<std::vector<Experience>> read(const Place& place) {
  if (!TRY(sys::stat_if_there(place.file))) return std::vector<Experience>{};
  return brain::parse_experiences(TRY(sys::read_file(place.file, brain::kExperienceFileBytesMax)), place.file);
}

Result<void> write(CallContext& call, const Place& place, const std::vector<Experience>& all) {
  call.begins();
  TRY(sys::make_private_directory(folder_of(call)));
  if (!TRY(sys::stat_if_there(place.file))) TRY(sys::open(place.file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  return replace_file(call, place.file, brain::lines_of(all));
}

// The path is held, so that no two calls change the file at once.
Result<Assessment> changes(const CallContext& call, const Place& place) {
  Assessment made = TRY(administers("brain", policy::Risk::low));
  made.paths.push_back(place.file);
  made.scratch.push_back(scratch_for(call, place.file));
  return made;
}

// A sentence with a secret in it, or a call that has a place for one, is not kept.
Result<bool> has_secret(const LearnRequest& request, const kernel::Tool& tool, const Json& arguments) {
  const Json redacted = TRY(tool.redact(arguments, [](std::string_view) { return std::string("x"); }));
  return text::may_hold_secret(request.text) || text::may_hold_secret(base::to_text(arguments)) ||
         (tool.has_secrets && !(redacted == arguments));
}

std::function<bool(const Experience&)> chosen_by(const ForgetRequest& request, std::string_view since) {
  if (request.id) return [id = *request.id](const Experience& one) { return one.id == id; };
  if (!since.empty()) return [from = std::string(since)](const Experience& one) { return one.time >= from; };
  return [said = brain::plain(request.text.value_or(""))](const Experience& one) {
    return brain::plain(one.text) == said;
  };
}

Result<void> check_one_is_given(const ForgetRequest& request) {
  const int given = int{request.text.has_value()} + int{request.id.has_value()} + int{request.last.has_value()} +
                    int{request.since.has_value()} + int{request.all.value_or(false)};
  if (given == 1) return {};
  return fail(ErrorCode::invalid_argument, "forget what?", "one of text, id, last, since, all; `lilux brain status`");
}

// What a person's files teach, or why they cannot be read.
struct Taught {
  brain::Learned learned;
  std::optional<base::Error> problem;
};

Result<std::vector<Experience>> all_of(const std::vector<Place>& places, const std::vector<Readings::Text>& texts) {
  std::vector<Experience> all;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!texts[i]) return std::unexpected(texts[i].error());
    if (!*texts[i]) continue;
    const std::vector<Experience> theirs = TRY(brain::parse_experiences(**texts[i], places[i].file));
    std::ranges::copy_if(theirs, std::back_inserter(all), [&](const Experience& one) {
      return places[i].scope == Scope::user || one.project == places[i].project;
    });
  }
  return all;
}

}  // namespace

Result<std::shared_ptr<const brain::Learned>> learned_for(const CallContext& call) {
  if (call.caller().principal != policy::Principal::terminal) return std::make_shared<const brain::Learned>();
  std::vector<Place> places{user_place(call)};
  if (std::optional<Place> project = project_place(call)) places.push_back(std::move(*project));
  std::vector<Readings::Source> files;
  for (const Place& place : places)
    files.push_back({.file = place.file,
                     .open = [&place] { return sys::open(place.file, O_RDONLY); },
                     .bytes_max = brain::kExperienceFileBytesMax});
  const std::shared_ptr<const Taught> taught = call.kernel().kept().get<Readings>()->of<Taught>(
      places.back().project, files, [&](std::vector<Readings::Text> texts, const Taught*) {
        auto made = std::make_shared<Taught>();
        Result<std::vector<Experience>> all = all_of(places, texts);
        if (all)
          made->learned = brain::Learned::of(std::move(*all));
        else
          made->problem = std::move(all.error());
        return made;
      });
  if (taught->problem) return std::unexpected(*taught->problem);
  return std::shared_ptr<const brain::Learned>(taught, &taught->learned);
}

Result<std::vector<Shelf>> shelves(const CallContext& call) {
  std::vector<std::string> files{user_place(call).file};
  if (TRY(sys::stat_if_there(folder_of(call)))) {
    for (const sys::Entry& entry : TRY(sys::list_directory(folder_of(call)))) {
      const std::string file = folder_of(call) + "/" + entry.name;
      if (entry.name.ends_with(".jsonl") && file != files.front()) files.push_back(file);
    }
  }
  std::ranges::sort(files.begin() + 1, files.end());
  std::vector<Shelf> all;
  for (const std::string& file : files) {
    Result<std::vector<Experience>> examples = read({.file = file});
    // Whose a project's file is, its answers say: all of them were forgotten.
    if (examples && examples->empty() && file != files.front()) continue;
    Shelf& shelf = all.emplace_back(Shelf{.file = file});
    if (!examples) shelf.problem = examples.error().message;
    if (examples) shelf.examples = std::move(*examples);
    if (!shelf.examples.empty()) shelf.project = shelf.examples.front().project;
  }
  return all;
}

Result<Assessment> assess_learn(const CallContext& call, const LearnRequest& request) {
  const kernel::Tool* tool = TRY(call.kernel().tool(request.tool));
  if (tool->traits.audience == kernel::Audience::people)
    return fail(ErrorCode::invalid_argument, "'" + request.tool + "' is for people by its name: no sentence calls it",
                "make the call itself");
  if (request.arguments && !request.arguments->is_object())
    return fail(ErrorCode::invalid_argument, "field 'arguments' must be an object", R"(for example '{"path": "a"}')");
  return changes(call, TRY(place_of(call, {})));
}

Result<LearnResponse> learn(CallContext& call, const LearnRequest& request) {
  const Place place = TRY(place_of(call, {}));
  const kernel::Tool* tool = TRY(call.kernel().tool(request.tool));
  Json arguments = request.arguments.value_or(base::JsonObject{});
  if (TRY(has_secret(request, *tool, arguments))) return LearnResponse{.scope = place.scope};
  std::vector<Experience> all = TRY(read(place));
  const std::int64_t id = all.empty() ? 1 : all.back().id + 1;
  all.push_back({.id = id,
                 .text = request.text,
                 .answer = request.answer,
                 .tool = request.tool,
                 .arguments = std::move(arguments),
                 .layer = request.layer.value_or(""),
                 .band = request.band.value_or(brain::Band::defer),
                 .confidence = request.confidence,
                 .time = base::format_time(base::now_us()),
                 .project = place.project});
  if (all.size() > brain::kExperiencesMax)
    all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(brain::kExperiencesMax));
  TRY(write(call, place, all));
  return LearnResponse{.id = id, .scope = place.scope, .kept = true};
}

Result<Assessment> assess_forget(const CallContext& call, const ForgetRequest& request) {
  TRY(check_one_is_given(request));
  if (request.since) TRY(base::parse_time(*request.since, base::now_us()));
  return changes(call, TRY(place_of(call, request.scope)));
}

Result<ForgetResponse> forget(CallContext& call, const ForgetRequest& request) {
  const Place place = TRY(place_of(call, request.scope));
  ForgetResponse response{.scope = place.scope};
  const bool is_all = request.all.value_or(false);
  // Those that cannot be read can be forgotten all the same.
  std::vector<Experience> all = is_all ? read(place).value_or(std::vector<Experience>{}) : TRY(read(place));
  const std::size_t before = all.size();
  if (is_all) {
    all.clear();
  } else if (request.last) {
    all.resize(before - std::min(before, static_cast<std::size_t>(*request.last)));
  } else {
    const std::string since =
        request.since ? base::format_time(TRY(base::parse_time(*request.since, base::now_us()))) : "";
    std::erase_if(all, chosen_by(request, since));
  }
  response.forgotten = static_cast<std::int64_t>(before - all.size());
  response.kept = static_cast<std::int64_t>(all.size());
  if (response.forgotten > 0 || (is_all && TRY(sys::stat_if_there(place.file)))) TRY(write(call, place, all));
  return response;
}

}  // namespace lilux::tools::learning
