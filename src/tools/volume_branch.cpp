#include "tools/volume_branch.h"

#include "git/history.h"
#include "git/names.h"
#include "git/turn.h"
#include "sys/error.h"
#include "sys/file.h"

namespace lilux::tools::volume_tools {

using base::ErrorCode;
using base::fail;
using base::JsonObject;
using policy::Risk;
using policy::Verb;
using Tip = std::optional<std::string>;

namespace {

Result<Tip> tip_of(const item::Volume& volume, std::string_view branch) {
  TRY(git::check_branch(branch));
  if (!sys::exists(volume.place().repository)) return Tip();
  return TRY(volume.repository()).tip(branch);
}

JsonObject call_for(const SetBranchRequest& request) {
  return JsonObject{{"tool", "volume.set_branch"}, {"arguments", base::encode(request)}};
}

// That the branch is where it was thought to be. An undo of what never happened finds it where it is to be.
Result<void> check_tip(const item::Volume& volume, const SetBranchRequest& request, const Tip& tip) {
  const std::string name = "branch " + sys::quoted(request.branch) + " of volume " + request.source;
  const bool is_expected = request.at || request.onto;
  if (is_expected && tip == request.commit) return {};
  if (!tip && !is_expected && !request.commit)
    return fail(ErrorCode::not_found, "there is no " + name, "`lilux call volume.list` shows the branches");
  if (request.at && tip.value_or("") != *request.at)
    return fail(ErrorCode::conflict, name + " was changed since", "look at it, then undo the later call first");
  if (!request.onto || tip == request.onto) return {};
  std::vector<std::string> parents;
  if (tip) parents = TRY(git::record_of(TRY(volume.repository()), *tip)).parents;
  if (tip && (parents.empty() ? std::string() : parents.front()) == *request.onto) return {};
  return fail(ErrorCode::conflict, name + " was changed since", "look at it, then undo the later call first");
}

Result<Tip> wanted_tip(const item::Volume& volume, const SetBranchRequest& request) {
  if (!request.commit) return Tip();
  return Tip(TRY(TRY(volume.repository()).commit_at(*request.commit)));
}

}  // namespace

Result<Assessment> proposes(const Volumes& volumes, const item::Volume& volume) {
  TRY(volumes.check_access(item::Verb::propose, volume));
  Assessment made{.risk = Risk::medium};
  made.needs.push_back({.verb = Verb::write, .resource = "item", .target = "propose/" + source_name(volume.place())});
  return made;
}

Result<JsonObject> inverse_of_proposal(const item::Volume& volume, const std::string& branch) {
  const Tip tip = TRY(tip_of(volume, branch));
  const Tip base = tip ? tip : TRY(tip_of(volume, git::kMain));  // a new one begins there
  return call_for({.source = source_name(volume.place()),
                   .branch = branch,
                   .commit = tip,
                   .at = std::nullopt,
                   .onto = base.value_or("")});
}

Result<Assessment> assess_set_branch(const CallContext& call, const SetBranchRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  if (request.branch == git::kMain)
    return fail(ErrorCode::denied, "branch 'main' is what the folder shows; it stays", "lilux call volume.revert");
  Assessment made = TRY(proposes(volumes, volume));
  const Tip tip = TRY(tip_of(volume, request.branch));
  TRY(check_tip(volume, request, tip));
  const Tip wanted = TRY(wanted_tip(volume, request));
  made.inverse = call_for({.source = request.source,
                           .branch = request.branch,
                           .commit = tip,
                           .at = wanted.value_or(""),
                           .onto = std::nullopt});
  return made;
}

Result<SetBranchResponse> set_branch(CallContext& call, const SetBranchRequest& request) {
  const Volumes volumes = TRY(Volumes::of(call));
  const item::Volume& volume = *TRY(volumes.named(request.source));
  const Tip tip = TRY(tip_of(volume, request.branch));
  TRY(check_tip(volume, request, tip));
  const Tip wanted = TRY(wanted_tip(volume, request));
  SetBranchResponse response{.source = request.source, .branch = request.branch, .commit = wanted};
  if (tip == wanted) return response;
  call.begins();
  TRY(git::put_branch(TRY(volume.repository()), request.branch, tip, wanted));
  return response;
}

}  // namespace lilux::tools::volume_tools
