#include "surface/mcp_session.h"

#include <algorithm>

namespace lilux::surface {

namespace {

constexpr auto kGivesWay = std::chrono::minutes(1);  // until one that has begun something may end for another one
constexpr std::size_t kStreamsKept = 4;

}  // namespace

std::string McpClient::place() const {
  // Each part ends at a byte that none of them can have; a new field of a task that tells clients apart goes in here.
  std::string text(has_person ? "person" : "");
  const auto add = [&](std::string_view part) { text.append(1, '\0').append(part); };
  for (const std::string* part : {&session.parent, &session.title, &session.cwd, &session.project, &expose}) add(*part);
  add(base::enum_name(session.principal));
  if (session.budget != kernel::Budget{}) add(base::encode_text(session.budget));
  for (const kernel::Grant& grant : session.grants) {
    add(grant.capability);
    add(std::to_string(grant.expires_us) + (grant.calls ? "/" + std::to_string(*grant.calls) : ""));
  }
  return text;
}

void McpSession::touch(int opened) {
  use_.with([&](Use& now) {
    now.last = std::chrono::steady_clock::now();
    now.open += static_cast<std::size_t>(opened);
  });
}

McpSession::Time McpSession::idle_since() const {
  if (tasks->is_busy()) return Time::max();
  return use_.with([](const Use& used) {
    const bool is_used = used.open > 0 || (used.stream && used.stream->is_open());
    return is_used ? Time::max() : used.last;
  });
}

bool McpSession::Rank::gives_way() const {
  return !is_used && (!has_begun || since <= std::chrono::steady_clock::now() - kGivesWay);
}

McpSession::Rank McpSession::rank() const {
  const Time since = idle_since();
  return {.is_used = since == Time::max(), .has_begun = host->has_begun(), .since = since};
}

void McpSession::end() {
  if (conversation) conversation->close();
  host->end();
  if (const auto last = stream()) last->end();
}

std::shared_ptr<McpStream> McpSession::stream() const {
  return use_.with([](const Use& now) { return now.stream; });
}

void McpSession::listen(std::shared_ptr<McpStream> stream) {
  const auto before = use_.with([&](Use& use) { return std::exchange(use.stream, stream); });
  if (before && before != stream) before->end();  // a message goes out on one stream alone
}

std::shared_ptr<McpStream> McpSession::make_stream() {
  std::shared_ptr<McpStream> oldest;  // goes outside the lock
  const auto made = use_.with([&](Use& use) {
    auto stream = std::make_shared<McpStream>(std::to_string(++use.streams));
    use.kept.push_back(stream);
    if (use.kept.size() > kStreamsKept) {
      oldest = use.kept.front();
      use.kept.erase(use.kept.begin());
    }
    return stream;
  });
  if (oldest) oldest->keep_no_more();
  return made;
}

std::shared_ptr<McpStream> McpSession::find_stream(std::string_view name) const {
  return use_.with([&](const Use& use) {
    const auto found = std::ranges::find_if(use.kept, [&](const auto& stream) { return stream->name() == name; });
    return found == use.kept.end() ? nullptr : *found;
  });
}

}  // namespace lilux::surface
