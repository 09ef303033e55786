#!/usr/bin/env python3
"""Approvals: what an agent asks for waits for a person, is done once, and only as it was asked; an agent is no person."""

import json
import os
import pty
import select
import subprocess
import threading
from urllib.parse import quote

from support import LILUX, PATIENCE, SystemTest, UnixConnection, answer_of, eventually, main


class Terminal:
    """The program at a terminal, with somebody who answers what it asks."""

    def __init__(self, home, *words):
        self.master, inner = pty.openpty()
        self.process = subprocess.Popen([LILUX, *words], cwd=home.project, env=home.environment, stdin=inner, stdout=inner,
                                        stderr=inner, start_new_session=True)
        os.close(inner)
        self.said = ""

    def read(self):
        if not select.select([self.master], [], [], PATIENCE)[0]:
            raise AssertionError(f"nothing more comes after {self.said!r}")
        try:
            piece = os.read(self.master, 65536).decode()
        except OSError:  # the other end is closed
            piece = ""
        self.said += piece.replace("\r\n", "\n")
        return piece

    def answer(self, prompt, line):
        """Waits for the prompt and types a line; what was said before it."""
        while not self.said.endswith(prompt):
            if not self.read():
                raise AssertionError(f"{prompt!r} was not asked in {self.said!r}")
        before, self.said = self.said, ""
        os.write(self.master, line.encode() + b"\n")
        return before

    def end(self):
        """Everything said since the last answer, and the exit code."""
        while self.read():
            pass
        os.close(self.master)
        return self.said, self.process.wait(PATIENCE)


QUESTION = "anything else: later "


class Approval(SystemTest):
    def ask(self, path="~/asked", content="x", **more):
        """A call that waits."""
        envelope = self.home.call("fs.write", path=path, content=content, **more)
        self.assertIn("lilux approve " + envelope["call"], self.refused(envelope, "approval_required")["hint"])
        return envelope["call"]

    def approve(self, call, *words, **how):
        done = self.home.run("approve", call, "--json", *words, **how)
        return json.loads(done.stdout), done.returncode

    def waiting(self):
        return [approval["call"] for approval in self.home.output("approval.list")["approvals"]]

    def agent(self, script):
        """Runs a shell script as the child of a task; its exit code and output."""
        envelope = self.home.call("process.spawn", "--yes", unconfined=True, command="bash", args=["-c", script])
        self.assertTrue(envelope["ok"], envelope)
        ended = self.home.output("process.wait", pid=envelope["output"]["pid"])
        self.assertTrue(ended["finished"], ended)
        return ended["exit_code"], ended["stdout"] + ended["stderr"]

    def setUp(self):
        super().setUp()
        self.asked = self.home.home / "asked"

    def test_what_an_agent_asks_for_waits_and_is_done_once(self):
        self.home.up()
        code, said = self.agent("lilux call fs.write --path ~/asked --content x --json")
        self.assertEqual(6, code, said)
        call = json.loads(said)["call"]
        self.assertEqual([call], self.waiting())
        self.assertFalse(self.asked.exists())
        shown = self.home.output("approval.show", call=call)["approval"]
        self.assertEqual("fs.write", shown["tool"])
        self.assertIn("+x", shown["question"])
        self.assertEqual([f"write fs {self.asked}"], shown["needs"])
        envelope, code = self.approve(call)
        self.assertEqual((0, call, 1), (code, envelope["call"], envelope["output"]["bytes_written"]))
        self.assertEqual("x", self.asked.read_text())
        self.asked.unlink()
        envelope, code = self.approve(call)
        self.assertEqual(5, code)
        self.refused(envelope, "conflict", "answered already")
        code, said = self.agent("lilux call fs.write --path ~/asked --content x --json")
        self.assertEqual((0, call), (code, json.loads(said)["call"]))
        self.assertFalse(self.asked.exists())  # the same call was told what it did, and not done again

    def test_questions_outlive_daemons(self):
        for end in (None, "kill", "stop"):  # None: asked of a one-shot kernel
            with self.subTest(end=end):
                daemon = self.home.up() if end else None
                call = self.ask()
                if daemon:
                    getattr(daemon, end)()
                self.assertEqual([call], self.waiting())
                daemon = self.home.up()
                self.assertEqual([call], self.waiting())
                self.assertEqual(0, self.approve(call)[1])
                self.assertEqual("x", self.asked.read_text())
                self.asked.unlink()
                daemon.kill()
                daemon = self.home.up()
                self.refused(self.approve(call)[0], "conflict", "answered already")
                self.assertFalse(self.asked.exists())
                self.assertEqual(call, self.home.call("fs.write", path="~/asked", content="x")["call"])  # told once
                daemon.kill()

    def test_of_many_answers_at_once_one_counts(self):
        self.home.up()
        call = self.ask()
        codes = []
        people = [threading.Thread(target=lambda: codes.append(self.approve(call)[1])) for _ in range(6)]
        for person in people:
            person.start()
        for person in people:
            person.join()
        self.assertEqual([0, 5, 5, 5, 5, 5], sorted(codes))
        self.assertEqual(1, len(self.home.output("undo.list")["calls"]))

    def test_an_answer_to_what_changed_since_is_refused(self):
        call = self.ask()
        kept = self.home.state / "pending" / f"{call}.json"
        text = kept.read_text()
        for before, after in (('"content":"x"', '"content":"y"'), ("asked", "other"), ('"umask":', '"umask":1'),
                              (f'"cwd":"{self.home.project}"', f'"cwd":"{self.home.home}"')):
            self.assertIn(before, text)
            kept.write_text(text.replace(before, after))
            self.refused(self.approve(call)[0], "conflict", "changed since", f"lilux deny {call}")
        kept.write_text("nonsense")
        self.assertNotEqual(0, self.approve(call)[1])
        kept.write_text(text)
        self.home.output("policy.add", id="new", effect="deny", capability="write fs ~/nowhere/**")
        self.refused(self.approve(call)[0], "conflict", "changed since")
        self.assertFalse(self.asked.exists())
        self.home.output("policy.remove", id="new")
        self.assertEqual(0, self.approve(call)[1])  # the policy it was asked under is in force again

    def test_an_answer_is_about_the_content_that_was_shown(self):
        call = self.ask()
        self.asked.write_text("a person's work\n")
        self.refused(self.approve(call)[0], "conflict", "something else")
        self.assertEqual("a person's work\n", self.asked.read_text())
        call = self.ask(content="y")
        self.asked.write_text("more of it\n")
        again = self.ask(content="y")  # a new effect is a new question
        self.assertNotEqual(call, again)
        self.assertEqual([again], self.waiting())
        self.refused(self.approve(call)[0], "conflict")
        self.assertIn("-more of it", self.home.output("approval.show", call=again)["approval"]["question"])
        self.assertEqual(0, self.approve(again)[1])
        self.assertEqual("y", self.asked.read_text())

    def test_what_changed_with_the_policy_is_not_asked_under_the_old_question(self):
        call = self.ask()
        self.asked.write_text("a person's work\n")
        self.home.output("policy.add", id="no", effect="deny", capability="write fs ~/nowhere/**")
        self.assertEqual([], self.waiting())
        self.refused(self.approve(call)[0], "conflict", "expired")
        self.assertEqual("a person's work\n", self.asked.read_text())

    def test_a_call_that_needs_much_is_asked_about_all_the_same(self):
        many = self.home.project / "many"
        many.mkdir()
        for number in range(2500):
            (many / f"{number:0200}").touch()
        call = self.home.call("fs.copy", source="many", destination="~/copy")["call"]
        shown = self.home.output("approval.show", call=call)
        self.assertEqual((16, []), (len(shown["approval"]["needs"]), shown["always"]))
        self.assertIn("of which the first 16 are shown", shown["approval"]["question"])
        self.assertEqual(0, self.approve(call)[1])
        self.assertEqual(2500, len(os.listdir(self.home.home / "copy")))

    def test_no_task_asks_without_end(self):
        self.home.up()
        self.home.output("policy.add", id="run", effect="allow", capability="execute shell **")
        code, said = self.agent("for i in $(seq 1 201); do lilux call fs.write --path ~/$i --content x > said 2>&1; done; cat said")
        self.assertEqual(0, code, said)
        self.assertIn("too many questions wait", said)

    def test_after_a_change_of_policy_a_person_sees_what_waits_anew(self):
        first, second = self.ask("~/a"), self.ask("~/b")
        self.home.output("policy.add", id="no-a", effect="deny", capability="write fs ~/a")
        self.refused(self.approve(second)[0], "conflict", "policy changed", "approval.show")
        self.assertEqual([second], self.waiting())
        self.assertEqual(0, self.approve(second)[1])
        answered = {row["call"]: row for row in self.home.output("approval.list", all=True)["approvals"]}
        self.assertEqual("denied", answered[first]["state"])
        self.assertIn("no-a", answered[first]["note"])
        self.assertEqual([False, True], [(self.home.home / name).exists() for name in "ab"])

    def test_an_answer_is_about_the_place_that_was_shown(self):
        link = self.home.project / "link"
        link.symlink_to("../shown")
        call = self.ask("link")
        link.unlink()
        link.symlink_to("../other")  # the arguments are the same, what they lead to is not
        self.refused(self.approve(call)[0], "conflict", "something else")
        self.assertEqual([], [name for name in ("shown", "other") if (self.home.home / name).exists()])

    def test_an_agent_is_no_person(self):
        daemon = self.home.up()
        call = self.ask()
        self.assertEqual(0, self.home.run("policy", "add", "run", "allow", "--capability", "execute shell **").returncode)
        denied = self.ask("~/other")  # asked under the policy of now
        for what in (f"approve {denied}", f"deny {denied}", "policy autonomy full", "policy trust /", "policy add a allow",
                     "policy remove builtin:ssh", "resume", "call budget.set --task terminal --unlimited calls",
                     f"call approval.answer --call {denied} --answer approve"):
            for how in ("lilux {}", "env -u LILUX_TASK -u LILUX_CALL lilux {}", "env -i HOME=$HOME PATH=$PATH "
                        f"XDG_RUNTIME_DIR={self.home.root}/runtime lilux {{}}", "sh -c 'exec setsid -w env -u LILUX_TASK lilux {}'"):
                code, said = self.agent(how.format(what))
                self.assertEqual(6, code, (how, what, said))
        # Nor one that has made itself an orphan: it fell to the kernel.
        self.agent(f"(setsid sh -c 'sleep 0.1; env -u LILUX_TASK lilux approve {denied} > said 2>&1; echo $? > code' &) ; exit 0")
        code = self.home.project / "code"
        eventually(lambda: code.exists() and code.read_text(), "the orphan has tried")
        self.assertEqual("6\n", code.read_text())
        # Nor with --yes, nor by the token, which any process of this user can read.
        code, said = self.agent("env -u LILUX_TASK lilux call fs.write --path ~/more --content x --yes")
        self.assertEqual(6, code, said)
        self.assertEqual(403, daemon.call("approval.answer", {"call": denied, "answer": "approve"})[0])
        self.assertFalse((self.home.home / "more").exists())
        self.assertFalse((self.home.home / "other").exists())
        self.assertIn(denied, self.waiting())
        self.assertIn(call, self.waiting())

    def test_what_outlives_the_kernel_is_no_person_afterwards(self):
        daemon = self.home.up()
        call = self.ask()
        self.home.output("policy.add", id="run", effect="allow", capability="execute shell **")
        # A process with nothing above it and nothing in its environment that would tell of the task.
        clean = f"env -i HOME=$HOME PATH=$PATH XDG_RUNTIME_DIR={self.home.root}/runtime"
        tries = f"""while [ ! -e go ]; do sleep 0.01; done
                    for what in 'approve {call}' 'policy autonomy full' resume; do lilux $what; echo $?; done > said 2>&1
                    mv said done"""
        (self.home.project / "tries").write_text(tries)
        self.agent(f"{clean} setsid -f sh tries > /dev/null 2>&1; exit 0")
        daemon.kill()
        for again in (self.home.up, lambda: None):  # by a daemon, and by becoming the kernel itself
            again()
            (self.home.project / "go").touch()
            done = self.home.project / "done"
            eventually(done.exists, "it has tried")
            said = done.read_text()
            self.assertEqual(["6"] * 3, [line for line in said.splitlines() if line.isdigit()], said)
            (self.home.project / "go").unlink()
            done.unlink()
            if again == self.home.up:
                self.agent(f"{clean} setsid -f sh tries > /dev/null 2>&1; exit 0")
                self.home.daemons[-1].kill()
        self.assertFalse(self.asked.exists())
        self.assertEqual("supervised", self.home.output("policy.autonomy")["level"])

    def test_a_connection_is_nobodys_once_its_maker_has_ended(self):
        self.home.up()
        self.home.output("policy.add", id="run", effect="allow", capability="execute shell **")
        call = self.ask()
        # Connected by a child that ends, so that the ancestry of the one who connected cannot be read.
        script = '''if True:
            import json, os, socket, sys
            connection = socket.socket(socket.AF_UNIX)
            child = os.fork()
            if child == 0:
                connection.connect(sys.argv[1])
                os._exit(0)
            os.waitpid(child, 0)
            body = json.dumps({"call": sys.argv[2], "answer": "approve"}).encode()
            connection.sendall(b"POST /api/call/approval.answer HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n"
                               b"Content-Length: %d\\r\\n\\r\\n%s" % (len(body), body))
            with connection.makefile() as answer:
                print(answer.read())'''
        pid = self.home.output("process.spawn", unconfined=True, command="python3", args=["-c", script, str(self.home.socket), call])["pid"]
        said = self.home.output("process.wait", pid=pid)["stdout"]
        self.assertIn("nobody knows who asks", said)
        self.assertIn(call, self.waiting())
        self.assertFalse(self.asked.exists())

    def test_a_project_is_not_a_matter_of_where_an_agent_stands(self):
        self.home.up()
        self.home.output("policy.add", id="run", effect="allow", capability="execute shell **")
        elsewhere = self.home.home / "elsewhere"
        elsewhere.mkdir()
        code, said = self.agent(f"cd {elsewhere}; lilux call fs.write --path mine --content x")
        self.assertEqual(6, code, said)
        self.assertFalse((elsewhere / "mine").exists())
        code, said = self.agent(f"cd {elsewhere}; lilux call fs.write --path {self.home.project}/mine --content x")
        self.assertEqual(0, code, said)

    def test_an_agents_own_programs_are_asked_about(self):
        self.home.up()
        self.home.output("policy.add", id="run", effect="allow", capability="execute shell **")
        start = "lilux call process.spawn --unconfined --command sh --args=-c --args=true"
        self.assertEqual(0, self.agent(start)[0])
        for variable in ("PATH=$PWD:$PATH", "PATH=:$PATH", "HOME=$PWD", "XDG_DATA_HOME=$PWD"):
            code, said = self.agent(f"{variable} {start}")
            self.assertEqual(6, code, (variable, said))
            asked = self.home.output("approval.list")["approvals"]  # another effect, so another question
            self.assertEqual(1, len(asked), asked)
            self.assertIn("with " + variable.replace("$PWD", str(self.home.project)).split("$")[0], asked[0]["question"])

    def test_programs_that_only_a_person_can_put_there_are_not_asked_about(self):
        self.home.up()
        self.home.output("policy.add", id="run", effect="allow", capability="execute shell **")
        own = self.home.home / "node/bin"
        own.mkdir(parents=True)
        start = f"PATH={own}:$PATH lilux call process.spawn --unconfined --command sh --args=-c --args=true"
        self.assertEqual(0, self.agent(start)[0])
        own.chmod(0o777)
        self.assertEqual(6, self.agent(start)[0])
        own.chmod(0o755)
        own.parent.chmod(0o777)
        self.assertEqual(6, self.agent(start)[0])
        own.parent.chmod(0o755)
        self.home.output("policy.add", id="write", effect="allow", capability=f"write fs {own}/**")
        self.assertEqual(6, self.agent(start)[0])

    def test_what_a_program_reads_is_part_of_the_question(self):
        script = "print(1)\n  program /usr/bin/true"
        call = self.home.call("process.spawn", unconfined=True, command="python3", args=["-"], stdin=script)["call"]
        shown = self.home.output("approval.show", call=call)
        self.assertRegex(shown["approval"]["question"], r"give it \d+ bytes to read:\n    print\(1\)\n      program /usr/bin/true")
        self.home.output("policy.add", id="py", effect="allow", capability="execute shell /usr/bin/python3 **")
        self.refused(self.home.call("process.spawn", unconfined=True, command="python3", args=["-"], stdin="print(2)"), "approval_required")
        self.assertTrue(self.home.call("process.spawn", unconfined=True, command="python3", args=["-c", ""])["ok"])

    def refused_as_other(self, call, *effects):
        envelope, code = self.approve(call)
        self.assertEqual(5, code, envelope)
        self.refused(envelope, "conflict", "would now do something else")
        for effect in effects:
            self.assertFalse(effect.exists(), effect)

    def test_what_a_program_finds_is_what_was_approved(self):
        """Whoever asks may write in the project, before and after the question."""
        done = self.home.home / "done"
        for name, words in (("x.sh", ["bash", "x.sh"]), ("x.sh", ["bash", "-c", "./x.sh now"]), ("Makefile", ["make", "all"])):
            file = self.home.project / name
            file.write_text("all:\n\ttrue\n")
            file.chmod(0o755)
            call = self.home.call("process.spawn", unconfined=True, command=words[0], args=words[1:])["call"]
            self.assertIn("as they are now: ", self.home.output("approval.show", call=call)["approval"]["question"])
            file.write_text(f"all:\n\ttouch {done}\n")
            self.refused_as_other(call, done)
        call = self.home.call("process.spawn", unconfined=True, command="bash", args=["-c", "true"])["call"]
        self.assertEqual(0, self.approve(call)[1])  # nothing has changed

    def test_a_copy_is_of_what_was_shown(self):
        for tool in ("fs.copy", "fs.move"):
            source = self.home.project / "source"
            source.write_text("reviewed\n")
            call = self.home.call(tool, source="source", destination="~/out")["call"]
            self.assertIn("+reviewed", self.home.output("approval.show", call=call)["approval"]["question"])
            source.write_text("otherwise")
            self.refused_as_other(call, self.home.home / "out")
        call = self.home.call("fs.copy", source="source", destination="~/other")["call"]
        self.assertEqual(0, self.approve(call)[1])
        self.assertEqual("otherwise", (self.home.home / "other").read_text())

    def test_nothing_is_hidden_behind_a_long_beginning(self):
        call = self.ask(content="# comment\n" * 3000 + "touch evil\n" + "# more\n" * 3000)
        shown = self.home.output("approval.show", call=call)["approval"]["question"]
        self.assertIn("+touch evil", shown)
        self.assertEqual(6000, shown.count("# "))
        listed = self.home.output("approval.list")["approvals"][0]["question"]
        self.assertIn("are left out here", listed)
        self.assertTrue(listed.endswith("+# more\n"), listed[-50:])
        refused = self.home.call("process.spawn", unconfined=True, command="true", secret_env={"BASH_ENV": "/tmp/x"})
        self.refused(refused, "invalid_argument", "is no secret")

    def test_a_question_is_for_people(self):
        """It shows what lies in a file that whoever asks may not read."""
        self.home.up()
        self.asked.write_text("private words")
        code, said = self.agent("lilux call fs.write --path ~/asked --content x --json;"
                                "lilux call approval.list --json; lilux call approval.show --json --call $(lilux call approval.list --json "
                                "| grep -o '\"call\": \"c[0-9a-z]*' | tail -1 | cut -c10-)")
        self.assertIn("approval_required", said)
        self.assertNotIn("private words", said)
        self.assertIn("-private words", self.home.output("approval.show", call=self.waiting()[0])["approval"]["question"])

    def test_who_repeats_an_approved_call_is_told_that_it_was_not_made_again(self):
        call = self.ask()
        self.approve(call)
        self.asked.unlink()
        again = self.home.run("call", "fs.write", "--path", "~/asked", "--content", "x")
        self.assertEqual(0, again.returncode)
        self.assertIn(f"what call {call} gave", again.stderr)
        self.assertIn("was not made again", again.stderr)

    def test_a_redo_is_of_what_was_shown(self):
        self.home.output("fs.write", "--yes", path="~/one", content="1")
        self.home.output("fs.write", path="two", content="2")
        self.home.output("undo.apply", "--yes", since="5m")
        call = self.home.call("undo.redo")["call"]
        question = self.home.output("approval.show", call=call)["approval"]["question"]
        self.assertIn("bring back", question)
        self.home.output("fs.write", path="three", content="3")
        self.home.output("undo.apply", call=self.home.output("undo.list", limit=1)["calls"][0]["call"])
        self.refused_as_other(call, self.home.home / "one", self.home.project / "three")

    def test_redo_brings_back_no_decision_of_a_person_by_the_way(self):
        trusted = self.home.call("policy.trust", path=".")["call"]
        self.home.output("undo.apply", call=trusted)
        self.refused(self.home.call("undo.redo"), "not_found", "nothing has been undone")
        self.home.output("undo.redo", call=trusted)

    def test_a_quota_is_one_for_all_below_and_for_calls_at_once(self):
        self.home.up()
        waits = {"tool": "event.wait", "arguments": {"since": 0, "event": "no.such"}}
        may = [f"write fs {self.home.project}/**", "read kernel event", "write kernel task/**"]
        top = self.home.output("task.spawn", capabilities=may, calls=3, **waits)["task"]
        below = [self.home.output("task.spawn", "--as-task", top, **waits)["task"] for _ in range(2)]
        caller = quote(json.dumps({"cwd": str(self.home.project)}))
        answers = []

        def write(number):
            _, envelope, _ = answer_of(UnixConnection(self.home.socket), "POST", "/api/call/fs.write",
                                       json.dumps({"path": f"f{number}", "content": "x"}),
                                       {"Lilux-Task": below[number % 2], "Lilux-Caller": caller})
            answers.append(envelope)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(3, sum(answer["ok"] for answer in answers), answers)
        self.assertEqual(3, len(list(self.home.project.glob("f*"))))
        self.refused(next(answer for answer in answers if not answer["ok"]), "denied", "quota")

    def test_what_a_task_left_behind_gains_nothing(self):
        self.home.up()
        project = self.home.project
        self.home.output("policy.add", id="run", effect="allow", capability="execute shell **")
        self.home.output("policy.add", id="home", effect="allow", capability="write fs ~/**")
        write = "lilux call fs.write --path ~/{0} --content x > {0} 2>&1; echo $? >> {0}"
        script = (f"{write.format('direct')}; ({write.format('orphan')} &); "
                  f"(setsid sh -c 'sleep 0.1; {write.format('left')}' &); "
                  f"(setsid bash -c 'ulimit -x 7; sleep 0.1; {write.format('escaped')}' &); exit 0")
        task = self.home.output("task.spawn", tool="event.wait", arguments={"since": 0, "event": "no.such"}, capabilities=[
            "execute shell **", f"write fs {project}/**", "read kernel event"])["task"]
        self.home.output("process.spawn", "--as-task", task, unconfined=True, command="bash", args=["-c", script])
        for name, word in (("direct", f"task {task} does not hold"), ("orphan", f"task {task} does not hold"),
                           ("left", "nobody knows what it may do"), ("escaped", "nobody knows what it may do")):
            file = project / name
            eventually(lambda: file.exists() and file.read_text().endswith("\n6\n"), f"{name} was refused")
            self.assertIn(word, file.read_text())
            self.assertFalse((self.home.home / name).exists())

    def test_denied_or_sent_back_with_a_note(self):
        self.home.up()
        for verb, state, word in (("deny", "denied", "denied"), ("changes", "changes_requested", "asks for changes")):
            call = self.ask()
            done = self.home.run(verb, call, "put it into docs/", "--json")
            self.assertEqual((0, state), (done.returncode, json.loads(done.stdout)["output"]["state"]))
            error = self.refused(self.home.call("fs.write", path="~/asked", content="x"), "denied", word, "put it into docs/")
            self.assertEqual("approval:" + call, error["rule"])
            self.refused(self.approve(call)[0], "conflict", "answered already")
        self.assertFalse(self.asked.exists())
        self.assertEqual([], self.waiting())

    def test_a_process_that_a_person_approves_lives_on(self):
        envelope = self.home.call("process.spawn", unconfined=True, command="sleep", args=["300"])
        daemon = self.home.output("kernel.status")
        self.assertEqual(0, self.home.run("down").returncode)
        eventually(lambda: daemon["pid"] not in self.home.processes(), "the daemon has ended")
        answered, code = self.approve(envelope["call"])
        self.assertEqual(0, code, answered)
        self.assertEqual("running", self.home.output("process.info", pid=answered["output"]["pid"])["status"].replace(
            "sleeping", "running"))

    def test_always_saves_a_rule_from_the_command_line(self):
        self.home.output("fs.write", "--yes", path="~/docs/a", content="x", create_dirs=True)
        call = self.ask("~/docs/b")
        proposed = self.home.output("approval.show", call=call)["always"]
        self.assertTrue(proposed)
        envelope, code = self.approve(call, "--always", "always-no-such")
        self.refused(envelope, "not_found", "approval.show")
        envelope, code = self.approve(call, "--always", proposed[-1]["id"])
        self.assertEqual(0, code, envelope)
        self.assertIn(proposed[-1]["id"], json.dumps(self.home.output("policy.list")))

    # At a terminal.

    def test_a_call_at_a_terminal_asks_at_once(self):
        for letter, code, is_there in (("y", 0, True), ("", 6, False)):
            terminal = Terminal(self.home, "call", "fs.write", "--path", "~/asked", "--content", "typed")
            shown = terminal.answer(QUESTION, letter)
            for word in ("+typed", f"needs write fs {self.asked}", "risk high", "no rule matches"):
                self.assertIn(word, shown)
            self.assertEqual(code, terminal.end()[1])
            self.assertEqual(is_there, self.asked.exists())
            self.asked.unlink(missing_ok=True)
        self.assertEqual(1, len(self.waiting()))  # the one left for later
        self.assertIn("lilux approve", terminal.said)

    def test_only_an_answer_is_an_answer(self):
        for line in ("yuck no", "clear", "nothing", "always not", "Y es"):
            terminal = Terminal(self.home, "call", "fs.write", "--path", "~/asked", "--content", "x")
            terminal.answer(QUESTION, line)
            self.assertEqual(6, terminal.end()[1], line)
            self.assertFalse(self.asked.exists())
        terminal = Terminal(self.home, "call", "fs.write", "--path", "~/asked", "--content", "x")
        os.write(terminal.master, b"y\n")  # before anything was asked
        terminal.answer(QUESTION, "YES")
        self.assertEqual(0, terminal.end()[1])

    def test_a_name_cannot_forge_a_line_of_the_question(self):
        for tool, arguments in (("fs.write", {"path": "~/f\n  risk low", "content": "x"}),
                                ("process.spawn", {"command": "printf", "args": ["a\n  risk low"], "unconfined": True})):
            call = self.home.call(tool, **arguments)["call"]
            shown = self.home.run("call", "approval.show", "--call", call).stdout
            self.assertIn("risk low", shown)
            self.assertNotRegex(shown, r"(?m)^ *risk low")

    def test_answered_at_once_a_call_can_be_made_again(self):
        for _ in range(2):
            terminal = Terminal(self.home, "call", "fs.write", "--path", "~/asked", "--content", "x")
            terminal.answer(QUESTION, "y")
            self.assertEqual(0, terminal.end()[1])
            self.assertTrue(self.asked.exists())
            self.asked.unlink()

    def test_no_kernel_is_held_while_a_person_thinks(self):
        terminal = Terminal(self.home, "call", "fs.write", "--path", "~/asked", "--content", "x")
        while not terminal.said.endswith(QUESTION):
            terminal.read()
        self.home.up()
        terminal.answer(QUESTION, "y")
        self.assertEqual(0, terminal.end()[1])
        self.assertEqual("x", self.asked.read_text())

    def test_a_no_and_a_change_take_a_reason(self):
        for letter, prompt, word in (("n", "Why not? ", "denied this call: too early"),
                                     ("c", "What should be different? ", "asks for changes to this call: too early")):
            terminal = Terminal(self.home, "call", "fs.write", "--path", "~/asked", "--content", "x")
            terminal.answer(QUESTION, letter)
            terminal.answer(prompt, "too early")
            said, code = terminal.end()
            self.assertEqual(6, code)
            self.assertIn(word, said)
        self.assertEqual([], self.waiting())

    def test_always_shows_the_rule_and_what_it_would_have_allowed_before_it_is_saved(self):
        (self.home.home / "docs").mkdir()
        self.home.output("fs.write", "--yes", path="~/docs/old", content="x")
        policy = self.home.config / "policy.toml"
        for choice in ("", "1"):
            self.assertFalse(policy.exists() and "always" in policy.read_text())
            terminal = Terminal(self.home, "call", "fs.write", "--path", "~/docs/new", "--content", "x")
            terminal.answer(QUESTION, "a")
            shown = terminal.answer("anything else: none] ", choice)
            self.assertIn("1  always allow: write fs ", shown)
            self.assertIn("past calls it would have allowed:", shown)
            terminal.end()
            self.assertEqual(choice == "1", (self.home.home / "docs/new").exists())
        self.assertIn("always", policy.read_text())
        self.assertTrue(self.home.call("fs.write", path="~/docs/new", content="again")["ok"])

    def test_approve_alone_goes_through_everything_that_waits(self):
        first, second, third = self.ask("~/a"), self.ask("~/b"), self.ask("~/c")
        terminal = Terminal(self.home, "approve")
        self.assertIn(f"call {first}", terminal.answer(QUESTION, "y"))
        self.assertIn(f"call {second}", terminal.answer(QUESTION, "later"))
        terminal.answer(QUESTION, "n")
        terminal.answer("Why not? ", "")
        self.assertEqual(0, terminal.end()[1])
        self.assertEqual([True, False, False], [(self.home.home / name).exists() for name in "abc"])
        self.assertEqual([second], self.waiting())

    def test_without_a_terminal_nothing_is_asked(self):
        call = self.ask()
        done = self.home.run("approve", text_in="y\n")
        self.assertEqual(0, done.returncode)
        self.assertIn(call, done.stdout)
        self.assertFalse(self.asked.exists())


if __name__ == "__main__":
    main()
