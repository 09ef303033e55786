// fs.read, fs.list, fs.stat, fs.search, fs.disk_usage: looking, without changing anything.

#include <algorithm>
#include <cstdio>

#include "base/encoding.h"
#include "base/time.h"
#include "git/ignores.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/place.h"
#include "sys/tree.h"
#include "text/glob.h"
#include "tools/fs.h"

namespace lilux::tools::fs {

using base::ErrorCode;
using base::fail;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;
using kernel::Final;
using policy::Risk;
using policy::Verb;

namespace {

constexpr std::int64_t kReadDefault = std::int64_t{8} << 20;
constexpr std::int64_t kListDefault = 10'000;
constexpr std::int64_t kSearchDefault = 1'000;
constexpr std::uint64_t kSearchEntriesMax = 2'000'000;

Result<Assessment> reads(const CallContext& call, const std::string& path, Final last) {
  Assessment made{.risk = Risk::low};
  made.needs.push_back({.verb = Verb::read, .resource = "fs", .target = TRY(call.resolve(path, last))});
  return made;
}

std::string_view short_type(sys::FileType type) {
  switch (type) {
    case sys::FileType::regular: return "file";
    case sys::FileType::directory: return "dir";
    default: return sys::type_name(type);
  }
}

Result<ReadResponse> encode_content(std::string bytes, Encoding encoding, const std::string& path) {
  if (encoding == Encoding::base64) return ReadResponse{.content = base::to_base64(bytes)};
  if (!base::is_utf8(bytes)) {
    return fail(ErrorCode::invalid_argument, sys::quoted(path) + " is not UTF-8 text",
                "read it with --encoding base64");
  }
  return ReadResponse{.content = std::move(bytes)};
}

// Leaves off the bytes of a character that the end of the read cut in two.
void drop_cut_character(std::string& bytes) {
  for (std::size_t cut = 1; cut <= 3 && cut <= bytes.size(); ++cut) {
    const auto byte = static_cast<unsigned char>(bytes[bytes.size() - cut]);
    if ((byte & 0xC0) == 0x80) continue;
    const std::size_t wants = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    if (wants > cut) bytes.resize(bytes.size() - cut);
    return;
  }
}

std::string below(const std::string& folder, const std::string& name) {
  return folder + (folder == "/" ? "" : "/") + name;
}

}  // namespace

Result<Assessment> assess_read(const CallContext& call, const ReadRequest& request) {
  return reads(call, request.path, Final::follow);
}

Result<ReadResponse> read(CallContext& call, const ReadRequest& request) {
  const std::string path = TRY(call.resolve(request.path, Final::follow));
  const sys::Place place = TRY(sys::open_parent(path));
  const sys::Fd fd = TRY(sys::open_regular(place));
  const std::uint64_t size = TRY(sys::file_size(fd.get(), path));
  const auto offset = static_cast<std::uint64_t>(request.offset.value_or(0));
  const auto limit = static_cast<std::size_t>(request.limit.value_or(kReadDefault));
  std::string bytes = TRY(sys::read_at(fd.get(), offset, limit, path));
  const bool is_cut = offset + bytes.size() < size;
  const Encoding encoding = request.encoding.value_or(Encoding::utf8);
  if (is_cut && encoding == Encoding::utf8) drop_cut_character(bytes);
  const auto end = static_cast<std::int64_t>(offset + bytes.size());
  ReadResponse response = TRY(encode_content(std::move(bytes), encoding, path));
  response.size = static_cast<std::int64_t>(size);
  if (is_cut) response.next_offset = end;
  return response;
}

Result<Assessment> assess_list(const CallContext& call, const ListRequest& request) {
  return reads(call, request.path.value_or("."), Final::follow);
}

Result<ListResponse> list(CallContext& call, const ListRequest& request) {
  const std::string path = TRY(call.resolve(request.path.value_or("."), Final::follow));
  const sys::Place place = TRY(sys::open_parent(path));
  std::vector<sys::Entry> entries = TRY(sys::list(place));
  const Sight sight = TRY(Sight::of(call));
  std::erase_if(entries, [&](const sys::Entry& entry) { return sight.is_denied(below(path, entry.name)); });
  const sys::Fd folder = TRY(sys::open_directory(place));
  const std::size_t first = std::min(entries.size(), static_cast<std::size_t>(request.offset.value_or(0)));
  const std::size_t count =
      std::min(entries.size() - first, static_cast<std::size_t>(request.limit.value_or(kListDefault)));
  ListResponse response{.total = static_cast<std::int64_t>(entries.size())};
  for (std::size_t i = first; i < first + count; ++i) {
    const sys::Place child = TRY(sys::place_in(folder, path, entries[i].name));
    const auto found = TRY(sys::stat_if_there(child));
    if (!found) continue;  // it went away meanwhile
    response.entries.push_back({.name = base::to_valid_utf8(entries[i].name),
                                .type = std::string(short_type(found->type)),
                                .size = static_cast<std::int64_t>(found->size),
                                .modified = base::format_time(found->modified_ns / 1000)});
  }
  return response;
}

namespace {

// What the rules hide of the folder is not counted.
Result<void> count_content(CallContext& call, const sys::Place& folder, StatResponse& response) {
  const Sight sight = TRY(Sight::of(call));
  std::int64_t bytes = 0;
  std::int64_t entries = 0;
  const auto visit = [&](const sys::Place& place, const sys::Stat& found) -> Result<sys::Descend> {
    if (entries % 256 == 0) TRY(call.check_alive());
    if (place.path == folder.path) return sys::Descend::yes;
    if (sight.is_denied(place.path)) return sys::Descend::no;
    entries += 1;
    bytes += found.is_regular() ? static_cast<std::int64_t>(found.size) : 0;
    return sys::Descend::yes;
  };
  TRY(sys::walk_tree(folder, kSearchEntriesMax, visit));
  response.content_bytes = bytes;
  response.content_entries = entries;
  return {};
}

}  // namespace

Result<Assessment> assess_stat(const CallContext& call, const StatRequest& request) {
  return reads(call, request.path, Final::keep);
}

Result<StatResponse> stat(CallContext& call, const StatRequest& request) {
  const sys::Place place = TRY(sys::open_parent(TRY(call.resolve(request.path, Final::keep))));
  const sys::Stat found = TRY(sys::stat(place));
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", found.mode);
  StatResponse response{.size = static_cast<std::int64_t>(found.size),
                        .permissions = mode.data(),
                        .modified = base::format_time(found.modified_ns / 1000),
                        .accessed = base::format_time(found.accessed_ns / 1000),
                        .is_dir = found.is_directory(),
                        .is_file = found.is_regular(),
                        .is_symlink = found.is_symlink(),
                        .uid = found.uid,
                        .gid = found.gid};
  if (found.is_symlink()) response.target = base::to_valid_utf8(TRY(sys::read_link(place)));
  if (found.is_directory() && request.recursive.value_or(false)) TRY(count_content(call, place, response));
  return response;
}

Result<Assessment> assess_search(const CallContext& call, const SearchRequest& request) {
  TRY(text::NameGlob::compile(request.pattern));
  return reads(call, request.directory.value_or("."), Final::follow);
}

Result<SearchResponse> search(CallContext& call, const SearchRequest& request) {
  const std::string root = TRY(call.resolve(request.directory.value_or("."), Final::follow));
  const bool is_plain = request.pattern.find_first_of("*?[{") == std::string::npos;
  const text::NameGlob glob = TRY(text::NameGlob::compile(is_plain ? "*" + request.pattern + "*" : request.pattern));
  const auto limit = static_cast<std::size_t>(request.limit.value_or(kSearchDefault));
  const auto depth_of = [&](const std::string& path) {
    return std::count(path.begin() + static_cast<std::ptrdiff_t>(root.size()), path.end(), '/');
  };
  const Sight sight = TRY(Sight::of(call));
  std::optional<git::Ignores> ignores;
  if (!request.ignored.value_or(false)) ignores = TRY(git::Ignores::of(root));
  SearchResponse response;
  std::uint64_t seen = 0;
  const auto visit = [&](const sys::Place& place, const sys::Stat& found) -> Result<sys::Descend> {
    if (++seen % 256 == 0) TRY(call.check_alive());
    if (place.path == root) return sys::Descend::yes;
    if (request.max_depth && depth_of(place.path) > *request.max_depth) return sys::Descend::no;
    const bool is_match = glob.matches(place.name);
    if ((is_match || found.is_directory()) && sight.is_denied(place.path)) return sys::Descend::no;
    if (ignores && (is_match || found.is_directory()) && TRY(ignores->has(place.path, found.is_directory()))) {
      response.ignored = response.ignored.value_or(0) + 1;
      return sys::Descend::no;
    }
    if (!is_match) return sys::Descend::yes;
    if (response.matches.size() < limit)
      response.matches.push_back(base::to_valid_utf8(place.path));
    else
      response.truncated = true;
    return sys::Descend::yes;
  };
  TRY(sys::walk_tree(TRY(sys::open_parent(root)), kSearchEntriesMax, visit));
  return response;
}

Result<Assessment> assess_disk_usage(const CallContext& call, const DiskUsageRequest& request) {
  return reads(call, request.path.value_or("."), Final::follow);
}

Result<DiskUsageResponse> disk_usage(CallContext& call, const DiskUsageRequest& request) {
  const sys::DiskSpace space = TRY(sys::disk_space(TRY(call.resolve(request.path.value_or("."), Final::follow))));
  const std::uint64_t used = space.total_bytes - space.free_bytes;
  const double percent = space.total_bytes == 0
                             ? 0
                             : 100.0 * static_cast<double>(used) / static_cast<double>(used + space.available_bytes);
  return DiskUsageResponse{.total_bytes = static_cast<std::int64_t>(space.total_bytes),
                           .used_bytes = static_cast<std::int64_t>(used),
                           .available_bytes = static_cast<std::int64_t>(space.available_bytes),
                           .usage_percent = static_cast<double>(static_cast<std::int64_t>(percent * 10)) / 10};
}

}  // namespace lilux::tools::fs
