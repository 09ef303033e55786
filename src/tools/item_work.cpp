#include "tools/item_work.h"

#include <array>

#include "kernel/inverse.h"
#include "kernel/kernel.h"
#include "sys/error.h"
#include "sys/file.h"
#include "tools/fs_common.h"
#include "tools/item_reason.h"

namespace lilux::tools::item_tools {

using base::ErrorCode;
using base::fail;
using base::JsonObject;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::size_t kInlineBytesMax = std::size_t{16} << 10;  // a larger inverse is kept as an object

// The call that takes it back. What is large goes into the object store, as pre-images of files do.
Result<JsonObject> inverse_of(const CallContext& call, const Work& work) {
  JsonObject arguments{{"source", source_name(work.volume->place())}, {"path", work.path}};
  if (work.before && work.before->bytes.size() > kInlineBytesMax)
    arguments.set("content_object", TRY(call.kernel().store().put(work.before->bytes)));
  else if (work.before)
    arguments.set("content", work.before->bytes);
  const std::string file = work.volume->place().folder + "/" + work.path;
  if (const std::string folder = first_missing(file); !work.before && folder != file) arguments.set("folder", folder);
  arguments.set("expected", work.after ? TRY(git::content_id(*work.after)) : std::string());
  if (const Result<sys::Stat> found = sys::lstat(file); work.before && found)
    arguments.set("modified_ns", found->modified_ns);
  return JsonObject{{"tool", "item.restore"},
                    {"arguments", std::move(arguments)},
                    {"folders", kernel::times_around(std::array{file})}};
}

}  // namespace

std::string stamp_of(const std::optional<item::Content>& content) {
  return content ? content->stamp : std::string();
}

Result<std::optional<item::Content>> content_at(const item::Volume& volume, const std::string& path) {
  Result<item::Content> content = volume.read(path);
  if (content) return std::optional(std::move(*content));
  if (content.error().code == ErrorCode::not_found) return std::optional<item::Content>();
  return std::unexpected(std::move(content.error()));
}

bool is_knowledge_list(std::string_view path) {
  return path == "knowledge/relationships.json" || path == "knowledge/index.json";
}

Result<Assessment> assessed(const CallContext& call, const Volumes& volumes, const Work& work) {
  const item::VolumePlace& place = work.volume->place();
  const item::Verb verb = place.scope == item::Scope::team ? item::Verb::promote : item::Verb::write;
  TRY(item::check_access(volumes.actor(), verb, {.scope = place.scope, .owner = place.owner}));
  Assessment made{.risk = work.before ? Risk::medium : Risk::low};
  made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = place.folder + "/" + work.path});
  if (place.scope == item::Scope::team) {
    made.risk = Risk::high;
    made.needs.push_back({.verb = Verb::write, .resource = "item", .target = "promote/" + source_name(place)});
  }
  made.inverse = TRY(inverse_of(call, work));
  return made;
}

Result<std::string> done(CallContext& call, const Volumes& volumes, const Work& work) {
  // The times of folders may differ: others work there too.
  const Assessment* let_through = call.assessment();
  const JsonObject inverse = TRY(inverse_of(call, work));
  const bool is_same =
      !let_through || !let_through->inverse || *let_through->inverse->find("arguments") == *inverse.find("arguments");
  if (!is_same)
    return fail(ErrorCode::conflict, sys::quoted(work.path) + " was changed while this call was under way",
                "make the call again");
  const std::string expected = stamp_of(work.before);
  const item::Reason reason = reason_of(call, volumes);
  call.begins();
  if (!work.after) return TRY(work.volume->remove(work.path, expected, reason)).commit;
  return TRY(work.volume->write({.path = work.path, .bytes = *work.after, .expected = expected}, reason)).commit;
}

}  // namespace lilux::tools::item_tools
