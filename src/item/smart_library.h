#pragma once

// SmartLibrary.md of LLMunix: what components there are. Pure; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lilux::item {

struct LibraryEntry {
  std::string id = {};
  std::string name = {};  // without its mark
  std::string mark = {};  // REAL, SIMULATION, GEN, of "RealWebFetchTool [REAL]"
  std::string file_path = {};
  std::string record_type = {};  // TOOL, AGENT, REAL_TOOL, REAL_AGENT, SIMULATION_AGENT
  std::vector<std::string> claude_tools = {};
  std::string domain = {};
  std::string description = {};
  std::string cost = {};
  std::string latency = {};
  std::string side_effects = {};
  std::string version = {};
  std::string status = {};  // DEPRECATED, or nothing
  std::vector<std::string> tags = {};
  std::string applicability_text = {};
  friend bool operator==(const LibraryEntry&, const LibraryEntry&) = default;
};

std::vector<LibraryEntry> parse_library(std::string_view text);
// The text with that entry in the place of the one with its id, or behind all others: only what differs changes.
std::string with_library_entry(std::string_view text, const LibraryEntry& entry);
// The text without the entry of that id; the same when there is none.
std::string without_library_entry(std::string_view text, std::string_view id);

}  // namespace lilux::item
