#pragma once

// The metaschemas of JSON Schema 2020-12, without their titles and comments. Any thread.

#include <string_view>

namespace lilux::base::schema {

constexpr std::string_view kStandardDialect = "https://json-schema.org/draft/2020-12/schema";
constexpr std::string_view kVocabularies = "https://json-schema.org/draft/2020-12/vocab/";

// The text of the metaschema with that address; empty when there is none.
std::string_view metaschema(std::string_view address);

}  // namespace lilux::base::schema
