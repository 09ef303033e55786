#pragma once

// The knowledge tools: request and response of each.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "item/knowledge.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "tools/search.h"

namespace lilux::tools::knowledge {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct CreateRequest {
  std::string name;
  std::string title;
  std::string content;
  std::optional<item::EntryType> type;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> category;
  std::optional<std::string> location;
  std::optional<std::string> call;
  std::optional<bool> replace;
  std::optional<bool> dry_run;
  static constexpr base::Fields fields{
      Field{"name", &CreateRequest::name, "Its name", {.minimum = 1, .maximum = 128}},
      Field{"title", &CreateRequest::title, "One line that says it", {.minimum = 1, .maximum = 300}},
      Field{"content", &CreateRequest::content, "What was learned", {.minimum = 1, .maximum = 1'048'576}},
      Field{"type", &CreateRequest::type, "concept, pattern, procedure, learning (when absent) or source"},
      Field{"tags", &CreateRequest::tags, "Words to find it by", {.maximum = 50}},
      Field{"category", &CreateRequest::category, "Folder; by its type when absent", {.maximum = 500}},
      Field{"location", &CreateRequest::location, "Volume; the project when absent, without one the user's"},
      Field{"call", &CreateRequest::call, "The call it was learned from"},
      Field{"replace", &CreateRequest::replace, "Write anew what has this name"},
      Field{"dry_run", &CreateRequest::dry_run, "Only check that it could be done"},
  };
};
struct CreateResponse {
  std::string status;
  std::string name;
  std::string path;
  std::string location;
  std::string category;
  std::optional<base::Json> signature;
  static constexpr base::Fields fields{
      Field{"status", &CreateResponse::status,
            "created, known: something says the same already, or validation_passed after a dry run"},
      Field{"name", &CreateResponse::name, "Name of the one that says it"},
      Field{"path", &CreateResponse::path, "File"},
      Field{"location", &CreateResponse::location, "Volume that it is in"},
      Field{"category", &CreateResponse::category, "Folder, of its kind's"},
      Field{"signature", &CreateResponse::signature, "Its stamp: hash and timestamp"},
  };
};
Result<Assessment> assess_create(const CallContext& call, const CreateRequest& request);
Result<CreateResponse> create(CallContext& call, const CreateRequest& request);

struct LinkRequest {
  std::string from;
  std::string to;
  std::optional<std::string> relation;
  std::optional<std::string> location;
  static constexpr base::Fields fields{
      Field{"from", &LinkRequest::from, "Name of one piece", {.minimum = 1, .maximum = 128}},
      Field{"to", &LinkRequest::to, "Name of the other", {.minimum = 1, .maximum = 128}},
      Field{
          "relation", &LinkRequest::relation, "How they are tied; related when absent", {.minimum = 1, .maximum = 64}},
      Field{"location", &LinkRequest::location, "Volume; that of the first when absent"},
  };
};
struct FileResponse {
  std::string path;
  std::string commit;
  static constexpr base::Fields fields{
      Field{"path", &FileResponse::path, "File that was changed"},
      Field{"commit", &FileResponse::commit, "Commit in the volume's history"},
  };
};
Result<Assessment> assess_link(const CallContext& call, const LinkRequest& request);
Result<FileResponse> link(CallContext& call, const LinkRequest& request);

struct IndexRequest {
  std::optional<std::string> location;
  static constexpr base::Fields fields{
      Field{"location", &IndexRequest::location, "Volume; the project when absent, without one the user's"}};
};
Result<Assessment> assess_index(const CallContext& call, const IndexRequest& request);
Result<FileResponse> index(CallContext& call, const IndexRequest& request);

struct GraphRequest {
  std::optional<std::string> name;
  std::optional<std::int64_t> depth;
  static constexpr base::Fields fields{
      Field{"name", &GraphRequest::name, "Only what is tied to this piece", {.minimum = 1, .maximum = 128}},
      Field{"depth", &GraphRequest::depth, "Over so many ties; 2 when absent", {.minimum = 1, .maximum = 10}},
  };
};
struct NodeRow {
  std::string name;
  std::string title;
  std::string type;
  std::string source;
  static constexpr base::Fields fields{
      Field{"name", &NodeRow::name, "Name"},
      Field{"title", &NodeRow::title, "Title"},
      Field{"type", &NodeRow::type,
            "concept, pattern, procedure, learning or source; empty when there is none of that name"},
      Field{"source", &NodeRow::source, "Volume"},
  };
};
struct EdgeRow {
  std::string from;
  std::string to;
  std::string relation;
  static constexpr base::Fields fields{
      Field{"from", &EdgeRow::from, "From"},
      Field{"to", &EdgeRow::to, "To"},
      Field{"relation", &EdgeRow::relation, "How"},
  };
};
struct GraphResponse {
  std::vector<NodeRow> nodes;
  std::vector<EdgeRow> edges;
  std::optional<std::vector<std::string>> warnings;
  static constexpr base::Fields fields{
      Field{"nodes", &GraphResponse::nodes, "Pieces of knowledge"},
      Field{"edges", &GraphResponse::edges, "Ties"},
      Field{"warnings", &GraphResponse::warnings, "Ties that are written down and cannot be read"},
  };
};
Result<Assessment> assess_graph(const CallContext& call, const GraphRequest& request);
Result<GraphResponse> graph(CallContext& call, const GraphRequest& request);

struct SearchRequest {
  std::string query;
  std::optional<std::int64_t> limit;
  static constexpr base::Fields fields{
      Field{"query", &SearchRequest::query, "What is looked for, in words", {.maximum = 10'000}},
      Field{"limit", &SearchRequest::limit, "Most results; 10 when absent", {.minimum = 1, .maximum = 1000}},
  };
};
Result<Assessment> assess_search(const CallContext& call, const SearchRequest& request);
Result<search_tools::QueryResponse> search(CallContext& call, const SearchRequest& request);

}  // namespace lilux::tools::knowledge
