#pragma once

// What volumes remember: history, differences, taking a commit back, promotion and merging.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "item/kind.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::volume_tools {

using base::Field;
using base::Result;
using item::Kind;
using kernel::Assessment;
using kernel::CallContext;

struct VolumeRow {
  std::string source;
  std::string owner;
  std::string folder;
  std::string repository;
  std::int64_t items = 0;
  std::vector<std::string> branches;
  bool is_trusted = true;
  static constexpr base::Fields fields{
      Field{"source", &VolumeRow::source, "project, user, team:<id> or system"},
      Field{"owner", &VolumeRow::owner, "Whose it is"},
      Field{"folder", &VolumeRow::folder, "Where its items lie"},
      Field{"repository", &VolumeRow::repository, "Where their history lies"},
      Field{"items", &VolumeRow::items, "How many there are"},
      Field{"branches", &VolumeRow::branches, "Its branches"},
      Field{"is_trusted", &VolumeRow::is_trusted, "False in a project that nobody trusts yet"},
  };
};
struct ListRequest {
  static constexpr base::Fields fields{};
};
struct ListResponse {
  std::vector<VolumeRow> volumes;
  static constexpr base::Fields fields{Field{"volumes", &ListResponse::volumes, "The nearest first"}};
};
Result<Assessment> assess_list(const CallContext& call, const ListRequest& request);
Result<ListResponse> list(CallContext& call, const ListRequest& request);

struct CommitRow {
  std::string commit;
  std::string author;
  std::string time;
  std::string message;
  static constexpr base::Fields fields{
      Field{"commit", &CommitRow::commit, "Commit; empty: what is not committed yet"},
      Field{"author", &CommitRow::author, "Who"},
      Field{"time", &CommitRow::time, "When"},
      Field{"message", &CommitRow::message, "Why"},
  };
};
struct HistoryRequest {
  std::optional<std::string> source;
  std::optional<Kind> kind;
  std::optional<std::string> name;
  std::optional<std::int64_t> limit;
  static constexpr base::Fields fields{
      Field{"source", &HistoryRequest::source, "Volume; the nearest that has the item when absent"},
      Field{"kind", &HistoryRequest::kind, "Only of this item: its kind"},
      Field{"name", &HistoryRequest::name, "And its name", {.maximum = 128}},
      Field{"limit", &HistoryRequest::limit, "Most commits; 20 when absent", {.minimum = 1, .maximum = 1000}},
  };
};
struct HistoryResponse {
  std::string source;
  std::vector<CommitRow> commits;
  static constexpr base::Fields fields{
      Field{"source", &HistoryResponse::source, "Volume"},
      Field{"commits", &HistoryResponse::commits, "Newest first"},
  };
};
Result<Assessment> assess_history(const CallContext& call, const HistoryRequest& request);
Result<HistoryResponse> history(CallContext& call, const HistoryRequest& request);

struct DiffRequest {
  std::string source;
  std::string from;
  std::optional<std::string> to;
  static constexpr base::Fields fields{
      Field{"source", &DiffRequest::source, "Volume"},
      Field{"from", &DiffRequest::from, "Commit or branch"},
      Field{"to", &DiffRequest::to, "Commit or branch; what is there now when absent"},
  };
};
struct DiffResponse {
  std::vector<std::string> files;
  std::string diff;
  static constexpr base::Fields fields{
      Field{"files", &DiffResponse::files, "Files that differ"},
      Field{"diff", &DiffResponse::diff, "How"},
  };
};
Result<Assessment> assess_diff(const CallContext& call, const DiffRequest& request);
Result<DiffResponse> diff(CallContext& call, const DiffRequest& request);

struct ChangedResponse {
  std::string source;
  std::string commit;
  static constexpr base::Fields fields{
      Field{"source", &ChangedResponse::source, "Volume"},
      Field{"commit", &ChangedResponse::commit, "Commit that did it"},
  };
};

struct RevertRequest {
  std::string source;
  std::string commit;
  static constexpr base::Fields fields{
      Field{"source", &RevertRequest::source, "Volume"},
      Field{"commit", &RevertRequest::commit, "Commit to take back", {.minimum = 4, .maximum = 128}},
  };
};
Result<Assessment> assess_revert(const CallContext& call, const RevertRequest& request);
Result<ChangedResponse> revert(CallContext& call, const RevertRequest& request);
Result<std::string> preview_revert(const CallContext& call, const RevertRequest& request);

struct PromoteRequest {
  Kind kind = Kind::skill;
  std::string name;
  std::optional<std::string> source;
  std::string destination;
  std::optional<std::string> branch;
  std::optional<bool> replace;
  static constexpr base::Fields fields{
      Field{"kind", &PromoteRequest::kind, "Kind of item"},
      Field{"name", &PromoteRequest::name, "Its name", {.minimum = 1, .maximum = 128}},
      Field{"source", &PromoteRequest::source, "Volume it is in; the nearest that has it when absent"},
      Field{"destination", &PromoteRequest::destination, "Volume it is to be in: team:<id> or user"},
      Field{"branch", &PromoteRequest::branch, "Only propose it, on this branch, for review", {.maximum = 128}},
      Field{"replace", &PromoteRequest::replace, "Take the place of what was changed there since, or written there"},
  };
};
Result<Assessment> assess_promote(const CallContext& call, const PromoteRequest& request);
Result<ChangedResponse> promote(CallContext& call, const PromoteRequest& request);
Result<std::string> preview_promote(const CallContext& call, const PromoteRequest& request);

struct ResolutionRow {
  std::string path;
  std::optional<std::string> content;
  static constexpr base::Fields fields{
      Field{"path", &ResolutionRow::path, "File"},
      Field{"content", &ResolutionRow::content, "What is to stand there; absent: it goes"},
  };
};
struct ConflictRow {
  std::string path;
  std::optional<std::string> base;
  std::optional<std::string> ours;
  std::optional<std::string> theirs;
  static constexpr base::Fields fields{
      Field{"path", &ConflictRow::path, "File"},
      Field{"base", &ConflictRow::base, "What it said before both; absent: it was not there"},
      Field{"ours", &ConflictRow::ours, "What it says here; absent: it is not there"},
      Field{"theirs", &ConflictRow::theirs, "What it says there; absent: it is not there"},
  };
};
struct MergeRequest {
  std::string source;
  std::string branch;
  std::optional<std::vector<ResolutionRow>> resolutions;
  static constexpr base::Fields fields{
      Field{"source", &MergeRequest::source, "Volume"},
      Field{"branch", &MergeRequest::branch, "Branch or commit to bring in", {.minimum = 1, .maximum = 128}},
      Field{"resolutions",
            &MergeRequest::resolutions,
            "What is to stand where both changed the same: [{\"path\", \"content\"}]",
            {.maximum = 1000}},
  };
};
struct MergeResponse {
  bool merged = false;
  std::string source;
  std::string commit;
  std::optional<std::string> message;
  std::vector<ConflictRow> conflicts;
  std::optional<std::vector<std::string>> broken;
  std::optional<std::string> instructions;
  static constexpr base::Fields fields{
      Field{"merged", &MergeResponse::merged, "False while there are conflicts: nothing was changed"},
      Field{"source", &MergeResponse::source, "Volume"},
      Field{"commit", &MergeResponse::commit, "The merge; empty while there are conflicts"},
      Field{"message", &MergeResponse::message, "What is in conflict"},
      Field{"conflicts", &MergeResponse::conflicts, "Where both changed the same: nothing was changed"},
      Field{"broken", &MergeResponse::broken, "Items that came in broken: each with its place and what is wrong"},
      Field{"instructions", &MergeResponse::instructions, "How conflicts are resolved"},
  };
};
Result<Assessment> assess_merge(const CallContext& call, const MergeRequest& request);
Result<MergeResponse> merge(CallContext& call, const MergeRequest& request);
Result<std::string> preview_merge(const CallContext& call, const MergeRequest& request);

}  // namespace lilux::tools::volume_tools
