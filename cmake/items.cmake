# lilux_items(<target> <folder>): makes a source of <target> that holds every file of the folder, for system_items.h.
function(lilux_items target folder)
  file(GLOB_RECURSE paths CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*)
  list(SORT paths)
  set(number 0)
  foreach(path ${paths})
    string(APPEND images "LILUX_EMBED(lilux_item_${number}, \"${folder}/${path}\");\n")
    string(APPEND rows "      {\"${path}\", lilux_item_${number}()},\n")
    list(APPEND files ${folder}/${path})
    math(EXPR number "${number} + 1")
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/system_items.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT [[
#include "tools/system_items.h"

#include "base/embed.h"

@images@
namespace lilux::tools {

std::span<const SystemItem> system_items() {
  static const SystemItem kItems[] = {
@rows@  };
  return kItems;
}

}  // namespace lilux::tools
]] @ONLY)
  target_sources(${target} PRIVATE ${source})
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${files}")
endfunction()
