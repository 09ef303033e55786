#pragma once

// Remotes of volumes: which there are, bringing their branches here, sending ours there. What was fetched changes no
// item: volume.merge brings it in, by `origin/main`.

#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"

namespace lilux::tools::volume_tools {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct RemoteRow {
  std::string name;
  std::string url;
  static constexpr base::Fields fields{
      Field{"name", &RemoteRow::name, "Its name here"},
      Field{"url", &RemoteRow::url, "Where it is"},
  };
};
struct RemotesRequest {
  std::string source;
  static constexpr base::Fields fields{Field{"source", &RemotesRequest::source, "Volume"}};
};
struct RemotesResponse {
  std::vector<RemoteRow> remotes;
  static constexpr base::Fields fields{Field{"remotes", &RemotesResponse::remotes, "By name"}};
};
Result<Assessment> assess_remotes(const CallContext& call, const RemotesRequest& request);
Result<RemotesResponse> remotes(CallContext& call, const RemotesRequest& request);

struct SetRemoteRequest {
  std::string source;
  std::string name;
  std::optional<std::string> url;
  static constexpr base::Fields fields{
      Field{"source", &SetRemoteRequest::source, "Volume"},
      Field{"name", &SetRemoteRequest::name, "Its name here: origin", {.minimum = 1, .maximum = 128}},
      Field{"url",
            &SetRemoteRequest::url,
            "A path, https://host/path, ssh://user@host/path or user@host:path; absent: it is forgotten",
            {.minimum = 1, .maximum = 2048}},
  };
};
Result<Assessment> assess_set_remote(const CallContext& call, const SetRemoteRequest& request);
Result<RemotesResponse> set_remote(CallContext& call, const SetRemoteRequest& request);

struct FetchedRow {
  std::string branch;
  std::optional<std::string> before;
  std::string now;
  static constexpr base::Fields fields{
      Field{"branch", &FetchedRow::branch, "As volume.merge takes it: origin/main"},
      Field{"before", &FetchedRow::before, "Commit it was at; absent: it is new"},
      Field{"now", &FetchedRow::now, "Commit it is at"},
  };
};
struct FetchRequest {
  std::string source;
  std::optional<std::string> remote;
  static constexpr base::Fields fields{
      Field{"source", &FetchRequest::source, "Volume"},
      Field{"remote", &FetchRequest::remote, "Remote; origin when absent", {.minimum = 1, .maximum = 128}},
  };
};
struct FetchResponse {
  std::string url;
  std::vector<FetchedRow> branches;
  static constexpr base::Fields fields{
      Field{"url", &FetchResponse::url, "Where it was fetched from"},
      Field{"branches", &FetchResponse::branches, "Those that are not as they were"},
  };
};
Result<Assessment> assess_fetch(const CallContext& call, const FetchRequest& request);
Result<FetchResponse> fetch(CallContext& call, const FetchRequest& request);

struct PushRequest {
  std::string source;
  std::optional<std::string> remote;
  std::optional<std::string> branch;
  static constexpr base::Fields fields{
      Field{"source", &PushRequest::source, "Volume"},
      Field{"remote", &PushRequest::remote, "Remote; origin when absent", {.minimum = 1, .maximum = 128}},
      Field{"branch", &PushRequest::branch, "Branch to send; main when absent", {.minimum = 1, .maximum = 128}},
  };
};
struct PushResponse {
  std::string url;
  std::string branch;
  std::string commit;
  static constexpr base::Fields fields{
      Field{"url", &PushResponse::url, "Where it was sent"},
      Field{"branch", &PushResponse::branch, "Branch"},
      Field{"commit", &PushResponse::commit, "Commit it is at there now"},
  };
};
Result<Assessment> assess_push(const CallContext& call, const PushRequest& request);
Result<PushResponse> push(CallContext& call, const PushRequest& request);
Result<std::string> preview_push(const CallContext& call, const PushRequest& request);

}  // namespace lilux::tools::volume_tools
