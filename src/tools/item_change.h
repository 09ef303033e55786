#pragma once

// The item tools that change: request and response of each.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/item.h"

namespace lilux::tools::item_tools {

struct ChangeResponse {
  Kind kind = Kind::directive;
  std::string name;
  std::string source;
  std::string path;
  std::string commit;
  std::vector<ProblemRow> problems;
  std::optional<std::string> location;
  std::optional<std::string> category;
  std::optional<base::Json> signature;
  std::optional<std::string> warning;
  static constexpr base::Fields fields{
      Field{"kind", &ChangeResponse::kind, "Kind"},
      Field{"name", &ChangeResponse::name, "Name"},
      Field{"source", &ChangeResponse::source, "Volume"},
      Field{"path", &ChangeResponse::path, "File"},
      Field{"commit", &ChangeResponse::commit, "Commit in the volume's history; none after a dry run"},
      Field{"problems", &ChangeResponse::problems, "What to mind in the text"},
      Field{"location", &ChangeResponse::location, "Volume, as Kiwi names it"},
      Field{"category", &ChangeResponse::category, "Folder below that of the kind"},
      Field{"signature", &ChangeResponse::signature, "Its stamp: hash and timestamp"},
      Field{"warning", &ChangeResponse::warning, "Why it cannot be used as it is"},
  };
};

struct CreateRequest {
  Kind kind = Kind::directive;
  std::string name;
  std::string content;
  std::optional<std::string> category;
  std::optional<std::string> location;
  std::optional<std::string> ending;
  std::optional<bool> replace;
  std::optional<bool> dry_run;
  static constexpr base::Fields fields{
      Field{"kind", &CreateRequest::kind, "Kind of item"},
      Field{"name", &CreateRequest::name, "Its name", {.minimum = 1, .maximum = kNameMax}},
      Field{"content", &CreateRequest::content, "The whole text", {.minimum = 1, .maximum = kContentMax}},
      Field{"category", &CreateRequest::category, "Folder below that of the kind: core/setup", {.maximum = 500}},
      Field{"location", &CreateRequest::location, "Volume; the project when absent, without one the user's"},
      Field{"ending",
            &CreateRequest::ending,
            "Of a script's or template's file: py, sh, js, md; of a script that its name has, when absent, else by its "
            "#! line",
            {.maximum = 16}},
      Field{"replace", &CreateRequest::replace, "Take the place of one of that name"},
      Field{"dry_run", &CreateRequest::dry_run, "Only check that it could be done"},
  };
};
Result<Assessment> assess_create(const CallContext& call, const CreateRequest& request);
Result<ChangeResponse> create(CallContext& call, const CreateRequest& request);
Result<std::string> preview_create(const CallContext& call, const CreateRequest& request);

struct UpdateRequest {
  Kind kind = Kind::directive;
  std::string name;
  std::optional<std::string> content;
  std::optional<std::string> location;
  std::optional<bool> dry_run;
  static constexpr base::Fields fields{
      Field{"kind", &UpdateRequest::kind, "Kind of item"},
      Field{"name", &UpdateRequest::name, "Its name", {.minimum = 1, .maximum = kNameMax}},
      Field{"content",
            &UpdateRequest::content,
            "The whole new text; as it is, only stamped, when absent",
            {.minimum = 1, .maximum = kContentMax}},
      Field{"location", &UpdateRequest::location, "Volume; the nearest that has it when absent"},
      Field{"dry_run", &UpdateRequest::dry_run, "Only check that it could be done"},
  };
};
Result<Assessment> assess_update(const CallContext& call, const UpdateRequest& request);
Result<ChangeResponse> update(CallContext& call, const UpdateRequest& request);
Result<std::string> preview_update(const CallContext& call, const UpdateRequest& request);

struct DeleteRequest {
  Kind kind = Kind::directive;
  std::string name;
  std::optional<std::string> location;
  std::optional<bool> dry_run;
  static constexpr base::Fields fields{
      Field{"kind", &DeleteRequest::kind, "Kind of item"},
      Field{"name", &DeleteRequest::name, "Its name", {.minimum = 1, .maximum = kNameMax}},
      Field{"location", &DeleteRequest::location, "Volume; the nearest that has it when absent"},
      Field{"dry_run", &DeleteRequest::dry_run, "Only check that it could be done"},
  };
};
Result<Assessment> assess_remove(const CallContext& call, const DeleteRequest& request);
Result<ChangeResponse> remove(CallContext& call, const DeleteRequest& request);

struct CopyRequest {
  Kind kind = Kind::directive;
  std::string name;
  std::optional<std::string> source;
  std::string destination;
  std::optional<std::string> version;
  static constexpr base::Fields fields{
      Field{"kind", &CopyRequest::kind, "Kind of item"},
      Field{"name", &CopyRequest::name, "Its name", {.minimum = 1, .maximum = kNameMax}},
      Field{"source", &CopyRequest::source, "Volume; the nearest that has it when absent"},
      Field{"destination", &CopyRequest::destination, "Volume to copy it to: project or user"},
      Field{"version", &CopyRequest::version, "As it was when it had that one; as it is when absent", {.minimum = 1}},
  };
};
Result<Assessment> assess_copy(const CallContext& call, const CopyRequest& request);
Result<ChangeResponse> copy(CallContext& call, const CopyRequest& request);
Result<std::string> preview_copy(const CallContext& call, const CopyRequest& request);

// Puts a file of a volume back as it was; what undo does.
struct RestoreRequest {
  std::string source;
  std::string path;
  std::optional<std::string> content;
  std::optional<std::string> content_object;
  std::optional<std::string> seal;
  std::string expected;
  std::optional<std::string> folder;
  std::optional<std::int64_t> modified_ns;
  std::optional<bool> executable;
  static constexpr base::Fields fields{
      Field{"source", &RestoreRequest::source, "Volume"},
      Field{"path", &RestoreRequest::path, "File in it", {.minimum = 1, .maximum = 4096}},
      Field{"content", &RestoreRequest::content, "What it said; absent: it was not there", {.maximum = kContentMax}},
      Field{"content_object",
            &RestoreRequest::content_object,
            "The same, kept as an object",
            {.minimum = 64, .maximum = 64}},
      Field{"seal", &RestoreRequest::seal, "Of the object: that it stood there"},
      Field{"expected", &RestoreRequest::expected, "Stamp of what has to be there now; empty: nothing"},
      Field{"folder",
            &RestoreRequest::folder,
            "Folder that was made for it, and goes when it is empty",
            {.minimum = 1, .maximum = 4096}},
      Field{"modified_ns", &RestoreRequest::modified_ns, "When it was changed, in nanoseconds since 1970"},
      Field{"executable", &RestoreRequest::executable, "Whether it may be run"},
  };
};
struct RestoreResponse {
  std::string commit;
  static constexpr base::Fields fields{Field{"commit", &RestoreResponse::commit, "Commit in the volume's history"}};
};
Result<Assessment> assess_restore(const CallContext& call, const RestoreRequest& request);
Result<RestoreResponse> restore(CallContext& call, const RestoreRequest& request);

}  // namespace lilux::tools::item_tools
