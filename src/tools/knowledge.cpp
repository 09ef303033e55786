// knowledge.*: what was learned, kept once, tied together and found again.

#include "tools/knowledge.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "kernel/kernel.h"
#include "sys/error.h"
#include "tools/fs_common.h"
#include "tools/item_work.h"
#include "tools/knowledge_lists.h"
#include "tools/volumes.h"

namespace lilux::tools::knowledge {

using base::ErrorCode;
using base::fail;
using base::JsonObject;
using item_tools::Work;
using policy::Risk;
using policy::Verb;

namespace {

item::Knowledge wanted_by(const CreateRequest& request) {
  item::Knowledge made{.id = request.name,
                       .title = request.title,
                       .type = request.type.value_or(item::EntryType::learning),
                       .category = request.category.value_or(""),
                       .tags = request.tags.value_or(std::vector<std::string>{}),
                       .version = "1.0.0",
                       .body = request.content + (request.content.ends_with('\n') ? "" : "\n")};
  if (request.call) made.other = JsonObject{{"source_call", *request.call}};
  return made;
}

std::string category_of(const CreateRequest& request) {
  const auto type = request.type.value_or(item::EntryType::learning);
  return request.category.value_or(std::string(base::enum_name(type)) + "s");
}

Result<Work> tied(const Volumes& volumes, const LinkRequest& request) {
  const FoundItem from = TRY(volumes.find(item::Kind::knowledge, request.from, std::nullopt));
  TRY(volumes.find(item::Kind::knowledge, request.to, std::nullopt));
  Work work{.volume = request.location ? TRY(volumes.named(*request.location)) : from.volume,
            .path = std::string(kTies)};
  TRY(volumes.check_told(*work.volume, work.path));
  work.before = TRY(item_tools::content_at(*work.volume, work.path));
  if (!work.before) {
    work.before = TRY(in_history(*work.volume, work.path));
    work.is_lost = work.before.has_value();
  }
  std::vector<item::Tie> ties;
  if (work.before) ties = TRY(read_ties(*work.volume, work.before->bytes));
  ties.push_back({.from = request.from, .to = request.to, .kind = request.relation.value_or("related")});
  work.after = item::write_relationships(ties);
  return work;
}

Result<Work> indexed(const CallContext& call, const Volumes& volumes, const IndexRequest& request) {
  Work work{.volume = TRY(volumes.named(request.location.value_or(nearest_source(call)))), .path = std::string(kIndex)};
  work.before = TRY(item_tools::content_at(*work.volume, work.path));
  work.after = TRY(written_index(call, *work.volume));
  return work;
}

Result<FileResponse> made_by(CallContext& call, const Volumes& volumes, const Work& work) {
  FileResponse response{.path = work.volume->at(work.path)};
  const bool says_so_already = work.before && !work.is_lost && work.before->bytes == *work.after;
  if (says_so_already) keep_lists(call, volumes, *work.volume, work.path);
  if (says_so_already) return response;
  response.commit = TRY(item_tools::done(call, volumes, work));
  return response;
}

// What is within so many ties of a name; everything without one.
std::set<std::string> around(const std::vector<EdgeRow>& edges, const std::string& name, std::int64_t depth) {
  std::set<std::string> reached{name};
  for (std::int64_t step = 0; step < depth; ++step) {
    std::set<std::string> next = reached;
    for (const EdgeRow& edge : edges) {
      if (reached.contains(edge.from)) next.insert(edge.to);
      if (reached.contains(edge.to)) next.insert(edge.from);
    }
    reached = std::move(next);
  }
  return reached;
}

}  // namespace

Result<Assessment> assess_create(const CallContext& call, const CreateRequest& request) {
  TRY(item::check_name(request.name));
  if (request.call) TRY(TRY(call.kernel().index()).get().find(*request.call));
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.location.value_or(nearest_source(call))));
  return Assessment{.needs = {read_need(volume)}, .risk = Risk::low};
}

Result<CreateResponse> create(CallContext& call, const CreateRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const std::string location = request.location.value_or(nearest_source(call));
  const item::Volume& volume = *TRY(volumes.named(location));
  const item::Knowledge wanted = wanted_by(request);
  for (const Note& note : TRY(notes_of(call, volume))) {
    const bool is_same = note.knowledge.title == wanted.title && note.knowledge.body == wanted.body;
    if (is_same && volumes.may_tell(volume, note.listed.path))
      return CreateResponse{.status = "known",
                            .name = note.knowledge.id,
                            .path = volume.at(note.listed.path),
                            .location = location,
                            .category = note.listed.place.value_or(item::Place{}).category,
                            .signature = {}};
  }
  const base::Json made = TRY(call.call_tool("item.create", JsonObject{{"kind", "knowledge"},
                                                                       {"name", request.name},
                                                                       {"content", item::write_knowledge(wanted)},
                                                                       {"category", category_of(request)},
                                                                       {"location", location},
                                                                       {"replace", request.replace.value_or(false)},
                                                                       {"dry_run", request.dry_run.value_or(false)}}));
  CreateResponse response{.status = request.dry_run.value_or(false) ? "validation_passed" : "created",
                          .name = request.name,
                          .path = made.string_or("path"),
                          .location = location,
                          .category = made.string_or("category"),
                          .signature = {}};
  if (const base::Json* signature = made.find("signature")) response.signature = *signature;
  return response;
}

Result<Assessment> assess_link(const CallContext& call, const LinkRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  return item_tools::assessed(call, volumes, TRY(tied(volumes, request)));
}

Result<FileResponse> link(CallContext& call, const LinkRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  return made_by(call, volumes, TRY(tied(volumes, request)));
}

Result<Assessment> assess_index(const CallContext& call, const IndexRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  return item_tools::assessed(call, volumes, TRY(indexed(call, volumes, request)));
}

Result<FileResponse> index(CallContext& call, const IndexRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  return made_by(call, volumes, TRY(indexed(call, volumes, request)));
}

Result<Assessment> assess_graph(const CallContext& call, const GraphRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  if (request.name) TRY(volumes.find(item::Kind::knowledge, *request.name, std::nullopt));
  return Assessment{.needs = volumes.read_needs(), .risk = Risk::low};
}

Result<GraphResponse> graph(CallContext& call, const GraphRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const Sight sight = TRY(Sight::of(call));
  std::map<std::string, NodeRow> nodes;
  std::vector<EdgeRow> edges;
  std::set<std::string> hidden;
  std::vector<std::string> warnings;
  for (const item::Volume& volume : volumes.set().volumes()) {
    std::vector<item::Knowledge> seen;
    for (Note& note : TRY(notes_of(call, volume))) {
      if (sight.is_denied(volume.at(note.listed.path))) {
        hidden.insert(note.knowledge.id);
        continue;
      }
      nodes.emplace(note.knowledge.id, NodeRow{.name = note.knowledge.id,
                                               .title = note.knowledge.title,
                                               .type = std::string(base::enum_name(note.knowledge.type)),
                                               .source = source_name(volume.place())});
      seen.push_back(std::move(note.knowledge));
    }
    std::vector<item::Tie> ties;
    const bool may_read = !sight.is_denied(volume.at(kTies));
    if (Result<std::vector<item::Tie>> written = may_read ? ties_in(volume) : ties; written)
      ties = std::move(*written);
    else
      warnings.push_back(written.error().message + "; " + written.error().hint);
    for (item::Tie& tie : item::ties_of(seen)) ties.push_back(std::move(tie));
    for (const item::Tie& tie : ties) edges.push_back({.from = tie.from, .to = tie.to, .relation = tie.kind});
  }
  std::erase_if(edges, [&](const EdgeRow& edge) { return hidden.contains(edge.from) || hidden.contains(edge.to); });
  for (const EdgeRow& edge : edges)
    for (const std::string& name : {edge.from, edge.to}) nodes.emplace(name, NodeRow{.name = name});
  GraphResponse response;
  if (!warnings.empty()) response.warnings = std::move(warnings);
  const bool is_whole = !request.name;
  const auto reached = is_whole ? std::set<std::string>() : around(edges, *request.name, request.depth.value_or(2));
  for (auto& [name, node] : nodes)
    if (is_whole || reached.contains(name)) response.nodes.push_back(std::move(node));
  for (EdgeRow& edge : edges)
    if (is_whole || (reached.contains(edge.from) && reached.contains(edge.to)))
      response.edges.push_back(std::move(edge));
  return response;
}

Result<Assessment> assess_search(const CallContext& call, const SearchRequest& request) {
  return search_tools::assess_query(call, {.query = request.query});
}

Result<search_tools::QueryResponse> search(CallContext& call, const SearchRequest& request) {
  search_tools::QueryRequest query{.query = request.query};
  query.kinds = std::vector<std::string>{"knowledge"};
  query.limit = request.limit;
  return search_tools::query(call, query);
}

}  // namespace lilux::tools::knowledge
