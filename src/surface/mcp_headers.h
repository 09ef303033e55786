#pragma once

// What a client of the newer era repeats of its message in headers, for those on the way who read no bodies. Pure.

#include <optional>
#include <string>

#include "mcp/message.h"
#include "net/http_message.h"
#include "surface/mcp_offer.h"

namespace lilux::surface {

// The revision that a message says it is in.
std::optional<std::string> meta_revision(const mcp::Message& message);
// A field's value as it was meant: what cannot stand in a header comes in Base64 between marks. Nothing when that is
// broken.
std::optional<std::string> field_value(std::string_view text);
// Where the headers of a message that says its revision are missing or say something else.
std::optional<mcp::RpcError> header_mismatch(const net::Request& request, const mcp::Message& message,
                                             const Offer& offer);

}  // namespace lilux::surface
