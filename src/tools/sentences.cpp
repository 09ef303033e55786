#include "tools/sentences.h"

namespace lilux::tools {

namespace {

constexpr std::string_view kSentences = R"toml(
[[rule]]
name = "read"
says = [
  "read {{path}}",
  "read the file {{path}}",
  "show {{path}}",
  "show me {{path}}",
  "show the file {{path}}",
  "show me the file {{path}}",
  "print {{path}}",
  "open {{path}}",
  "open the file {{path}}",
  "what is in {{path}}",
  "what is in the file {{path}}",
  "what's in {{path}}",
  "cat {{path}}",
]
then = "fs.read"
with = { path = "{{path}}" }

[[rule]]
name = "list here"
says = [
  "list the files",
  "list files",
  "list the files here",
  "show the files",
  "show me the files",
  "show me the files here",
  "what is here",
  "what files are here",
  "which files are here",
  "ls",
]
then = "fs.list"

[[rule]]
name = "list"
says = [
  "list {{path}}",
  "list the folder {{path}}",
  "list the files in {{path}}",
  "show the folder {{path}}",
  "show me the folder {{path}}",
  "show me the files in {{path}}",
  "what is in the folder {{path}}",
  "which files are in {{path}}",
  "ls {{path}}",
]
then = "fs.list"
with = { path = "{{path}}" }

[[rule]]
name = "find"
says = [
  "find files named {{pattern}}",
  "find the file {{pattern}}",
  "find files called {{pattern}}",
  "where is the file {{pattern}}",
  "find all files named {{pattern}}",
]
then = "fs.search"
with = { pattern = "{{pattern}}" }

[[rule]]
name = "find in"
says = [
  "find files named {{pattern}} in {{path}}",
  "find the file {{pattern}} in {{path}}",
]
then = "fs.search"
with = { pattern = "{{pattern}}", directory = "{{path}}" }

[[rule]]
name = "disk"
says = [
  "how full is the disk",
  "how much space is left",
  "how much disk space is left",
  "how much space is there",
  "is the disk full",
]
then = "fs.disk_usage"

[[rule]]
name = "disk of"
says = [
  "how full is the disk of {{path}}",
  "how much space is left in {{path}}",
  "how much space is left on {{path}}",
]
then = "fs.disk_usage"
with = { path = "{{path}}" }

[[rule]]
name = "look"
says = [
  "how large is {{path}}",
  "how big is {{path}}",
  "how large is the file {{path}}",
  "how big is the file {{path}}",
  "when was {{path}} changed",
  "who owns {{path}}",
]
then = "fs.stat"
with = { path = "{{path}}" }

[[rule]]
name = "write"
says = [
  "write {{content}} to {{path}}",
  "write {{content}} to the file {{path}}",
  "write {{content}} into {{path}}",
  "put {{content}} into the file {{path}}",
]
then = "fs.write"
with = { path = "{{path}}", content = "{{content}}" }

[[rule]]
name = "make folder"
says = [
  "make the folder {{path}}",
  "make a folder {{path}}",
  "make a folder called {{path}}",
  "make a folder named {{path}}",
  "create the folder {{path}}",
  "create a folder {{path}}",
  "create a folder called {{path}}",
  "mkdir {{path}}",
]
then = "fs.mkdir"
with = { path = "{{path}}" }

[[rule]]
name = "copy"
says = [
  "copy {{source}} to {{destination}}",
  "copy the file {{source}} to {{destination}}",
  "copy the folder {{source}} to {{destination}}",
]
then = "fs.copy"
with = { source = "{{source}}", destination = "{{destination}}" }

[[rule]]
name = "move"
says = [
  "move {{source}} to {{destination}}",
  "move the file {{source}} to {{destination}}",
  "move the folder {{source}} to {{destination}}",
  "rename {{source}} to {{destination}}",
  "rename the file {{source}} to {{destination}}",
]
then = "fs.move"
with = { source = "{{source}}", destination = "{{destination}}" }

[[rule]]
name = "delete"
says = [
  "delete {{path}}",
  "delete the file {{path}}",
  "remove {{path}}",
  "remove the file {{path}}",
]
then = "fs.delete"
with = { path = "{{path}}" }

[[rule]]
name = "look for"
says = [
  "search for {{query}}",
  "look for {{query}}",
  "find items about {{query}}",
  "what do we know about {{query}}",
  "what do you know about {{query}}",
]
then = "search.query"
with = { query = "{{query}}" }

[[rule]]
name = "remember"
says = [
  "remember {{value}}",
  "remember that {{value}}",
  "note that {{value}}",
  "make a note that {{value}}",
]
then = "memory.write"
with = { value = "{{value}}" }

[[rule]]
name = "recall"
says = [
  "what did I say about {{query}}",
  "what do you remember about {{query}}",
  "recall {{query}}",
]
then = "memory.read"
with = { query = "{{query}}" }

[[rule]]
name = "notes"
says = [
  "show my notes",
  "show me my notes",
  "what do you remember",
  "list my notes",
]
then = "memory.read"

[[rule]]
name = "processes"
says = [
  "list the processes",
  "list processes",
  "show the processes",
  "show me the processes",
  "what is running on this machine",
  "which processes are running",
  "which programs are running",
]
then = "process.list"

[[rule]]
name = "tasks"
says = [
  "list the tasks",
  "list tasks",
  "show the tasks",
  "show me the tasks",
  "what is running",
  "what is going on",
  "what are you doing",
]
then = "task.tree"

[[rule]]
name = "calls"
says = [
  "what did you do",
  "what did you do last",
  "what was done",
  "what has been done",
  "what happened",
  "show what was done",
  "show me what was done",
  "show me the last calls",
]
then = "ledger.query"
with = { looks = false }

[[rule]]
name = "undoable"
says = [
  "what can be undone",
  "what can I undo",
  "what can I take back",
  "show what can be undone",
]
then = "undo.list"

[[rule]]
name = "waiting"
says = [
  "what waits for me",
  "what is waiting for me",
  "what needs my approval",
  "what has to be approved",
  "show the approvals",
]
then = "approval.list"

[[rule]]
name = "status"
says = [
  "how are you",
  "how is the kernel",
  "show the status",
  "what is your status",
]
then = "kernel.status"

[[rule]]
name = "doctor"
says = [
  "is everything all right",
  "is everything ok",
  "check everything",
  "check the installation",
]
then = "kernel.doctor"

[[rule]]
name = "project"
says = [
  "what is this project",
  "what kind of project is this",
  "describe this project",
  "how is this project built",
  "how do I build this project",
  "how do I test this project",
]
then = "project.inspect"

[[rule]]
name = "items"
says = [
  "list the items",
  "list items",
  "show the items",
  "what items are there",
  "which items are there",
]
then = "item.list"

[[rule]]
name = "volumes"
says = [
  "list the volumes",
  "list volumes",
  "which volumes are there",
]
then = "volume.list"

[[rule]]
name = "rules"
says = [
  "list the rules",
  "list my rules",
  "which rules are there",
  "show my rules",
]
then = "rule.list"

[[rule]]
name = "tools"
says = [
  "which tools are there",
  "what tools are there",
  "list the tools",
  "what can you do",
]
then = "kernel.tools"

[[rule]]
name = "events"
says = [
  "list the events",
  "show the events",
  "show me the events",
]
then = "event.list"

[[rule]]
name = "why"
says = [
  "why was {{call}} made",
  "why did you make {{call}}",
  "explain the call {{call}}",
]
then = "ledger.why"
with = { call = "{{call}}" }

[[rule]]
name = "budget"
says = [
  "show my budget",
  "how much budget is left",
  "what have you spent",
]
then = "budget.get"
)toml";

}  // namespace

std::string_view sentences() {
  return kSentences;
}

}  // namespace lilux::tools
