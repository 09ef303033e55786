// The one table; CONTRIBUTING.md says how to add a row and what comes with it.

#include "tools/table.h"

#include <algorithm>

#include "tools/approval.h"
#include "tools/brain.h"
#include "tools/budget.h"
#include "tools/domains.h"
#include "tools/event.h"
#include "tools/file.h"
#include "tools/fs.h"
#include "tools/item.h"
#include "tools/item_change.h"
#include "tools/item_import.h"
#include "tools/item_run.h"
#include "tools/kernel.h"
#include "tools/knowledge.h"
#include "tools/learning.h"
#include "tools/ledger.h"
#include "tools/memory.h"
#include "tools/policy.h"
#include "tools/process.h"
#include "tools/project.h"
#include "tools/prompt.h"
#include "tools/rule.h"
#include "tools/script.h"
#include "tools/search.h"
#include "tools/shell.h"
#include "tools/task.h"
#include "tools/undo.h"
#include "tools/volume.h"
#include "tools/volume_branch.h"
#include "tools/volume_remote.h"
#include "tools/volume_restore.h"

namespace lilux::tools {

namespace {

using kernel::Audience;
using kernel::Effect;
using kernel::tool;
using kernel::Traits;
using kernel::Undo;
using policy::Risk;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Traits kLook{.effect = Effect::none, .risk = Risk::none, .is_idempotent = true};
constexpr Traits kOwnLook{
    .effect = Effect::none, .risk = Risk::none, .is_idempotent = true, .audience = Audience::people};
constexpr Traits kLookAlways{.effect = Effect::none, .risk = Risk::none, .is_idempotent = true, .runs_stopped = true};
constexpr Traits kWait{.effect = Effect::none, .risk = Risk::none, .is_idempotent = true, .is_long = true};
constexpr Traits kFile{.effect = Effect::world, .risk = Risk::medium, .undo = Undo::exact};
constexpr Traits kFileAgain{.effect = Effect::world, .risk = Risk::medium, .undo = Undo::exact, .is_idempotent = true};
constexpr Traits kTree{.effect = Effect::world, .risk = Risk::high, .undo = Undo::exact, .timeout = minutes(10)};
constexpr Traits kVolume{.effect = Effect::world, .risk = Risk::medium, .undo = Undo::partial};
constexpr Traits kPolicy{
    .effect = Effect::world, .risk = Risk::high, .undo = Undo::exact, .audience = Audience::people};

constexpr std::array kTable{
    tool<approval::answer, approval::assess_answer>(
        "approval.answer", "Answer a call that waits for a person",
        {.effect = Effect::state, .audience = Audience::people, .timeout = minutes(30), .outlives_call = true}),
    tool<approval::list, approval::assess_list>("approval.list", "List the calls that wait for a person", kLookAlways),
    tool<approval::show, approval::assess_show>(
        "approval.show", "Show what a waiting call would do, and rules that would answer it for good", kLookAlways),
    tool<domains::add, domains::assess_add>("brain.add_domain", "Learn from examples what sentences of a domain mean",
                                            {.effect = Effect::world,
                                             .undo = Undo::exact,
                                             .audience = Audience::people,
                                             .timeout = minutes(10),
                                             .is_long = true}),
    tool<learning::explain, learning::assess_look>("brain.explain", "Tell why a sentence is routed as it is", kOwnLook),
    tool<learning::export_examples, learning::assess_export>(
        "brain.export", "Give what was learned as training data for function calling", kOwnLook),
    tool<learning::forget, learning::assess_forget>(
        "brain.forget", "Forget what was learned from answers",
        {.effect = Effect::world, .undo = Undo::exact, .audience = Audience::people}),
    tool<learning::learn, learning::assess_learn>("brain.learn", "Keep what a person answered to a routed sentence",
                                                  {.effect = Effect::world, .audience = Audience::people}),
    tool<domains::list, domains::assess_list>("brain.list_domains", "List the domains that sentences are held against",
                                              kOwnLook),
    tool<domains::remove, domains::assess_remove>(
        "brain.remove_domain", "Remove a domain",
        {.effect = Effect::world, .undo = Undo::exact, .audience = Audience::people}),
    tool<brain_tools::route, brain_tools::assess_route>("brain.route",
                                                        "Show which calls a sentence asks for; make none", kLook),
    tool<learning::status, learning::assess_status>("brain.status",
                                                    "Show what the router knows and how right it was so far", kOwnLook),
    tool<budget::charge, budget::assess_charge>("budget.charge",
                                                "Count money and tokens spent elsewhere against the caller's budget",
                                                {.effect = Effect::state, .risk = Risk::none}),
    tool<budget::get, budget::assess_get>("budget.get", "Show a task's limits and what it has used", kLookAlways),
    tool<budget::set, budget::assess_set>(
        "budget.set", "Limit what a task and everything below it may use",
        {.effect = Effect::state, .undo = Undo::exact, .is_idempotent = true, .audience = Audience::people}),
    tool<event::add_hook, event::assess_add_hook>(
        "event.add_hook", "Run a command or a call whenever an event fits",
        {.effect = Effect::state, .risk = Risk::medium, .audience = Audience::people, .outlives_call = true}),
    tool<event::list, event::assess_list>("event.list", "List events by sequence number", kLookAlways),
    tool<event::list_hooks, event::assess_list_hooks>("event.list_hooks", "List the hooks", kLookAlways),
    tool<event::remove_hook, event::assess_remove_hook>("event.remove_hook", "Remove a hook",
                                                        {.effect = Effect::state, .audience = Audience::people}),
    tool<event::wait, event::assess_wait>("event.wait", "Wait until an event fits", kWait),
    tool<file::operation, file::assess_operation>(
        "file.operation", "Read and change items, tasks and files by one path: /components, /proc/<task>, files",
        {.effect = Effect::none, .risk = Risk::low}),
    tool<fs::chmod, fs::assess_chmod>("fs.chmod", "Change the mode of a file or folder", kFileAgain),
    tool<fs::chown, fs::assess_chown>(
        "fs.chown", "Change the owner of a file or folder",
        {.effect = Effect::world, .risk = Risk::high, .undo = Undo::exact, .is_idempotent = true}),
    tool<fs::copy, fs::assess_copy, fs::preview_copy>(
        "fs.copy", "Copy a file or a whole folder",
        {.effect = Effect::world, .risk = Risk::medium, .undo = Undo::exact, .timeout = minutes(10)}),
    tool<fs::remove, fs::assess_remove, fs::preview_remove>("fs.delete", "Delete a file or a folder", kTree),
    tool<fs::disk_usage, fs::assess_disk_usage>("fs.disk_usage", "Show how full the filesystem of a path is", kLook),
    tool<fs::edit, fs::assess_edit, fs::preview_edit>("fs.edit", "Replace exact text in a file, or apply a patch",
                                                      kFile),
    tool<fs::grep, fs::assess_grep>("fs.grep", "Find lines in files by their text", kLook),
    tool<fs::list, fs::assess_list>("fs.list", "List a folder", kLook),
    tool<fs::mkdir, fs::assess_mkdir>("fs.mkdir", "Make a folder", kFile),
    tool<fs::move, fs::assess_move, fs::preview_move>(
        "fs.move", "Move or rename a file or folder",
        {.effect = Effect::world, .risk = Risk::medium, .undo = Undo::exact, .timeout = minutes(10)}),
    tool<fs::read, fs::assess_read>("fs.read", "Read a file",
                                    {.effect = Effect::none, .risk = Risk::low, .is_idempotent = true}),
    tool<fs::search, fs::assess_search>("fs.search", "Find files and folders by name", kLook),
    tool<fs::stat, fs::assess_stat>("fs.stat", "Show size, mode, owner and times of a path", kLook),
    tool<fs::symlink, fs::assess_symlink>("fs.symlink", "Make a symbolic link", kFile),
    tool<fs::write, fs::assess_write, fs::preview_write>("fs.write", "Write a file", kFile),
    tool<item_tools::answer, item_tools::assess_answer>(
        "item.answer", "Say what came of a directive's step that waits for a mind",
        {.effect = Effect::world, .risk = Risk::low, .is_idempotent = true}),
    tool<item_tools::copy, item_tools::assess_copy, item_tools::preview_copy>("item.copy",
                                                                              "Copy an item to another volume", kFile),
    tool<item_tools::create, item_tools::assess_create, item_tools::preview_create>(
        "item.create", "Make an item: a directive, script, piece of knowledge, skill and so on", kFile),
    tool<item_tools::remove, item_tools::assess_remove>("item.delete", "Delete an item", kFile),
    tool<item_tools::drive, item_tools::assess_drive>(
        "item.drive", "Do the steps of a directive, one after the other",
        {.effect = Effect::none, .risk = Risk::none, .timeout = std::chrono::hours(24), .is_long = true}),
    tool<item_tools::import_items, item_tools::assess_import>(
        "item.import", "Make items of what Claude Code, Codex, Cursor and others left behind",
        {.effect = Effect::none, .risk = Risk::low, .timeout = minutes(10), .is_long = true}),
    tool<item_tools::list, item_tools::assess_list>("item.list", "List items, broken ones too", kLook),
    tool<item_tools::load, item_tools::assess_load>("item.load", "Show one item", kLook),
    tool<item_tools::restore, item_tools::assess_restore>("item.restore", "Put an item back as it was", kFile),
    tool<item_tools::run, item_tools::assess_run>(
        "item.run", "Run a directive or script; show another item to be used",
        {.effect = Effect::none, .risk = Risk::low, .timeout = minutes(31), .is_long = true, .outlives_call = true}),
    tool<item_tools::update, item_tools::assess_update, item_tools::preview_update>(
        "item.update", "Change an item's text, or stamp it as it is", kFile),
    tool<item_tools::validate, item_tools::assess_validate>(
        "item.validate", "Show all that is wrong with an item or a text",
        {.effect = Effect::none, .risk = Risk::none, .is_idempotent = true, .is_long = true}),
    tool<item_tools::which, item_tools::assess_which>("item.which", "Show which item of a name is used, and why",
                                                      kLook),
    tool<kernel_tools::config, kernel_tools::assess_config>(
        "kernel.config", "Show the settings in force and where each comes from", kLookAlways),
    tool<kernel_tools::doctor, kernel_tools::assess_doctor>("kernel.doctor", "Check everything and say how to mend it",
                                                            {.effect = Effect::none,
                                                             .risk = Risk::none,
                                                             .is_idempotent = true,
                                                             .timeout = minutes(5),
                                                             .runs_stopped = true,
                                                             .is_long = true}),
    tool<kernel_tools::emergency_stop, kernel_tools::assess_emergency_stop>(
        "kernel.emergency_stop", "Halt every call and process until a person resumes",
        {.effect = Effect::none, .risk = Risk::none, .is_idempotent = true, .runs_stopped = true, .is_urgent = true}),
    tool<kernel_tools::resume, kernel_tools::assess_resume>("kernel.resume", "Go on after an emergency stop",
                                                            {.effect = Effect::state,
                                                             .risk = Risk::medium,
                                                             .is_idempotent = true,
                                                             .audience = Audience::people,
                                                             .runs_stopped = true,
                                                             .is_urgent = true}),
    tool<kernel_tools::status, kernel_tools::assess_status>("kernel.status", "Show how the kernel is", kLookAlways),
    tool<kernel_tools::stop, kernel_tools::assess_stop>("kernel.stop", "Stop the daemon",
                                                        {.effect = Effect::none,
                                                         .risk = Risk::low,
                                                         .is_idempotent = true,
                                                         .audience = Audience::people,
                                                         .runs_stopped = true,
                                                         .is_urgent = true}),
    tool<kernel_tools::tools, kernel_tools::assess_tools>("kernel.tools", "List the tools", kLookAlways),
    tool<knowledge::create, knowledge::assess_create>("knowledge.create",
                                                      "Keep what was learned, once, with the call it came from",
                                                      {.effect = Effect::none, .risk = Risk::low}),
    tool<knowledge::graph, knowledge::assess_graph>("knowledge.graph", "Show how knowledge is tied together", kLook),
    tool<knowledge::index, knowledge::assess_index>("knowledge.index",
                                                    "Bring the list of a volume's knowledge up to date", kFileAgain),
    tool<knowledge::link, knowledge::assess_link>("knowledge.link", "Tie two pieces of knowledge together", kFileAgain),
    tool<knowledge::search, knowledge::assess_search>(
        "knowledge.search", "Search knowledge by words and meaning",
        {.effect = Effect::none, .risk = Risk::low, .is_idempotent = true, .timeout = minutes(2), .is_long = true}),
    tool<ledger::export_records, ledger::assess_export>("ledger.export",
                                                        "Write the record to a file, one JSON object a line",
                                                        {.effect = Effect::world,
                                                         .risk = Risk::low,
                                                         .undo = Undo::exact,
                                                         .audience = Audience::people,
                                                         .timeout = minutes(10)}),
    tool<ledger::output, ledger::assess_output>("ledger.output", "Show the whole output of a call", kLookAlways),
    tool<ledger::query, ledger::assess_query>("ledger.query", "Find past calls", kLookAlways),
    tool<ledger::verify, ledger::assess_verify>("ledger.verify", "Check that the record is whole and unchanged",
                                                {.effect = Effect::none,
                                                 .risk = Risk::none,
                                                 .is_idempotent = true,
                                                 .timeout = minutes(10),
                                                 .runs_stopped = true,
                                                 .is_long = true}),
    tool<ledger::why, ledger::assess_why>("ledger.why", "Tell why a call was made, up to the intent behind it",
                                          kLookAlways),
    tool<memory::clear, memory::assess_clear>(
        "memory.clear", "Remove notes",
        {.effect = Effect::world, .risk = Risk::medium, .undo = Undo::exact, .is_idempotent = true}),
    tool<memory::optimize, memory::assess_optimize>("memory.optimize", "Drop expired notes and give their space back",
                                                    {.effect = Effect::world,
                                                     .risk = Risk::low,
                                                     .undo = Undo::exact,
                                                     .is_idempotent = true,
                                                     .timeout = minutes(5)}),
    tool<memory::read, memory::assess_read>("memory.read", "Read notes and values", kLook),
    tool<memory::write, memory::assess_write>(
        "memory.write", "Keep notes and values",
        {.effect = Effect::world, .risk = Risk::low, .undo = Undo::exact, .is_idempotent = true}),
    tool<rules::add, rules::assess_add>("policy.add", "Add a rule", kPolicy),
    tool<rules::autonomy, rules::assess_autonomy>("policy.autonomy", "Show or set what happens to what no rule matches",
                                                  kPolicy),
    tool<rules::judge, rules::assess_judge>("policy.judge",
                                            "Judge and record what another program is about to do by itself", kLook),
    tool<rules::list, rules::assess_list>("policy.list", "List the rules in force", kLookAlways),
    tool<rules::remove, rules::assess_remove>("policy.remove", "Remove a rule, or switch a built-in one off", kPolicy),
    tool<rules::test, rules::assess_test>("policy.test", "Explain what would happen to a call", kLook),
    tool<rules::trust, rules::assess_trust>("policy.trust", "Let clients that name this folder work in it", kPolicy),
    tool<process::cgroup, process::assess_cgroup>("process.cgroup", "Show and limit groups of processes",
                                                  {.effect = Effect::world, .risk = Risk::high, .is_idempotent = true}),
    tool<process::info, process::assess_info>("process.info", "Show one process", kLookAlways),
    tool<process::kill, process::assess_kill, process::preview_kill>("process.kill", "End a process",
                                                                     {.effect = Effect::world, .risk = Risk::high}),
    tool<process::list, process::assess_list>("process.list", "List processes", kLookAlways),
    tool<process::signal, process::assess_signal, process::preview_signal>(
        "process.signal", "Send a signal to a process", {.effect = Effect::world, .risk = Risk::medium}),
    tool<process::spawn, process::assess_spawn, process::preview_spawn>(
        "process.spawn", "Run a program",
        {.effect = Effect::world, .risk = Risk::medium, .outlives_call = true, .starts_program = true}),
    tool<process::wait, process::assess_wait>("process.wait", "Wait for a program and read what it wrote", kWait),
    tool<project::init, project::assess_init, project::preview_init>(
        "project.init", "Lay out .ai/ in a project, and AGENTS.md", kFileAgain),
    tool<project::inspect, project::assess_inspect>(
        "project.inspect", "Show what a project is: languages, how it is built and tested, repository, documents",
        kLook),
    tool<project::instructions, project::assess_instructions>(
        "project.instructions", "Show what a project says to agents: AGENTS.md, CLAUDE.md, GEMINI.md and others",
        kLook),
    tool<prompt::explain, prompt::assess_explain>("prompt.explain_call", "Explain a call: what, why, by which rule",
                                                  kLook),
    tool<prompt::review, prompt::assess_review>("prompt.review", "Sum up what was done and what can be undone", kLook),
    tool<rule::list, rule::assess_list>("rule.list", "List the rules that answer events and sentences", kLook),
    tool<rule::test, rule::assess_test>("rule.test", "Check rules by their examples, and show which ones fit", kLook),
    tool<script::run, script::assess_run>(
        "script.run", "Run a Python, shell or JavaScript script in the sandbox",
        {.effect = Effect::state, .timeout = minutes(31), .is_long = true, .runs_program = true}),
    tool<search_tools::query, search_tools::assess_query>(
        "search.query", "Search items, tools and memory by words and meaning",
        {.effect = Effect::none, .risk = Risk::low, .is_idempotent = true, .timeout = minutes(2), .is_long = true}),
    tool<shell::commit, shell::assess_commit, shell::preview_commit>("shell.commit", "Make real what a command changed",
                                                                     kTree),
    tool<shell::drop, shell::assess_drop>("shell.drop", "Forget what a command changed, so that it never becomes real",
                                          {.effect = Effect::state, .risk = Risk::low}),
    tool<shell::run, shell::assess_run>(
        "shell.run", "Run a command in the sandbox, on a copy of the project",
        {.effect = Effect::state, .timeout = minutes(31), .is_long = true, .runs_program = true}),
    tool<task::kill, task::assess_kill>("task.kill", "End a task and everything below it",
                                        {.effect = Effect::world, .risk = Risk::medium, .is_idempotent = true}),
    tool<task::list, task::assess_list>("task.list", "List tasks", kLookAlways),
    tool<task::resume, task::assess_resume>(
        "task.resume", "Let a paused task go on",
        {.effect = Effect::world, .risk = Risk::low, .undo = Undo::exact, .is_idempotent = true}),
    tool<task::set_priority, task::assess_set_priority>(
        "task.set_priority", "Change how urgent a task is",
        {.effect = Effect::state, .undo = Undo::exact, .is_idempotent = true}),
    tool<task::spawn, task::assess_spawn>("task.spawn",
                                          "Make a call in the background, now or when other tasks are done",
                                          {.effect = Effect::state, .outlives_call = true}),
    tool<task::suspend, task::assess_suspend>(
        "task.suspend", "Pause a task and everything below it",
        {.effect = Effect::world, .risk = Risk::low, .undo = Undo::exact, .is_idempotent = true}),
    tool<task::tree, task::assess_tree>("task.tree", "Show tasks and what they started", kLookAlways),
    tool<task::wait, task::assess_wait>("task.wait", "Wait for a task to end", kWait),
    tool<undo::apply, undo::assess_apply, undo::preview_apply>(
        "undo.apply", "Take back a call, a task, or everything since a time",
        {.effect = Effect::world, .risk = Risk::medium, .undo = Undo::exact, .timeout = minutes(10)}),
    tool<undo::list, undo::assess_list>("undo.list", "List the calls that can be undone", kLookAlways),
    tool<undo::preview, undo::assess_preview>("undo.preview", "Show what undoing a call would change", kLook),
    tool<undo::redo, undo::assess_redo, undo::preview_redo>(
        "undo.redo", "Bring back what an undo took back",
        {.effect = Effect::world, .risk = Risk::medium, .undo = Undo::exact, .timeout = minutes(10)}),
    tool<volume_tools::diff, volume_tools::assess_diff>("volume.diff", "Show how two states of a volume differ", kLook),
    tool<volume_tools::fetch, volume_tools::assess_fetch>(
        "volume.fetch", "Bring the branches of a remote here, to be merged",
        {.effect = Effect::world, .risk = Risk::medium, .is_idempotent = true, .timeout = minutes(5), .is_long = true}),
    tool<volume_tools::history, volume_tools::assess_history>("volume.history",
                                                              "Show the commits of a volume or an item", kLook),
    tool<volume_tools::list, volume_tools::assess_list>("volume.list", "List the volumes that items lie in", kLook),
    tool<volume_tools::merge, volume_tools::assess_merge, volume_tools::preview_merge>(
        "volume.merge", "Bring a branch of a volume into it", kVolume),
    tool<volume_tools::promote, volume_tools::assess_promote, volume_tools::preview_promote>(
        "volume.promote", "Copy an item into a team's or the user's volume, or propose it there", kVolume),
    tool<volume_tools::push, volume_tools::assess_push, volume_tools::preview_push>(
        "volume.push", "Send a branch of a volume to a remote",
        {.effect = Effect::world, .risk = Risk::high, .timeout = minutes(5), .is_long = true}),
    tool<volume_tools::remotes, volume_tools::assess_remotes>("volume.remotes", "List the remotes of a volume", kLook),
    tool<volume_tools::restore, volume_tools::assess_restore>("volume.restore",
                                                              "Put files of a volume back as they were", kVolume),
    tool<volume_tools::revert, volume_tools::assess_revert, volume_tools::preview_revert>(
        "volume.revert", "Take back one commit of a volume", kVolume),
    tool<volume_tools::set_branch, volume_tools::assess_set_branch>(
        "volume.set_branch", "Put a proposal for a volume elsewhere, or drop it", kFileAgain),
    tool<volume_tools::set_remote, volume_tools::assess_set_remote>(
        "volume.set_remote", "Name another repository for a volume, or forget it", kFileAgain),
};
static_assert(std::ranges::is_sorted(kTable, {}, &kernel::Tool::name));

}  // namespace

std::span<const kernel::Tool> table() {
  return kTable;
}

const kernel::Tool* find(std::string_view name) {
  const auto found = std::ranges::lower_bound(kTable, name, {}, &kernel::Tool::name);
  return found != kTable.end() && found->name == name ? &*found : nullptr;
}

}  // namespace lilux::tools
