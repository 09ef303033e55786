#pragma once

// A client of the Model Context Protocol on our own standard streams, until it or the server has had enough.

#include "base/result.h"
#include "kernel/call.h"
#include "net/http_client.h"
#include "net/http_message.h"

namespace lilux::surface {

class Session;

// Bytes both ways between it and the daemon.
base::Result<int> relay(const net::Upgraded& daemon);
// The kernel in this process, for a client that is its only one.
base::Result<int> serve_here(Session& session, const net::QueryPairs& query, kernel::Caller caller);

}  // namespace lilux::surface
