// fs.write, fs.edit, fs.mkdir, fs.chmod, fs.chown, fs.symlink: changing one thing in place.

#include <algorithm>
#include <charconv>

#include <fcntl.h>

#include "base/encoding.h"
#include "base/escape.h"
#include "sys/error.h"
#include "sys/io.h"
#include "sys/path.h"
#include "sys/place.h"
#include "text/diff.h"
#include "tools/fs.h"
#include "tools/git_folders.h"

namespace lilux::tools::fs {

using base::ErrorCode;
using base::fail;
using kernel::Final;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::size_t kEditBytesMax = std::size_t{64} << 20;

Result<std::string> content_of(const WriteRequest& request) {
  if (request.encoding.value_or(Encoding::utf8) == Encoding::utf8) return request.content;
  Result<std::string> bytes = base::from_base64(request.content);
  if (!bytes) return base::in_context(std::move(bytes.error()), "field 'content'");
  return bytes;
}

Result<std::string> before(const std::string& path) {
  Result<std::string> bytes = read_regular(path, kEditBytesMax);
  if (!bytes && bytes.error().code == ErrorCode::not_found) return std::string();
  return bytes;
}

std::int64_t hunks(std::string_view patch) {
  std::int64_t count = patch.starts_with("@@ ") ? 1 : 0;
  for (std::size_t at = patch.find("\n@@ "); at != std::string_view::npos; at = patch.find("\n@@ ", at + 1)) ++count;
  return count;
}

Result<std::string> replace_once(const std::string& text, const Replacement& edit, std::int64_t& count) {
  if (edit.old_text.empty())
    return fail(ErrorCode::invalid_argument, "old_text is empty",
                "quote the text to replace, with enough around it to be unique");
  std::string made;
  std::size_t from = 0;
  std::int64_t found = 0;
  for (std::size_t at = text.find(edit.old_text); at != std::string::npos; at = text.find(edit.old_text, from)) {
    made.append(text, from, at - from).append(edit.new_text);
    from = at + edit.old_text.size();
    ++found;
  }
  if (found == 0)
    return fail(ErrorCode::conflict, "old_text does not stand in the file",
                "read the file again: it must match exactly, white space included");
  if (found > 1 && !edit.replace_all.value_or(false)) {
    return fail(ErrorCode::conflict, "old_text stands in the file " + std::to_string(found) + " times",
                "quote more around it, or set replace_all");
  }
  count += found;
  return made.append(text, from);
}

struct Edited {
  std::string old_text;
  std::string new_text;
  std::int64_t count = 0;
};

Result<Edited> edited(const CallContext& call, const EditRequest& request) {
  const std::string path = TRY(call.resolve(request.path, Final::follow));
  Edited made{.old_text = TRY(read_regular(path, kEditBytesMax))};
  made.new_text = made.old_text;
  if (request.patch) {
    made.new_text = TRY(text::apply_patch(made.old_text, *request.patch));
    made.count = hunks(*request.patch);
    return made;
  }
  std::vector<Replacement> edits = request.edits.value_or(std::vector<Replacement>{});
  if (request.old_text)
    edits.insert(
        edits.begin(),
        {.old_text = *request.old_text, .new_text = request.new_text.value_or(""), .replace_all = request.replace_all});
  for (std::size_t i = 0; i < edits.size(); ++i) {
    Result<std::string> next = replace_once(made.new_text, edits[i], made.count);
    if (!next)
      return base::in_context(std::move(next.error()), edits.size() > 1 ? "edit " + std::to_string(i + 1) : "edit");
    made.new_text = std::move(*next);
  }
  return made;
}

Result<std::uint32_t> parse_mode(const std::string& text) {
  std::uint32_t mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (error != std::errc{} || end != text.data() + text.size() || mode > 07777) {
    return fail(ErrorCode::invalid_argument, "field 'mode': " + sys::quoted(text) + " is not an octal mode",
                "for example 0644 or 0755");
  }
  return mode;
}

}  // namespace

Result<Assessment> assess_write(const CallContext& call, const WriteRequest& request) {
  TRY(content_of(request));
  const std::string path = TRY(call.resolve(request.path, Final::follow));
  const bool is_there = sys::exists(path);
  Assessment made{.risk = path_risk(call, path, is_there ? Risk::medium : Risk::low)};
  made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = path});
  made.paths.push_back(request.create_dirs.value_or(false) ? first_missing(path) : path);
  made.scratch.push_back(scratch_for(call, path));
  need_git_folders(made);
  return made;
}

Result<WriteResponse> write(CallContext& call, const WriteRequest& request) {
  const std::string path = TRY(call.resolve(request.path, Final::follow));
  std::string bytes = TRY(content_of(request));
  const auto size = static_cast<std::int64_t>(bytes.size());
  const bool is_there = sys::exists(path);
  if (is_there && request.must_not_exist.value_or(false))
    return fail(ErrorCode::conflict, sys::quoted(path) + " is there already",
                "choose another name, or leave must_not_exist out");
  if (request.create_dirs.value_or(false)) TRY(make_folders(call, sys::parent_of(path)));
  if (!sys::exists(sys::parent_of(path)))
    return fail(ErrorCode::not_found, "the folder of " + sys::quoted(path) + " is not there", "--create_dirs makes it");
  if (request.append.value_or(false) && is_there) bytes = TRY(read_regular(path, kEditBytesMax)) + bytes;
  TRY(replace_file(call, path, bytes));
  return WriteResponse{.bytes_written = size};
}

Result<std::string> preview_write(const CallContext& call, const WriteRequest& request) {
  const std::string path = TRY(call.resolve(request.path, Final::follow));
  const std::string old = TRY(before(path));
  const std::string bytes = TRY(content_of(request));
  return "write " + base::escape_line(path) + " (" + std::to_string(bytes.size()) + " bytes)\n" +
         text::unified_diff(old, request.append.value_or(false) ? old + bytes : bytes,
                            {.old_name = path, .new_name = path});
}

Result<Assessment> assess_edit(const CallContext& call, const EditRequest& request) {
  const bool is_single = request.old_text.has_value();
  const bool is_list = request.edits && !request.edits->empty();
  if (request.patch ? is_single || is_list : !is_single && !is_list) {
    return fail(ErrorCode::invalid_argument,
                "say what to change: old_text and new_text, edits, or patch, and only one of replacements and patch",
                "for example --old_text 'colour' --new_text 'color'");
  }
  const std::string path = TRY(call.resolve(request.path, Final::follow));
  Assessment made{.risk = path_risk(call, path, Risk::medium)};
  made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = path});
  made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = path});
  made.paths.push_back(path);
  made.scratch.push_back(scratch_for(call, path));
  need_git_folders(made);
  return made;
}

Result<EditResponse> edit(CallContext& call, const EditRequest& request) {
  const std::string path = TRY(call.resolve(request.path, Final::follow));
  const Edited made = TRY(edited(call, request));
  TRY(replace_file(call, path, made.new_text));
  return EditResponse{.replacements = made.count,
                      .diff = text::unified_diff(made.old_text, made.new_text, {.old_name = path, .new_name = path})};
}

Result<std::string> preview_edit(const CallContext& call, const EditRequest& request) {
  const std::string path = TRY(call.resolve(request.path, Final::follow));
  const Edited made = TRY(edited(call, request));
  return text::unified_diff(made.old_text, made.new_text, {.old_name = path, .new_name = path});
}

Result<Assessment> assess_mkdir(const CallContext& call, const MkdirRequest& request) {
  const std::string path = TRY(call.resolve(request.path, Final::follow));
  Assessment made{.risk = path_risk(call, path, Risk::low)};
  made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = path});
  if (!sys::exists(path)) made.paths.push_back(request.recursive.value_or(false) ? first_missing(path) : path);
  need_git_folders(made);
  return made;
}

Result<MkdirResponse> mkdir(CallContext& call, const MkdirRequest& request) {
  const std::string path = TRY(call.resolve(request.path, Final::follow));
  if (const auto found = TRY(sys::stat_if_there(path))) {
    if (found->is_directory() && request.recursive.value_or(false)) return MkdirResponse{.created = false};
    return fail(ErrorCode::conflict, sys::quoted(path) + " is there already",
                found->is_directory() ? "with --recursive that is no error" : "it is not a folder");
  }
  if (request.recursive.value_or(false))
    TRY(make_folders(call, path));
  else
    TRY(make_folder(call, path));
  return MkdirResponse{.created = true};
}

Result<Assessment> assess_chmod(const CallContext& call, const ChmodRequest& request) {
  TRY(parse_mode(request.mode));
  const std::string path = TRY(call.resolve(request.path, Final::follow));
  Assessment made{.risk = path_risk(call, path, Risk::medium)};
  if ((TRY(parse_mode(request.mode)) & 06002) != 0)
    made.risk = std::max(made.risk, Risk::high);  // set-id, or writable by all
  made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = path});
  made.paths.push_back(path);
  made.only_properties = true;
  need_git_folders(made);
  return made;
}

Result<ChmodResponse> chmod(CallContext& call, const ChmodRequest& request) {
  const sys::Place place = TRY(sys::open_parent(TRY(call.resolve(request.path, Final::follow))));
  const std::uint32_t mode = TRY(parse_mode(request.mode));
  if (TRY(sys::stat(place)).mode == mode) return ChmodResponse{.changed = false};
  call.begins();
  TRY(sys::set_mode(place, mode));
  return ChmodResponse{.changed = true};
}

Result<Assessment> assess_chown(const CallContext& call, const ChownRequest& request) {
  if (!request.uid && !request.gid)
    return fail(ErrorCode::invalid_argument, "neither uid nor gid is given", "for example --uid 1000 --gid 1000");
  const std::string path = TRY(call.resolve(request.path, Final::keep));
  Assessment made{.risk = std::max(Risk::high, path_risk(call, path, Risk::high))};
  made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = path});
  made.paths.push_back(path);
  made.only_properties = true;
  return made;
}

Result<ChownResponse> chown(CallContext& call, const ChownRequest& request) {
  const sys::Place place = TRY(sys::open_parent(TRY(call.resolve(request.path, Final::keep))));
  const sys::Stat now = TRY(sys::stat(place));
  const sys::Owner owner{.uid = static_cast<std::uint32_t>(request.uid.value_or(now.uid)),
                         .gid = static_cast<std::uint32_t>(request.gid.value_or(now.gid))};
  if (owner.uid == now.uid && owner.gid == now.gid) return ChownResponse{.changed = false};
  call.begins();
  TRY(sys::set_owner(place, owner));
  return ChownResponse{.changed = true};
}

Result<Assessment> assess_symlink(const CallContext& call, const SymlinkRequest& request) {
  const std::string link = TRY(call.resolve(request.link, Final::keep));
  Assessment made{.risk = path_risk(call, link, Risk::medium)};
  made.needs.push_back({.verb = Verb::write, .resource = "fs", .target = link});
  if (request.target.find('\0') != std::string::npos)
    return fail(ErrorCode::invalid_argument, "field 'target' holds a NUL byte", "remove it");
  made.paths.push_back(link);
  need_git_folders(made);
  return made;
}

Result<SymlinkResponse> symlink(CallContext& call, const SymlinkRequest& request) {
  const sys::Place place = TRY(sys::open_parent(TRY(call.resolve(request.link, Final::keep))));
  if (TRY(sys::stat_if_there(place)))
    return fail(ErrorCode::conflict, sys::quoted(place.path) + " is there already",
                "delete it first, or choose another name");
  call.begins();
  TRY(sys::make_symlink(request.target, place));
  TRY(sys::sync_parent(place));
  return SymlinkResponse{.created = true};
}

}  // namespace lilux::tools::fs
