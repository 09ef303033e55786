#pragma once

// What a search looks through, as documents: the items of volumes, the tools of the table, the notes of the memory. Any
// thread.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/kernel.h"
#include "search/document.h"
#include "tools/memory_store.h"
#include "tools/volumes.h"

namespace lilux::tools {

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

// Something to be found: its stamp tells whether it has changed, its document is made only then.
struct Source {
  std::string stamp;
  std::function<search::Document()> document;
};
using Sources = std::map<std::string, Source>;  // by id

// Used before the volume goes.
Sources items_of(const item::Volume& volume, std::vector<item::Listed> items);
std::string stamp_of(const item::Listed& listed);
Sources tools_of(const kernel::Kernel& kernel);
base::Result<Sources> notes_of(const MemoryStore& store);

}  // namespace lilux::tools
