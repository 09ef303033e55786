#include "tools/references.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "brain/caller_guard.h"
#include "brain/extract_text.h"
#include "brain/phrase.h"
#include "brain/polite.h"
#include "brain/split.h"
#include "sys/file.h"
#include "tools/advice.h"
#include "tools/last_calls.h"
#include "tools/respelt.h"
#include "tools/said_programs.h"
#include "tools/sentences.h"
#include "tools/table.h"

namespace lilux::tools::brain_tools {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using brain::Mention;
using brain::Wanted;
using kernel::CallContext;

namespace {

constexpr std::size_t kNamedMax = 5;               // in a question
constexpr std::size_t kSeveralMax = 20;            // that "them" may be
constexpr std::int64_t kPidStandIn = 999'999'990;  // above every process id that Linux has

// What is spoken of, or why it is not known.
struct Resolved {
  std::optional<Thing> thing = {};
  std::vector<Thing> all = {};           // where several are spoken of: each of them
  std::string from = {};                 // call
  std::optional<std::size_t> part = {};  // the call of the same sentence whose list it comes from
  Wanted kind = Wanted::any;             // of that list
  std::string item_kind = {};
  std::string problem = {};
};

// "the file" is no folder, as far as one can tell.
bool is_other_sort(const Thing& thing, const Mention& mention) {
  if (mention.sort == brain::Sort::any || !thing.value.starts_with('/')) return false;
  const Result<std::optional<sys::Stat>> stat = sys::stat_if_there(thing.value);
  return stat && *stat && (*stat)->is_directory() != (mention.sort == brain::Sort::folder);
}

std::vector<Thing> fitting(std::vector<Thing> things, const Mention& mention) {
  std::erase_if(things, [&](const Thing& thing) { return !fits(thing, mention) || is_other_sort(thing, mention); });
  return things;
}

std::string listed(const std::vector<Thing>& things) {
  std::string text;
  for (std::size_t i = 0; i < things.size() && i < kNamedMax; ++i) text += (i == 0 ? "" : ", ") + things[i].value;
  return text + (things.size() > kNamedMax ? ", ..." : "");
}

// Of those that the tool gave: the nth from 1, -1 the last, 0 the only one.
Result<Thing> nth_of(const std::vector<Thing>& list, const std::string& tool, std::int64_t nth) {
  const auto size = static_cast<std::int64_t>(list.size());
  if (list.empty() && tool == "undo.list")
    return fail(ErrorCode::not_found, "there is nothing to undo", "`logs` shows what was done");
  if (list.empty())
    return fail(ErrorCode::not_found, "'" + tool + "' gave nothing to go on with", "look for something else");
  if (nth == 0 && size > 1)
    return fail(ErrorCode::invalid_argument, "'" + tool + "' gave " + std::to_string(size) + ": " + listed(list),
                "say which: the first, the second, the last");
  if (nth > size)
    return fail(ErrorCode::not_found, "'" + tool + "' gave only " + std::to_string(size) + ": " + listed(list),
                "say another one");
  return list[static_cast<std::size_t>(nth < 0 ? size - 1 : std::max<std::int64_t>(nth - 1, 0))];
}

// Of one call; nothing when it has none of that kind.
std::optional<Resolved> found_in(const MadeCall& made, const Mention& mention) {
  const std::vector<Thing> list = fitting(listed_by(made), mention);
  if (mention.nth != 0) {
    if (list.empty()) return std::nullopt;
    const Result<Thing> thing = nth_of(list, made.tool, mention.nth);
    return thing ? Resolved{.thing = *thing} : Resolved{.problem = thing.error().message};
  }
  std::vector<Thing> named = fitting(named_by(made), mention);
  if (named.empty()) named = list;
  if (named.empty()) return std::nullopt;
  if (named.size() == 1) return Resolved{.thing = std::move(named.front())};
  return Resolved{.problem = "which one '" + mention.said + "' is: " + listed(named)};
}

void add(std::vector<Thing>& all, std::vector<Thing> more) {
  for (Thing& thing : more)
    if (std::ranges::find(all, thing) == all.end()) all.push_back(std::move(thing));
}

// Those of a list, or what it was about where it gave none.
std::vector<Thing> several_in(const MadeCall& made, const Mention& mention) {
  const std::vector<Thing> listed = fitting(listed_by(made), mention);
  std::vector<Thing> all;
  add(all, listed.empty() ? fitting(named_by(made), mention) : listed);
  return all;
}

// "the first one" is of the list that was shown last, whatever that is of, and of no older one.
std::optional<Resolved> no_such_list(const MadeCall& made, const Mention& mention) {
  const bool is_any = mention.nth != 0 && mention.wanted == Wanted::any && shows_list(made.tool);
  const bool is_empty = mention.nth != 0 && kind_listed_by(made.tool) == mention.wanted && listed_by(made).empty();
  if (!is_any && !is_empty) return std::nullopt;
  const bool points = kind_listed_by(made.tool).has_value();
  return Resolved{.problem = "what '" + mention.said + "' is: '" + made.tool + "' was shown last, and " +
                             (points ? "gave nothing" : "no sentence can point into what it gives")};
}

std::optional<Resolved> several(std::vector<Thing> all, const Mention& mention) {
  const bool is_both = mention.said.starts_with("both") || mention.said.starts_with("Both");
  if (all.empty()) return std::nullopt;
  if (all.size() > kSeveralMax || (is_both && all.size() != 2))
    return Resolved{.problem =
                        "what '" + mention.said + "' is: there are " + std::to_string(all.size()) + ", " + listed(all)};
  return Resolved{.all = std::move(all)};
}

std::optional<Resolved> among_last(const CallContext& call, const Mention& mention) {
  const std::vector<LastCall> last = last_calls(call);
  const bool is_last_call = mention.wanted == Wanted::call && mention.nth == -1;
  for (const LastCall& one : last) {
    std::optional<Resolved> found =
        mention.is_plural ? several(several_in(one.made, mention), mention) : found_in(one.made, mention);
    if (!found && !is_last_call) found = no_such_list(one.made, mention);
    if (is_last_call && (!found || &one != &last.front())) break;
    if (!found) continue;
    found->from = one.call;
    return found;
  }
  // "the last call" is the newest one, unless that gave a list of calls itself.
  if (last.empty() || !is_last_call) return std::nullopt;
  const std::string& newest = last.front().call;
  return Resolved{.thing = Thing{.kind = Wanted::call, .value = newest}, .from = newest};
}

// Among the calls that come before in the same sentence: what they are about, else what they will give.
std::optional<Resolved> among_parts(const std::vector<brain::ProposedCall>& before, const Mention& mention) {
  if (mention.is_plural) {
    std::vector<Thing> all;
    for (const brain::ProposedCall& call : before)
      add(all, fitting(named_by({.tool = call.name, .arguments = call.arguments}), mention));
    if (!before.empty() && kind_listed_by(before.back().name))
      return Resolved{.problem = "which of what '" + before.back().name + "' gives: '" + mention.said +
                                 "' can be said once that is there"};
    return several(std::move(all), mention);
  }
  for (std::size_t i = before.size(); i-- > 0;) {
    const MadeCall made{.tool = before[i].name, .arguments = before[i].arguments};
    if (mention.nth == 0) {
      if (std::optional<Resolved> found = found_in(made, mention)) return found;
    }
    if (mention.wanted == Wanted::text && gives_text(made.tool)) return Resolved{.part = i, .kind = Wanted::text};
    const std::optional<Wanted> kind = kind_listed_by(made.tool);
    const bool is_loose = mention.wanted == Wanted::any || mention.wanted == Wanted::text;  // "the result"
    if (!kind || (!is_loose && mention.wanted != *kind)) continue;
    const std::string of_list = *kind == Wanted::item ? made.arguments.string_or("kind") : "";
    return Resolved{.part = i, .kind = *kind, .item_kind = mention.item_kind.empty() ? of_list : mention.item_kind};
  }
  return std::nullopt;
}

// What stands for a thing in the sentence until that is understood.
struct StandIn {
  Mention mention;
  Resolved resolved;
  Json token;
};

std::string phrase_of(const StandIn& one, std::size_t number) {
  const Wanted listed = one.mention.wanted == Wanted::any ? one.resolved.kind : one.mention.wanted;
  const Wanted kind = one.resolved.thing ? one.resolved.thing->kind : listed;
  const std::string& item_kind = one.resolved.thing ? one.resolved.thing->item_kind : one.resolved.item_kind;
  const std::string id = "lilux-stand-in-" + std::to_string(number);
  switch (kind) {
    case Wanted::any: return "hook " + id;  // of all that is listed, those alone have no kind
    case Wanted::path: return "/" + id;
    case Wanted::item: return (item_kind.empty() ? "item" : item_kind) + " " + id;
    case Wanted::task: return "task " + id;
    case Wanted::call: return "call " + id;
    case Wanted::process: return "process " + std::to_string(kPidStandIn + static_cast<std::int64_t>(number));
    case Wanted::text: return "\"" + id + "\"";
  }
  std::unreachable();
}

Json token_of(const std::string& phrase) {
  std::string word = phrase.substr(phrase.rfind(' ') + 1);
  if (word.starts_with('"')) word = word.substr(1, word.size() - 2);
  const bool is_number = word.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? *base::parse_json(word) : Json(word);
}

// The sentence with what stands for its mentions.
std::string rewritten(std::string_view text, std::vector<StandIn>& all) {
  std::string made(text);
  for (std::size_t i = all.size(); i-- > 0;) {
    StandIn& one = all[i];
    std::string phrase = phrase_of(one, i);
    one.token = token_of(phrase);
    // "that script" is a kind and a name already; "the first one" may be one of any kind.
    if (one.mention.is_owner) {
      const std::size_t blank = one.mention.said.find_last_of(" \t");
      phrase = "the " + one.mention.said.substr(blank + 1) + " of " + phrase;
    }
    made.replace(one.mention.begin, one.mention.end - one.mention.begin, phrase);
  }
  return made;
}

// Of what kind the value of a field has to be; nothing where it may be of any.
std::optional<Wanted> kind_of_field(std::string_view name) {
  if (name == "call") return Wanted::call;
  if (name == "task") return Wanted::task;
  if (name == "pid") return Wanted::process;
  if (name == "path" || name == "source" || name == "destination" || name == "directory") return Wanted::path;
  return std::nullopt;
}

// What the thing may be where a value is wanted: no file is a call, no text is a name, and a file that is written to
// another is copied.
bool may_be(brain::ProposedCall& call, std::string& name, const StandIn& one) {
  const Wanted kind = one.resolved.thing ? one.resolved.thing->kind : one.resolved.kind;
  const std::optional<Wanted> wanted = kind_of_field(name);
  const bool is_of_items = call.name.starts_with("item.");  // a source is a volume there
  if (wanted && !is_of_items && kind != *wanted) return false;
  if (kind == Wanted::text) return name != "name" && name != "id" && name != "kind";
  if (kind != Wanted::path || name != "content") return true;
  base::JsonObject& fields = call.arguments.as_object();
  const Json* path = fields.find("path");
  if (call.name != "fs.write" || !path || fields.find("append")) return false;
  call.name = "fs.copy";
  fields = {{"source", one.token}, {"destination", *path}};
  name = "source";
  return true;
}

// Puts the thing where its token stands as a whole value, once; false when it does not.
bool put_in(brain::ProposedCall& call, const StandIn& one) {
  for (const auto& [field, value] : base::JsonObject(call.arguments.as_object())) {
    std::string name(field);
    if (!(value == one.token)) continue;
    if (!may_be(call, name, one)) return false;
    if (!one.resolved.thing) {
      call.arguments.as_object().erase(name);
      call.results.push_back({.argument = name,
                              .call = *one.resolved.part,
                              .nth = one.mention.nth,
                              .kind = one.resolved.kind,
                              .item_kind = one.resolved.item_kind});
      return true;
    }
    const Thing& thing = *one.resolved.thing;
    const Json number = value.is_integer() ? base::parse_json(thing.value).value_or(Json(nullptr)) : Json(nullptr);
    call.arguments.as_object().set(name, number.is_integer() ? number : Json(thing.value));
    return true;
  }
  return false;
}

// Where a folder is meant, to read is to list.
void mind_folders(brain::ProposedCall& call) {
  if (call.name != "fs.read" && call.name != "fs.list") return;
  const std::string path = call.arguments.string_or("path");
  const Result<std::optional<sys::Stat>> stat = path.starts_with('/') ? sys::stat_if_there(path) : std::nullopt;
  if (stat && *stat) call.name = (*stat)->is_directory() ? "fs.list" : "fs.read";
}

Understood unknown(brain::Route route, std::string problem) {
  route.band = brain::Band::defer;
  route.layer = "reference";
  route.proposal = {.tool = route.proposal.tool, .missing = {std::move(problem)}, .why = "nothing is guessed"};
  return {.route = std::move(route)};
}

struct Speech {
  const CallContext& call;
  const brain::Router& router;
};

// The sentence with each of its mentions as one thing.
Understood with_things(const Speech& speech, std::string_view text, std::vector<StandIn> all) {
  Understood made{.route = speech.router.route(rewritten(text, all))};
  if (made.route.band == brain::Band::defer || made.route.proposal.calls.size() != 1) return made;
  brain::ProposedCall& call = made.route.proposal.calls.front();
  for (const StandIn& one : all) {
    const std::string is = one.resolved.thing ? ", which is " + one.resolved.thing->value : "";
    if (!put_in(call, one))
      return unknown(std::move(made.route), "what is to be done with '" + one.mention.said + "'" + is);
    if (!one.resolved.thing) continue;
    made.referred.push_back({.said = one.mention.said, .value = one.resolved.thing->value, .call = one.resolved.from});
  }
  if (!all.empty() && speech.call.caller().principal == policy::Principal::terminal) mind_folders(call);
  made.route.proposal.tool = call.name;
  return made;
}

// Adds the calls of what was understood to those before; false where there is not one at least.
bool append(Understood& whole, Understood more) {
  brain::Proposal& all = whole.route.proposal;
  if (more.route.band == brain::Band::defer || more.route.proposal.calls.empty()) return false;
  const bool is_new = !all.why.ends_with(more.route.proposal.why);
  if (is_new) all.why += (all.why.empty() ? "" : "; ") + more.route.proposal.why;
  all.confidence = std::min(all.confidence, more.route.proposal.confidence);
  std::ranges::move(more.route.proposal.calls, std::back_inserter(all.calls));
  whole.route.band = std::max(whole.route.band, more.route.band);
  if (whole.route.layer.empty()) whole.route.layer = more.route.layer;
  std::ranges::move(more.referred, std::back_inserter(whole.referred));
  all.tool = all.calls.front().name;
  return true;
}

Understood nothing_yet() {
  return {.route = {.proposal = {.confidence = 1}, .layer = {}, .band = brain::Band::execute}};
}

// One call for each of the things that the mention at `place` is.
Understood for_each_thing(const Speech& speech, std::string_view text, std::vector<StandIn> all, std::size_t place) {
  Understood made = nothing_yet();
  const std::vector<Thing> things = std::move(all[place].resolved.all);
  for (const Thing& thing : things) {
    all[place].resolved.thing = thing;
    Understood one = with_things(speech, text, all);
    if (one.route.proposal.calls.size() != 1 || !append(made, one)) return one;
  }
  return made;
}

// One sentence, or one part of it behind calls that come before.
Understood with_mentions(const Speech& speech, std::string_view text, const std::vector<brain::ProposedCall>& before) {
  std::vector<StandIn> all;
  for (Mention& mention : brain::find_mentions(text)) {
    std::optional<Resolved> found = among_parts(before, mention);
    if (!found) found = among_last(speech.call, mention);
    if (!found)
      return unknown({}, "what '" + mention.said + "' is: no call of the last hour is about such a thing or gave one");
    if (!found->problem.empty()) return unknown({}, std::move(found->problem));
    all.push_back({.mention = std::move(mention), .resolved = std::move(*found), .token = {}});
  }
  const auto plural = std::ranges::find_if(all, [](const StandIn& one) { return one.mention.is_plural; });
  if (plural == all.end()) return with_things(speech, text, std::move(all));
  const auto place = static_cast<std::size_t>(plural - all.begin());
  if (std::ranges::count_if(all, [](const StandIn& one) { return one.mention.is_plural; }) > 1)
    return unknown({}, "which they are: '" + all[place].mention.said + "' and others");
  return for_each_thing(speech, text, std::move(all), place);
}

// "show me the result", "what did it say": what the newest call gave.
bool asks_for_result(std::string_view text) {
  constexpr std::array<std::string_view, 16> kSaid{
      "show the result",      "show the output",    "show the answer",    "what is the result",
      "what was the result",  "what is the output", "the result",         "what was the output",
      "what did it say",      "what did it give",   "what did it return", "the output",
      "what did that return", "what did that give", "what came of it",    "what came out of it"};
  const std::string said = brain::lowered(brain::loosely(text));
  return std::ranges::any_of(kSaid, [&](std::string_view one) { return said == brain::loosely(one); });
}

// "run it again": the newest call once more.
bool asks_to_repeat(std::string_view text) {
  constexpr std::array<std::string_view, 25> kSaid{"again",
                                                   "redo",
                                                   "redo that",
                                                   "redo it",
                                                   "once more",
                                                   "one more time",
                                                   "do it again",
                                                   "do that again",
                                                   "do it once more",
                                                   "run it again",
                                                   "run that again",
                                                   "run it once more",
                                                   "run it one more time",
                                                   "repeat it",
                                                   "repeat that",
                                                   "repeat the last call",
                                                   "repeat the last command",
                                                   "try again",
                                                   "try it again",
                                                   "try that again",
                                                   "retry",
                                                   "retry that",
                                                   "make that call again",
                                                   "run the last command again",
                                                   "make the last call again"};
  std::string said;
  for (const brain::Spoken::Word& word : brain::spoken(text).words)
    if (word.folded != "please") said += (said.empty() ? "" : " ") + word.folded;
  return std::ranges::find(kSaid, said) != kSaid.end();
}

Understood advised(std::string advice) {
  return {.route = {.proposal = {.why = "no call does that"}, .layer = "advice"}, .advice = std::move(advice)};
}

// The same call, which is looked at first when it changes something; what was undone is done again by undo.redo.
Understood once_more(const Speech& speech, std::string_view text) {
  const std::optional<LastCall> last = newest_call(speech.call);
  if (!last) return unknown({}, "what is to be done again: no call of the last hour was made");
  if (!last->is_whole)
    return unknown({}, "what '" + last->made.tool + "' was given: its record has not all of it any more");
  brain::ProposedCall again{.name = last->made.tool, .arguments = last->made.arguments, .confidence = 1};
  if (again.name == "undo.apply")
    again = {.name = "undo.redo", .arguments = base::JsonObject{{"call", last->call}}, .confidence = 1};
  const kernel::Tool* tool = find(again.name);
  if (!tool || tool->traits.audience == kernel::Audience::people || again.name == "process.spawn")
    return advised("the arrow key up brings back what was typed before");
  Understood made{.route = {.proposal = {.confidence = 1, .tool = again.name, .why = "the newest call once more"},
                            .layer = "reference",
                            .band = is_harmless(again.name) ? brain::Band::execute : brain::Band::verify}};
  made.route.proposal.calls.push_back(std::move(again));
  made.referred.push_back({.said = std::string(text), .value = last->made.tool, .call = last->call});
  return made;
}

// Whether the whole sentence forbids, tells or asks about what a part of it, taken alone, would change.
bool is_only_spoken_of(const brain::Proposal& proposal, std::string_view text) {
  const auto only_looks = [](const brain::ProposedCall& call) { return is_harmless(call.name); };
  search::Words words;
  return !std::ranges::all_of(proposal.calls, only_looks) && !brain::held_back(brain::read(text, {}, words)).empty();
}

// Whether the words of a request are all a layer's own: none of them only speaks of it.
bool is_request(const std::string& layer) {
  return layer == "table" || layer == "rule" || layer == "learned" || layer == "sentence";
}

// "view notes.txt" of "view" and "delete notes.txt": the thing is said once, at the end. Empty where that is no
// request.
std::string with_thing_of_next(const Speech& speech, std::span<const std::string_view> parts) {
  if (parts.size() < 2 || parts.front().contains(' ') || !parts[1].contains(' ')) return {};
  const std::string whole = std::string(parts.front()) + std::string(parts[1].substr(parts[1].find(' ')));
  const bool is_request = !brain::find_mentions(whole).empty() || speech.router.route(whole).layer == "sentence";
  return is_request ? whole : std::string();
}

// All parts, each understood with those before it; nothing when one is not.
std::optional<Understood> in_parts(const Speech& speech, std::string_view text) {
  const std::vector<std::string_view> parts = brain::split_request(text);
  if (parts.size() < 2) return std::nullopt;
  Understood all = nothing_yet();
  bool are_requests = true;
  for (std::size_t at = 0; at < parts.size(); ++at) {
    const std::string whole = with_thing_of_next(speech, std::span(parts).subspan(at));
    const std::string_view part = whole.empty() ? parts[at] : whole;
    Understood one = with_mentions(speech, part, all.route.proposal.calls);
    if (!is_request(one.route.layer) && advice_for(part)) return std::nullopt;  // "find the newest file" is no name
    are_requests = are_requests && is_request(one.route.layer);
    for (const brain::ProposedCall& call : one.route.proposal.calls)
      if (one.route.proposal.calls.size() > 1 && !call.results.empty()) return std::nullopt;  // its own, counted anew
    if (!append(all, std::move(one))) return std::nullopt;
  }
  if (are_requests) return all;
  return is_only_spoken_of(all.route.proposal, text) ? std::nullopt : std::optional(std::move(all));
}

// Of several requests of which some are understood, the first that is not, and why: nothing is made by halves.
std::optional<std::string> part_not_understood(const Speech& speech, std::string_view text) {
  const std::vector<std::string_view> parts = brain::split_request(text);
  std::vector<brain::ProposedCall> before;
  std::string problem;
  bool is_any_understood = false;
  bool is_any_advised = false;
  for (const std::string_view part : parts.size() < 2 ? std::vector<std::string_view>{} : parts) {
    Understood one = with_mentions(speech, part, before);
    brain::Proposal& said = one.route.proposal;
    const bool is_whole =
        said.calls.size() < 2 || std::ranges::all_of(said.calls, [](const auto& call) { return call.results.empty(); });
    const bool is_understood = one.route.band != brain::Band::defer && is_request(one.route.layer) && is_whole;
    is_any_understood = is_any_understood || is_understood;
    if (!is_understood && problem.empty()) {
      const std::optional<std::string> advice = advice_for(part);
      is_any_advised = is_any_advised || advice;
      const std::string why = advice ? *advice : said.missing.empty() ? "" : said.missing.front();
      problem = "'" + std::string(part) + "'" + (why.empty() ? "" : " (" + why + ")");
    }
    std::ranges::move(said.calls, std::back_inserter(before));
  }
  if (problem.empty() || !(is_any_understood || is_any_advised)) return std::nullopt;
  return "nothing is done by halves, and one of " + std::to_string(parts.size()) +
         " requests is not understood: " + problem;
}

// What the shipped sentences that change something begin with.
bool begins_change(std::string_view word) {
  static const std::set<std::string, std::less<>> kVerbs = [] {
    std::set<std::string, std::less<>> all;
    for (const SaidCall& said : shipped_sentences())
      if (!is_harmless(said.tool)) all.insert(brain::spoken(said.text).words.front().folded);
    for (const char* other : {"i", "we", "my", "the", "a", "an", "no", "new", "there", "it", "is", "this", "that"})
      all.erase(other);
    return all;
  }();
  return kVerbs.contains(word);
}

// The value of what is looked for that took in a request of its own: "err and replace it with ok"; empty: none did.
std::string took_request(const brain::Route& route, std::string_view text) {
  if (route.layer != "sentence" || route.proposal.calls.size() != 1) return {};
  for (const std::string_view name : {"query", "pattern"}) {
    const std::string value = route.proposal.calls.front().arguments.string_or(name);
    const brain::Spoken said = brain::spoken(value);
    if (value.empty() || brain::is_quoted(value, text)) continue;
    for (std::size_t at = 1; at + 1 < said.words.size(); ++at) {
      const std::string& word = said.words[at].folded;
      if ((word == "and" || word == "then") && begins_change(said.words[at + 1].folded)) return value;
    }
  }
  return {};
}

// Whether the value is that mention, with words before it or without its "the".
bool is_mention(const std::string& value, const std::string& said) {
  return value == said || value.ends_with(" " + said) || (value.contains(' ') && said.ends_with(" " + value));
}

// What it came to as a whole took "it" for a value of its own.
bool took_mention(const brain::Route& route, const std::vector<Mention>& mentions) {
  for (const brain::ProposedCall& call : route.proposal.calls) {
    for (const auto& [name, value] : call.arguments.as_object()) {
      const std::string text = value.is_string() ? value.as_string() : "";
      if (std::ranges::any_of(mentions, [&](const Mention& one) { return is_mention(text, one.said); })) return true;
    }
  }
  return false;
}

// What a sentence that asks or forbids may come to all the same: an explanation, or what it says itself.
bool is_answer(const brain::ProposedCall& call) {
  return call.name == "policy.test" || call.name.starts_with("ledger.") || call.name.starts_with("memory.");
}

// A bare word, as "clear", is a slip of the hand and asks for no change.
void drop_changes(brain::Route& route) {
  if (std::ranges::all_of(route.proposal.calls, [](const auto& call) { return is_harmless(call.name); })) return;
  route.proposal.calls.clear();
  route.proposal.tool.clear();
  route.proposal.why = "a word alone asks for no change";
  route.band = brain::Band::defer;
}

// "how do I delete a file": how one says so, where what is behind the question comes to a tool.
std::optional<std::string> told_how(const Speech& speech, std::string_view text) {
  constexpr double kToldFrom = 0.3;
  constexpr std::array<std::string_view, 8> kAsks{"how do i ",   "how can i ",    "how to ",      "how would i ",
                                                  "how do you ", "how does one ", "how could i ", "can i "};
  const std::string plain = brain::lowered(text);
  const auto* asks = std::ranges::find_if(kAsks, [&](std::string_view one) { return plain.starts_with(one); });
  if (asks == kAsks.end()) return std::nullopt;
  const std::string said = brain::unquoted(text.substr(asks->size()));
  const brain::Route route = speech.router.route(said.substr(0, said.find_last_not_of(" ?.!") + 1));
  const kernel::Tool* tool = find(route.proposal.tool);
  if (!tool || route.proposal.confidence < kToldFrom || tool->name.starts_with("item.")) return std::nullopt;
  return "`lilux help " + std::string(tool->name) + "` tells: " + std::string(tool->summary) +
         "; a sentence that names what it is about does it";
}

// Nothing came of it, and what is nearest was taken from likeness alone.
bool is_guess(const brain::Route& route) {
  constexpr std::array<std::string_view, 5> kGuesses{"", "near", "alike", "item", "schema"};
  return route.band == brain::Band::defer && std::ranges::find(kGuesses, route.layer) != kGuesses.end();
}

Understood in_some_way(const Speech& speech, std::string_view text) {
  const std::vector<Mention> mentions = brain::find_mentions(text);
  Understood whole{.route = speech.router.route(text)};
  const std::string& layer = whole.route.layer;
  const bool is_clear = layer == "table" || layer == "sentence" ||
                        (whole.route.band != brain::Band::defer && layer != "near" && layer != "alike" &&
                         layer != "item" && layer != "schema");
  const std::string taken = took_request(whole.route, text);
  const bool is_half = !taken.empty();
  if (layer == "sentence" && whole.route.proposal.calls.empty()) {
    if (std::optional<std::string> advice = advice_for(text)) return advised(std::move(*advice));
  }
  if (is_clear && !is_half && !took_mention(whole.route, mentions)) return whole;
  const bool is_own_item = layer == "item" && whole.route.band != brain::Band::defer;
  if (std::optional<std::string> advice = is_own_item ? std::nullopt : advice_for(text))
    return advised(std::move(*advice));
  if (asks_to_repeat(text)) return once_more(speech, text);
  if (asks_for_result(text)) return with_mentions(speech, "show the result of the last call", {});
  if (std::optional<Understood> parts = in_parts(speech, text)) return std::move(*parts);
  if (std::optional<std::string> part = !is_clear || is_half ? part_not_understood(speech, text) : std::nullopt)
    return advised(std::move(*part));
  if (is_half)
    return unknown({}, "whether all of '" + taken + "' is looked for: put it in quotes, or say the rest by itself");
  if (mentions.empty()) return whole;
  Understood made = with_mentions(speech, text, {});
  // What those layers took from the words around it was never about what came before.
  const bool is_taken = layer == "item" || layer == "schema";
  const bool is_worse = made.route.band == brain::Band::defer && whole.route.band != brain::Band::defer && !is_taken &&
                        !took_mention(whole.route, mentions);
  return is_worse ? whole : made;
}

// With a slip of the hand mended, which is looked at first; what would change something is only told.
template <class IsThere>
std::optional<Understood> by_respelling(const Speech& speech, std::string_view text, const IsThere& is_there) {
  const auto only_looks = [](const brain::ProposedCall& call) { return is_harmless(call.name); };
  for (const std::string& meant : respelt(text, is_there)) {
    Understood made = in_some_way(speech, meant);
    brain::Proposal& proposal = made.route.proposal;
    const bool is_call = made.route.band != brain::Band::defer && is_request(made.route.layer);
    const bool is_told = !made.advice.empty() || (made.route.layer == "sentence" && !proposal.missing.empty());
    if (!is_call && !is_told) continue;
    if (!is_call || !std::ranges::all_of(proposal.calls, only_looks))
      return advised("if it was to be '" + meant + "', say that");
    proposal.is_asked = true;
    proposal.why = "read as '" + meant + "'";
    made.route.band = brain::Band::verify;
    return made;
  }
  return std::nullopt;
}

}  // namespace

Result<Thing> picked(const MadeCall& call, const Mention& mention) {
  const Json* next = call.output.find("next_offset");
  if (mention.wanted == Wanted::text && next && next->is_integer())
    return fail(ErrorCode::invalid_argument, "'" + call.tool + "' gave only the beginning of the text",
                "copy the file, or name its parts");
  if (mention.wanted == Wanted::text) return nth_of(fitting(named_by(call), mention), call.tool, mention.nth);
  return nth_of(fitting(listed_by(call), mention), call.tool, mention.nth);
}

Understood understood(const CallContext& call, const brain::Router& router, std::string_view said) {
  const std::string text = brain::unquoted(said);  // a whole sentence in quotes is that sentence
  if (said.starts_with('`')) {                     // as shells have it: "`touch a`"
    if (std::optional<std::string> advice = program_advice(text, {})) return advised(std::move(*advice));
  }
  Understood made = in_some_way({.call = call, .router = router}, text);
  const std::string& layer = made.route.layer;
  const brain::Proposal& proposal = made.route.proposal;
  if (layer == "table" && proposal.calls.empty())
    made.advice = proposal.missing.empty() ? proposal.why : "say it too: with inputs {\"content\": \"...\"}";
  if (layer == "schema" && brain::spoken(text).words.size() < 2) drop_changes(made.route);
  if (made.advice.empty() && is_guess(made.route)) {
    if (std::optional<std::string> how = told_how({.call = call, .router = router}, text))
      return advised(std::move(*how));
  }
  if (made.advice.empty() && is_guess(made.route) && call.caller().principal == policy::Principal::terminal) {
    const auto is_there = [&](std::string_view path) {
      const Result<std::string> whole = call.resolve(path, kernel::Final::follow);
      const Result<std::optional<sys::Stat>> stat = whole ? sys::stat_if_there(*whole) : std::nullopt;
      return stat && stat->has_value();
    };
    if (std::optional<std::string> advice = program_advice(text, is_there)) return advised(std::move(*advice));
    if (std::optional<Understood> mended = by_respelling({.call = call, .router = router}, text, is_there))
      return std::move(*mended);
  }
  const bool is_own = layer == "rule" || layer == "learned";  // a person's own words mean what they said
  if (is_own || !is_only_talk(text) || std::ranges::all_of(made.route.proposal.calls, is_answer)) return made;
  made.route.proposal.calls.clear();
  made.route.proposal.runners_up.clear();
  made.route.proposal.why = "it only speaks of that";
  made.route.band = brain::Band::defer;
  made.referred.clear();
  made.advice = "`? which calls were denied` and `why CALL` tell why; `lilux policy test 'TOOL ...'` what would happen";
  return made;
}

}  // namespace lilux::tools::brain_tools
