#pragma once

// The fs tools: request and response of each, in the fields of the older catalogues and a few optional ones of ours.
// Paths are the caller's; every one is made canonical before it is judged and opened without following symlinks after.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/field.h"
#include "kernel/context.h"
#include "kernel/tool.h"
#include "tools/fs_common.h"

namespace lilux::tools::fs {

using base::Field;
using base::Result;
using kernel::Assessment;
using kernel::CallContext;

struct ReadRequest {
  std::string path;
  std::optional<std::int64_t> offset;
  std::optional<std::int64_t> limit;
  std::optional<Encoding> encoding;
  static constexpr base::Fields fields{
      Field{"path", &ReadRequest::path, "File to read"},
      Field{"offset", &ReadRequest::offset, "First byte to return; 0 when absent", {.minimum = 0}},
      Field{"limit",
            &ReadRequest::limit,
            "Most bytes to return; 8 MiB when absent",
            {.minimum = 0, .maximum = 67'108'864}},
      Field{"encoding", &ReadRequest::encoding, "utf-8 for text (the default), base64 for any bytes"},
  };
};
struct ReadResponse {
  std::string content;
  std::int64_t size = 0;
  std::optional<std::int64_t> next_offset;
  static constexpr base::Fields fields{
      Field{"content", &ReadResponse::content, "Content of the file"},
      Field{"size", &ReadResponse::size, "Size of the whole file in bytes"},
      Field{"next_offset", &ReadResponse::next_offset, "Where to go on, when not all was returned"},
  };
};
Result<Assessment> assess_read(const CallContext& call, const ReadRequest& request);
Result<ReadResponse> read(CallContext& call, const ReadRequest& request);

struct WriteRequest {
  std::string path;
  std::string content;
  std::optional<Encoding> encoding;
  std::optional<bool> append;
  std::optional<bool> create_dirs;
  std::optional<bool> must_not_exist;
  static constexpr base::Fields fields{
      Field{"path", &WriteRequest::path, "File to write; made when it is not there"},
      Field{"content", &WriteRequest::content, "The whole new content"},
      Field{"encoding", &WriteRequest::encoding, "How content is encoded: utf-8 (the default) or base64"},
      Field{"append", &WriteRequest::append, "Add to the end instead of replacing"},
      Field{"create_dirs", &WriteRequest::create_dirs, "Make missing folders on the way"},
      Field{"must_not_exist", &WriteRequest::must_not_exist, "Refuse when the file is there already"},
  };
};
struct WriteResponse {
  std::int64_t bytes_written = 0;
  static constexpr base::Fields fields{Field{"bytes_written", &WriteResponse::bytes_written, "Bytes written"}};
};
Result<Assessment> assess_write(const CallContext& call, const WriteRequest& request);
Result<WriteResponse> write(CallContext& call, const WriteRequest& request);
Result<std::string> preview_write(const CallContext& call, const WriteRequest& request);

struct Replacement {
  std::string old_text;
  std::string new_text;
  std::optional<bool> replace_all;
  static constexpr base::Fields fields{
      Field{"old_text", &Replacement::old_text, "Text that stands in the file, exactly and once", {.minimum = 1}},
      Field{"new_text", &Replacement::new_text, "Text to put in its place"},
      Field{"replace_all", &Replacement::replace_all, "Replace every occurrence"},
  };
};
struct EditRequest {
  std::string path;
  std::optional<std::string> old_text;
  std::optional<std::string> new_text;
  std::optional<bool> replace_all;
  std::optional<std::vector<Replacement>> edits;
  std::optional<std::string> patch;
  static constexpr base::Fields fields{
      Field{"path", &EditRequest::path, "File to edit"},
      Field{"old_text", &EditRequest::old_text, "Text that stands in the file, exactly and once"},
      Field{"new_text", &EditRequest::new_text, "Text to put in its place"},
      Field{"replace_all", &EditRequest::replace_all, "Replace every occurrence of old_text"},
      Field{"edits", &EditRequest::edits, "Several replacements, done in order, all or none"},
      Field{"patch", &EditRequest::patch, "A unified diff of this one file, instead of replacements"},
  };
};
struct EditResponse {
  std::int64_t replacements = 0;
  std::string diff;
  static constexpr base::Fields fields{
      Field{"replacements", &EditResponse::replacements, "Replacements made, or hunks applied"},
      Field{"diff", &EditResponse::diff, "What changed"},
  };
};
Result<Assessment> assess_edit(const CallContext& call, const EditRequest& request);
Result<EditResponse> edit(CallContext& call, const EditRequest& request);
Result<std::string> preview_edit(const CallContext& call, const EditRequest& request);

struct DeleteRequest {
  std::string path;
  std::optional<bool> recursive;
  static constexpr base::Fields fields{
      Field{"path", &DeleteRequest::path, "What to delete; of a symlink the link itself"},
      Field{"recursive", &DeleteRequest::recursive, "Delete a folder with all it holds"},
  };
};
struct DeleteResponse {
  bool deleted = false;
  static constexpr base::Fields fields{Field{"deleted", &DeleteResponse::deleted, "Done"}};
};
Result<Assessment> assess_remove(const CallContext& call, const DeleteRequest& request);
Result<DeleteResponse> remove(CallContext& call, const DeleteRequest& request);
Result<std::string> preview_remove(const CallContext& call, const DeleteRequest& request);

struct ListRequest {
  std::optional<std::string> path;
  std::optional<std::int64_t> offset;
  std::optional<std::int64_t> limit;
  static constexpr base::Fields fields{
      Field{"path", &ListRequest::path, "Folder to list; the current one when absent"},
      Field{"offset", &ListRequest::offset, "First entry to return", {.minimum = 0}},
      Field{"limit",
            &ListRequest::limit,
            "Most entries to return; 10,000 when absent",
            {.minimum = 0, .maximum = 100'000}},
  };
};
struct ListEntry {
  std::string name;
  std::string type;
  std::int64_t size = 0;
  std::string modified;
  static constexpr base::Fields fields{
      Field{"name", &ListEntry::name, "Name in the folder"},
      Field{"type", &ListEntry::type, "file, dir, symlink, fifo, socket, ..."},
      Field{"size", &ListEntry::size, "Size in bytes"},
      Field{"modified", &ListEntry::modified, "When the content last changed"},
  };
};
struct ListResponse {
  std::vector<ListEntry> entries;
  std::int64_t total = 0;
  static constexpr base::Fields fields{
      Field{"entries", &ListResponse::entries, "Entries by name"},
      Field{"total", &ListResponse::total, "Entries in the folder"},
  };
};
Result<Assessment> assess_list(const CallContext& call, const ListRequest& request);
Result<ListResponse> list(CallContext& call, const ListRequest& request);

struct StatRequest {
  std::string path;
  std::optional<bool> recursive;
  static constexpr base::Fields fields{
      Field{"path", &StatRequest::path, "What to look at; of a symlink the link itself"},
      Field{"recursive", &StatRequest::recursive, "Of a folder: also how much lies in it, at any depth"},
  };
};
struct StatResponse {
  std::int64_t size = 0;
  std::string permissions;
  std::string modified;
  std::string accessed;
  bool is_dir = false;
  bool is_file = false;
  bool is_symlink = false;
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::optional<std::string> target;
  std::optional<std::int64_t> content_bytes;
  std::optional<std::int64_t> content_entries;
  static constexpr base::Fields fields{
      Field{"content_bytes", &StatResponse::content_bytes, "Of a folder: the sizes of all files in it"},
      Field{"content_entries", &StatResponse::content_entries, "And how many files and folders lie in it"},
      Field{"size", &StatResponse::size, "Size in bytes; of a folder that of the list of its names alone"},
      Field{"permissions", &StatResponse::permissions, "Mode in octal: 0644"},
      Field{"modified", &StatResponse::modified, "When the content last changed"},
      Field{"accessed", &StatResponse::accessed, "When it was last read"},
      Field{"is_dir", &StatResponse::is_dir, "A folder"},
      Field{"is_file", &StatResponse::is_file, "A regular file"},
      Field{"is_symlink", &StatResponse::is_symlink, "A symbolic link"},
      Field{"uid", &StatResponse::uid, "Owner"},
      Field{"gid", &StatResponse::gid, "Group"},
      Field{"target", &StatResponse::target, "Where a symlink points"},
  };
};
Result<Assessment> assess_stat(const CallContext& call, const StatRequest& request);
Result<StatResponse> stat(CallContext& call, const StatRequest& request);

struct MkdirRequest {
  std::string path;
  std::optional<bool> recursive;
  static constexpr base::Fields fields{
      Field{"path", &MkdirRequest::path, "Folder to make"},
      Field{"recursive", &MkdirRequest::recursive, "Make missing parents too; no error when it is there"},
  };
};
struct MkdirResponse {
  bool created = false;
  static constexpr base::Fields fields{Field{"created", &MkdirResponse::created, "False when it was there"}};
};
Result<Assessment> assess_mkdir(const CallContext& call, const MkdirRequest& request);
Result<MkdirResponse> mkdir(CallContext& call, const MkdirRequest& request);

struct MoveRequest {
  std::string source;
  std::string destination;
  std::optional<bool> overwrite;
  static constexpr base::Fields fields{
      Field{"source", &MoveRequest::source, "What to move; of a symlink the link itself"},
      Field{"destination", &MoveRequest::destination, "New path, or a folder to move it into"},
      Field{"overwrite", &MoveRequest::overwrite, "Replace a file that is there"},
  };
};
struct MoveResponse {
  bool moved = false;
  static constexpr base::Fields fields{Field{"moved", &MoveResponse::moved, "Done"}};
};
Result<Assessment> assess_move(const CallContext& call, const MoveRequest& request);
Result<MoveResponse> move(CallContext& call, const MoveRequest& request);
Result<std::string> preview_move(const CallContext& call, const MoveRequest& request);

struct CopyRequest {
  std::string source;
  std::string destination;
  std::optional<bool> overwrite;
  static constexpr base::Fields fields{
      Field{"source", &CopyRequest::source, "File or folder to copy"},
      Field{"destination", &CopyRequest::destination, "New path, or a folder to copy it into"},
      Field{"overwrite", &CopyRequest::overwrite, "Replace a file that is there"},
  };
};
struct CopyResponse {
  bool copied = false;
  static constexpr base::Fields fields{Field{"copied", &CopyResponse::copied, "Done"}};
};
Result<Assessment> assess_copy(const CallContext& call, const CopyRequest& request);
Result<CopyResponse> copy(CallContext& call, const CopyRequest& request);
Result<std::string> preview_copy(const CallContext& call, const CopyRequest& request);

struct ChmodRequest {
  std::string path;
  std::string mode;
  static constexpr base::Fields fields{
      Field{"path", &ChmodRequest::path, "File or folder"},
      Field{"mode", &ChmodRequest::mode, "New mode in octal: 0755", {.minimum = 1, .maximum = 6}},
  };
};
struct ChmodResponse {
  bool changed = false;
  static constexpr base::Fields fields{Field{"changed", &ChmodResponse::changed, "False when it had that mode"}};
};
Result<Assessment> assess_chmod(const CallContext& call, const ChmodRequest& request);
Result<ChmodResponse> chmod(CallContext& call, const ChmodRequest& request);

struct ChownRequest {
  std::string path;
  std::optional<std::int64_t> uid;
  std::optional<std::int64_t> gid;
  static constexpr base::Fields fields{
      Field{"path", &ChownRequest::path, "File or folder; of a symlink the link itself"},
      Field{"uid", &ChownRequest::uid, "New owner", {.minimum = 0, .maximum = 4'294'967'294}},
      Field{"gid", &ChownRequest::gid, "New group", {.minimum = 0, .maximum = 4'294'967'294}},
  };
};
struct ChownResponse {
  bool changed = false;
  static constexpr base::Fields fields{Field{"changed", &ChownResponse::changed, "False when it had that owner"}};
};
Result<Assessment> assess_chown(const CallContext& call, const ChownRequest& request);
Result<ChownResponse> chown(CallContext& call, const ChownRequest& request);

struct SymlinkRequest {
  std::string target;
  std::string link;
  static constexpr base::Fields fields{
      Field{"target",
            &SymlinkRequest::target,
            "What the link points to, as it will stand in it",
            {.minimum = 1, .maximum = 4095}},
      Field{"link", &SymlinkRequest::link, "Link to make"},
  };
};
struct SymlinkResponse {
  bool created = false;
  static constexpr base::Fields fields{Field{"created", &SymlinkResponse::created, "Done"}};
};
Result<Assessment> assess_symlink(const CallContext& call, const SymlinkRequest& request);
Result<SymlinkResponse> symlink(CallContext& call, const SymlinkRequest& request);

struct SearchRequest {
  std::optional<std::string> directory;
  std::string pattern;
  std::optional<std::int64_t> max_depth;
  std::optional<std::int64_t> limit;
  std::optional<bool> ignored;
  static constexpr base::Fields fields{
      Field{"directory", &SearchRequest::directory, "Where to look; the current folder when absent"},
      Field{"pattern", &SearchRequest::pattern, "Glob over names (*.cpp), or part of a name", {.minimum = 1}},
      Field{"max_depth", &SearchRequest::max_depth, "How many levels down", {.minimum = 1}},
      Field{"limit",
            &SearchRequest::limit,
            "Most matches to return; 1,000 when absent",
            {.minimum = 1, .maximum = 100'000}},
      Field{"ignored", &SearchRequest::ignored, "Also what .gitignore files keep out"},
  };
};
struct SearchResponse {
  std::vector<std::string> matches;
  bool truncated = false;
  std::optional<std::int64_t> ignored;
  static constexpr base::Fields fields{
      Field{"matches", &SearchResponse::matches, "Canonical paths"},
      Field{"truncated", &SearchResponse::truncated, "There were more"},
      Field{"ignored", &SearchResponse::ignored, "How many files and folders .gitignore kept out, if any"},
  };
};
Result<Assessment> assess_search(const CallContext& call, const SearchRequest& request);
Result<SearchResponse> search(CallContext& call, const SearchRequest& request);

struct GrepRequest {
  std::string pattern;
  std::optional<std::string> path;
  std::optional<std::string> glob;
  std::optional<bool> literal;
  std::optional<bool> ignore_case;
  std::optional<std::int64_t> context;
  std::optional<std::int64_t> limit;
  std::optional<std::string> from;
  std::optional<bool> ignored;
  static constexpr base::Fields fields{
      Field{"pattern",
            &GrepRequest::pattern,
            "Regular expression, or text with 'literal', to be found in a line",
            {.minimum = 1, .maximum = 4096}},
      Field{"path", &GrepRequest::path, "File or folder to look in; the current folder when absent"},
      Field{"glob",
            &GrepRequest::glob,
            "Only files of this name (*.cpp), or of this path below the folder (src/**/*.cpp)",
            {.minimum = 1}},
      Field{"literal", &GrepRequest::literal, "The pattern is a text, not an expression"},
      Field{"ignore_case", &GrepRequest::ignore_case, "Large and small letters are the same"},
      Field{"context", &GrepRequest::context, "So many lines before and after each", {.minimum = 0, .maximum = 20}},
      Field{"limit", &GrepRequest::limit, "Most lines to return; 200 when absent", {.minimum = 1, .maximum = 10'000}},
      Field{"from", &GrepRequest::from, "Go on from there: 'next' of the answer before"},
      Field{"ignored", &GrepRequest::ignored, "Also what .gitignore files keep out"},
  };
};
struct GrepRow {
  std::string path;
  std::int64_t line = 0;
  std::string text;
  std::optional<std::vector<std::string>> before;
  std::optional<std::vector<std::string>> after;
  static constexpr base::Fields fields{
      Field{"path", &GrepRow::path, "Canonical path"},
      Field{"line", &GrepRow::line, "Number of the line, from 1"},
      Field{"text", &GrepRow::text, "The line, cut at 500 bytes"},
      Field{"before", &GrepRow::before, "Lines before it"},
      Field{"after", &GrepRow::after, "Lines after it"},
  };
};
struct GrepResponse {
  std::vector<GrepRow> matches;
  std::int64_t files = 0;
  std::int64_t skipped = 0;
  bool truncated = false;
  std::optional<std::string> next;
  std::optional<std::int64_t> ignored;
  static constexpr base::Fields fields{
      Field{"matches", &GrepResponse::matches, "In the order of paths and lines"},
      Field{"files", &GrepResponse::files, "How many files were read"},
      Field{"skipped", &GrepResponse::skipped, "How many were not: binary, larger than 16 MiB, not to be opened"},
      Field{"truncated", &GrepResponse::truncated, "There is more to look at: the limit, or what one call reads"},
      Field{"next", &GrepResponse::next, "Give this as 'from' to go on"},
      Field{"ignored", &GrepResponse::ignored, "How many files and folders .gitignore kept out, if any"},
  };
};
Result<Assessment> assess_grep(const CallContext& call, const GrepRequest& request);
Result<GrepResponse> grep(CallContext& call, const GrepRequest& request);

struct DiskUsageRequest {
  std::optional<std::string> path;
  static constexpr base::Fields fields{
      Field{"path", &DiskUsageRequest::path, "Any path on the filesystem; the current folder when absent"}};
};
struct DiskUsageResponse {
  std::int64_t total_bytes = 0;
  std::int64_t used_bytes = 0;
  std::int64_t available_bytes = 0;
  double usage_percent = 0;
  static constexpr base::Fields fields{
      Field{"total_bytes", &DiskUsageResponse::total_bytes, "Size of the filesystem"},
      Field{"used_bytes", &DiskUsageResponse::used_bytes, "In use"},
      Field{"available_bytes", &DiskUsageResponse::available_bytes, "Free for this user"},
      Field{"usage_percent", &DiskUsageResponse::usage_percent, "In use, of what this user could have"},
  };
};
Result<Assessment> assess_disk_usage(const CallContext& call, const DiskUsageRequest& request);
Result<DiskUsageResponse> disk_usage(CallContext& call, const DiskUsageRequest& request);

}  // namespace lilux::tools::fs
