#include "sys/control_group.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include <fcntl.h>

#include "base/hash.h"
#include "base/number.h"
#include "base/random.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/io.h"
#include "sys/path.h"
#include "sys/self.h"

namespace lilux::sys {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;
constexpr const char* kOwnLeaf = "/lilux";
constexpr std::string_view kMade = "lilux-run-";
constexpr std::size_t kNameBytes = 8;

Result<void> put(const std::string& file, std::string_view text) {
  const Fd fd = TRY(open(file, O_WRONLY));
  return write_all(fd.get(), text);
}

std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool has_word(std::string_view line, std::string_view word) {
  line = line.substr(0, line.find('\n'));
  const std::vector<std::string_view> words = parts_of(line, ' ');
  return std::ranges::find(words, word) != words.end();
}

// As mountinfo writes spaces and the like: \040.
std::string without_escapes(std::string_view text) {
  std::string made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto code = text[i] == '\\' ? base::number_from<int>(text.substr(i + 1, 3), 8) : std::nullopt;
    made += code ? static_cast<char>(*code) : text[i];
    if (code) i += 3;
  }
  return made;
}

bool is_alone_in(const std::string& group) {
  const Result<std::string> members = read_file(group + "/cgroup.procs", kFileBytesMax);
  return members && *members == std::to_string(process_id()) + "\n";
}

Result<bool> has_limits(const std::string& group, const char* file) {
  const std::string words = TRY(read_file(group + file, kFileBytesMax));
  return has_word(words, "memory") && has_word(words, "pids");
}

// For groups below it. A weight of the processor is taken where it is given.
Result<void> hand_down(const std::string& group) {
  TRY(put(group + "/cgroup.subtree_control", "+memory +pids"));
  std::ignore = put(group + "/cgroup.subtree_control", "+cpu");
  return {};
}

// Limited groups and processes do not go together, but at the root of all.
Result<void> move_down(const std::string& group) {
  if (!is_alone_in(group))
    return fail(ErrorCode::unavailable, "other programs run in control group " + quoted(group),
                "start lilux in one of its own: systemd-run --user --scope -p Delegate=yes lilux up");
  TRY(make_directories(group + kOwnLeaf));
  TRY(put(group + kOwnLeaf + "/cgroup.procs", "0"));
  const Result<void> handed = hand_down(group);
  if (handed) return {};
  std::ignore = put(group + "/cgroup.procs", "0");  // as it was
  std::ignore = remove_directory(group + kOwnLeaf);
  return handed;
}

Result<std::string> own_group() {
  const std::string mounts = TRY(read_file("/proc/self/mountinfo", kFileBytesMax));
  const std::string groups = TRY(read_file("/proc/self/cgroup", kFileBytesMax));
  std::optional<std::string> found = group_folder(mounts, groups);
  if (!found) return fail(ErrorCode::unavailable, "this system's control groups (cgroup v2) cannot be seen");
  return *std::move(found);
}

}  // namespace

std::optional<std::string> group_folder(std::string_view mounts, std::string_view groups) {
  std::optional<std::string> own;
  for (const std::string_view line : parts_of(groups, '\n')) {
    if (line.starts_with("0::/")) own = line.substr(3);
  }
  if (!own || own->starts_with("/..")) return std::nullopt;
  for (const std::string_view line : parts_of(mounts, '\n')) {  // 36 35 0:29 /root /place options - cgroup2 ...
    const std::vector<std::string_view> words = parts_of(line, ' ');
    const auto dash = std::ranges::find(words, "-");
    if (words.size() < 6 || words.end() - dash < 2 || *(dash + 1) != "cgroup2") continue;
    const std::string root = without_escapes(words[3]);
    if (!is_beneath(*own, root)) continue;
    const std::string below = root == "/" ? *own : own->substr(root.size());
    return without_escapes(words[4]) + (below == "/" ? "" : below);
  }
  return std::nullopt;
}

Result<std::string> claim_control_groups() {
  std::string group = TRY(own_group());
  const bool is_own_leaf = group.ends_with(kOwnLeaf);  // somebody of ours was here before
  if (is_own_leaf && TRY(has_limits(parent_of(group), "/cgroup.subtree_control"))) return parent_of(group);
  if (TRY(has_limits(group, "/cgroup.subtree_control"))) return group;
  if (!TRY(has_limits(group, "/cgroup.controllers")))
    return fail(ErrorCode::unavailable,
                "control group " + quoted(group) + " is given no limits of memory and processes",
                "start lilux in one that is: systemd-run --user --scope -p Delegate=yes lilux up");
  if (!hand_down(group)) TRY(move_down(group));
  return group;
}

Result<ControlGroup> ControlGroup::make(const std::string& above) {
  std::string path = above + "/" + std::string(kMade) + base::to_hex(base::random_bytes(kNameBytes));
  TRY(make_directories(path));
  Result<Fd> folder = open(path, O_RDONLY | O_DIRECTORY);
  if (folder) return ControlGroup(std::move(path), *std::move(folder));
  std::ignore = remove_directory(path);
  return std::unexpected(folder.error());
}

ControlGroup::~ControlGroup() {
  if (path_.empty()) return;
  if (remove_directory(path_)) return;
  std::ignore = kill();
  std::ignore = remove_directory(path_);  // what is just ending keeps it a moment
}

Result<void> ControlGroup::limit(const GroupLimits& limits) const {
  if (limits.memory_bytes > 0) {
    TRY(put(path_ + "/memory.max", std::to_string(limits.memory_bytes)));
    TRY(put(path_ + "/memory.oom.group", "1"));
    if (exists(path_ + "/memory.swap.max")) TRY(put(path_ + "/memory.swap.max", "0"));
  }
  if (limits.processes > 0) TRY(put(path_ + "/pids.max", std::to_string(limits.processes)));
  if (limits.cpu_weight > 0 && exists(path_ + "/cpu.weight"))
    TRY(put(path_ + "/cpu.weight", std::to_string(limits.cpu_weight)));
  return {};
}

Result<void> ControlGroup::kill() const {
  return put(path_ + "/cgroup.kill", "1");
}

std::uint64_t ControlGroup::count(std::string_view file, std::string_view what) const {
  const std::string text = read_file(path_ + "/" + std::string(file), kFileBytesMax).value_or("");
  for (const std::string_view line : parts_of(text, '\n')) {
    const std::vector<std::string_view> words = parts_of(line, ' ');
    if (words.size() == 2 && words[0] == what) return base::number_from<std::uint64_t>(words[1]).value_or(0);
  }
  return 0;
}

void remove_empty_groups(const std::string& above) {
  const Result<std::vector<Entry>> entries = list_directory(above);
  for (const Entry& entry : entries ? *entries : std::vector<Entry>()) {
    if (entry.name.starts_with(kMade)) std::ignore = remove_directory(above + "/" + entry.name);  // not what is used
  }
}

}  // namespace lilux::sys
