# lilux_items(<target> <folder>): makes a source of <target> that holds every file of the folder, for system_items.h.
function(lilux_items target folder)
  file(GLOB_RECURSE paths CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*)
  list(SORT paths)
  set(number 0)
  foreach(path ${paths})
    string(APPEND images "    \"lilux_item_${number}: .incbin \\\"${folder}/${path}\\\"\\nlilux_item_${number}_end: .byte 0\\n\"\n")
    string(APPEND symbols "extern \"C\" const char lilux_item_${number}[];\nextern \"C\" const char lilux_item_${number}_end[];\n")
    string(APPEND rows "      {\"${path}\", {lilux_item_${number}, lilux_item_${number}_end}},\n")
    list(APPEND files ${folder}/${path})
    math(EXPR number "${number} + 1")
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/system_items.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT [[
#include "tools/system_items.h"

asm(".section .rodata\n"
@images@    ".previous\n");

@symbols@
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
