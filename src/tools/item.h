#pragma once

// The item tools that look: request and response of each. Those that change are in item_change.h, those that run in
// item_run.h.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/field.h"
#include "item/kind.h"
#include "item/parts.h"
#include "item/stamp.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::item_tools {

using base::Field;
using base::Result;
using item::Kind;
using kernel::Assessment;
using kernel::CallContext;

inline constexpr std::size_t kNameMax = 128;
inline constexpr std::size_t kContentMax = std::size_t{4} << 20;

struct ProblemRow {
  std::string severity;
  std::int64_t line = 0;
  std::int64_t column = 0;
  std::string message;
  std::string hint;
  static constexpr base::Fields fields{
      Field{"severity", &ProblemRow::severity, "error or warning"},
      Field{"line", &ProblemRow::line, "Line"},
      Field{"column", &ProblemRow::column, "Column"},
      Field{"message", &ProblemRow::message, "What is wrong"},
      Field{"hint", &ProblemRow::hint, "What to do about it"},
  };
};

struct PermissionRow {
  std::string tag;
  std::string resource;
  std::string target;
  base::Json attrs = base::JsonObject{};
  static constexpr base::Fields fields{
      Field{"tag", &PermissionRow::tag, "read, write, execute"},
      Field{"resource", &PermissionRow::resource, "filesystem, network, env, shell"},
      Field{"target", &PermissionRow::target, "Which one"},
      Field{"attrs", &PermissionRow::attrs, "All that is written there"},
  };
};

struct InputRow {
  std::string name;
  std::string type;
  bool required = false;
  std::string description;
  std::optional<base::Json> otherwise;
  static constexpr base::Fields fields{
      Field{"name", &InputRow::name, "Name"},
      Field{"type", &InputRow::type, "Type"},
      Field{"required", &InputRow::required, "Whether it has to be given"},
      Field{"description", &InputRow::description, "What it is"},
      Field{"default", &InputRow::otherwise, "When it is not given"},
  };
};

struct ItemRow {
  Kind kind = Kind::directive;
  std::string name;
  std::string description;
  std::string version;
  std::string category;
  std::string source;
  std::string path;
  bool is_trusted = true;
  std::optional<std::string> broken;
  static constexpr base::Fields fields{
      Field{"kind", &ItemRow::kind, "Kind"},
      Field{"name", &ItemRow::name, "Name"},
      Field{"description", &ItemRow::description, "What it is for"},
      Field{"version", &ItemRow::version, "Version"},
      Field{"category", &ItemRow::category, "Category"},
      Field{"source", &ItemRow::source, "Volume: project, user, team:<id> or system"},
      Field{"path", &ItemRow::path, "File"},
      Field{"is_trusted", &ItemRow::is_trusted, "False in a project that nobody trusts yet: it is not run"},
      Field{"broken", &ItemRow::broken, "Why it cannot be used"},
  };
};

struct ListRequest {
  std::optional<Kind> kind;
  std::optional<std::string> source;
  std::optional<std::int64_t> limit;
  static constexpr base::Fields fields{
      Field{"kind", &ListRequest::kind, "Only of this kind"},
      Field{"source", &ListRequest::source, "Only of this volume: project, user, team:<id> or system"},
      Field{
          "limit", &ListRequest::limit, "Most items to return; 1,000 when absent", {.minimum = 1, .maximum = 100'000}},
  };
};
struct ListResponse {
  std::vector<ItemRow> items;
  std::int64_t total = 0;
  static constexpr base::Fields fields{
      Field{"items", &ListResponse::items, "By volume and path"},
      Field{"total", &ListResponse::total, "How many there are"},
  };
};
Result<Assessment> assess_list(const CallContext& call, const ListRequest& request);
Result<ListResponse> list(CallContext& call, const ListRequest& request);

struct LoadRequest {
  Kind kind = Kind::directive;
  std::string name;
  std::optional<std::string> source;
  std::optional<std::string> version;
  static constexpr base::Fields fields{
      Field{"kind", &LoadRequest::kind, "Kind of item"},
      Field{"name", &LoadRequest::name, "Its exact name", {.minimum = 1, .maximum = kNameMax}},
      Field{"source", &LoadRequest::source, "Volume; the nearest that has it when absent"},
      Field{"version", &LoadRequest::version, "As it was when it had that one; as it is when absent", {.minimum = 1}},
  };
};
struct LoadResponse {
  Kind kind = Kind::directive;
  std::string name;
  std::string title;
  std::string description;
  std::string version;
  std::string category;
  std::string source;
  std::string path;
  std::string content;
  std::vector<std::string> tags;
  std::vector<PermissionRow> permissions;
  std::optional<base::Json> model;
  std::vector<InputRow> inputs;
  base::Json relationships;
  std::optional<base::Json> related_from;
  base::Json parsed;
  std::string stamp;
  bool is_trusted = true;
  std::vector<ProblemRow> problems;
  std::optional<std::string> warning;
  static constexpr base::Fields fields{
      Field{"kind", &LoadResponse::kind, "Kind"},
      Field{"name", &LoadResponse::name, "Name"},
      Field{"title", &LoadResponse::title, "Title"},
      Field{"description", &LoadResponse::description, "What it is for"},
      Field{"version", &LoadResponse::version, "Version"},
      Field{"category", &LoadResponse::category, "Category"},
      Field{"source", &LoadResponse::source, "Volume"},
      Field{"path", &LoadResponse::path, "File"},
      Field{"content", &LoadResponse::content, "The whole text"},
      Field{"tags", &LoadResponse::tags, "Words it is found by"},
      Field{"permissions", &LoadResponse::permissions, "What it says it needs"},
      Field{"model", &LoadResponse::model, "Of a directive: which mind is wanted for its steps"},
      Field{"inputs", &LoadResponse::inputs, "What it is given"},
      Field{"relationships", &LoadResponse::relationships, "Other items, by how they are related"},
      Field{"related_from", &LoadResponse::related_from, "Of knowledge: the notes that are tied to it, by how"},
      Field{"parsed", &LoadResponse::parsed, "What its kind has besides"},
      Field{"stamp", &LoadResponse::stamp, "none, valid, modified or invalid: whether it is as it was stamped"},
      Field{"is_trusted", &LoadResponse::is_trusted, "False in a project that nobody trusts yet"},
      Field{"problems", &LoadResponse::problems, "What is wrong with it"},
      Field{"warning", &LoadResponse::warning, "What to mind"},
  };
};
Result<Assessment> assess_load(const CallContext& call, const LoadRequest& request);
Result<LoadResponse> load(CallContext& call, const LoadRequest& request);

struct WhichRequest {
  Kind kind = Kind::directive;
  std::string name;
  std::optional<std::string> source;
  static constexpr base::Fields fields{
      Field{"kind", &WhichRequest::kind, "Kind of item"},
      Field{"name", &WhichRequest::name, "Its exact name", {.minimum = 1, .maximum = kNameMax}},
      Field{"source", &WhichRequest::source, "Volume; all of them when absent"},
  };
};
struct WhichResponse {
  std::vector<ItemRow> items;
  std::string explanation;
  static constexpr base::Fields fields{
      Field{"items", &WhichResponse::items, "All of that name; the first is used"},
      Field{"explanation", &WhichResponse::explanation, "Why that one"},
  };
};
Result<Assessment> assess_which(const CallContext& call, const WhichRequest& request);
Result<WhichResponse> which(CallContext& call, const WhichRequest& request);

struct ValidateRequest {
  Kind kind = Kind::directive;
  std::string name;
  std::optional<std::string> source;
  std::optional<std::string> content;
  static constexpr base::Fields fields{
      Field{"kind", &ValidateRequest::kind, "Kind of item"},
      Field{"name", &ValidateRequest::name, "Its name", {.minimum = 1, .maximum = kNameMax}},
      Field{"source", &ValidateRequest::source, "Volume; the nearest that has it when absent"},
      Field{
          "content", &ValidateRequest::content, "Instead: a text that is to be such an item", {.maximum = kContentMax}},
  };
};
struct ValidateResponse {
  bool valid = false;
  std::vector<ProblemRow> problems;
  std::optional<std::string> checked_by;
  static constexpr base::Fields fields{
      Field{"valid", &ValidateResponse::valid, "No errors"},
      Field{"problems", &ValidateResponse::problems, "What is wrong, in the order of its lines"},
      Field{"checked_by", &ValidateResponse::checked_by, "Of a script: what looked at its program, without running it"},
  };
};
Result<Assessment> assess_validate(const CallContext& call, const ValidateRequest& request);
Result<ValidateResponse> validate(CallContext& call, const ValidateRequest& request);

}  // namespace lilux::tools::item_tools
