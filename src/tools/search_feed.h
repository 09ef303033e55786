#pragma once

// Brings the search index up to date with what the caller's volumes, the table and the memory hold. What was fed, and
// as of when, stands in a file beside the index; either may be deleted. Any thread; several processes may share them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/context.h"
#include "search/index.h"
#include "tools/volumes.h"

namespace lilux::tools {

enum class Vectors : std::uint8_t { learned, server };  // each have an index of their own
std::string index_file(const kernel::CallContext& call, Vectors vectors);
// Of these scopes, in the index that lies in this file; tells whether anything had changed.
base::Result<bool> feed(const kernel::CallContext& call, const Volumes& volumes, const std::vector<std::string>& scopes,
                        search::Index& index, const std::string& file);
// Documents say as their source from which of these scopes they are: the folder of a volume, or one of these.
inline constexpr std::string_view kToolScope = "tools";
inline constexpr std::string_view kMemoryScope = "memory";

// Ids of documents: a sort, where it comes from, and its name there.
struct DocumentId {
  std::string sort;    // item, tool, memory
  std::string source;  // the volume's folder, or the space
  std::string name;    // path within the volume, tool, or key
};
std::string to_text(const DocumentId& id);
DocumentId document_id(const std::string& text);

}  // namespace lilux::tools
