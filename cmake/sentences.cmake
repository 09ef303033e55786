# Makes the file of sentences part of src/tools/sentences.cpp, which is compiled again when it changes.
set_source_files_properties(sentences.cpp PROPERTIES
  COMPILE_DEFINITIONS LILUX_SENTENCES="${CMAKE_CURRENT_SOURCE_DIR}/sentences.toml"
  OBJECT_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/sentences.toml)
