#!/usr/bin/env python3
"""What `lilux ledger verify` finds: a flipped byte, a record dropped, moved, repeated or restamped, a cut."""

import json
import shutil
import struct

from support import SystemTest, main

SEGMENT_HEADER, RECORD_HEADER = 80, 72
VERIFY_FAILED = 7


def records_in(segment):
    """The records of a segment as bytes, and how long the file is."""
    found, at = [], SEGMENT_HEADER
    while at + RECORD_HEADER <= len(segment):
        length, = struct.unpack_from("<I", segment, at + 36)
        if segment[at:at + RECORD_HEADER] == bytes(RECORD_HEADER):
            break
        found.append(segment[at:at + RECORD_HEADER + length])
        at += RECORD_HEADER + length
    return found


class Record(SystemTest):
    def setUp(self):
        super().setUp()
        for number in range(4):
            self.home.output("fs.write", path="a", content=str(number))
        self.assertEqual(0, self.home.run("ledger", "verify").returncode)
        self.segment = self.home.state / "ledger/00000000000000000001.ledger"
        self.kept = self.home.root / "kept"
        shutil.copytree(self.home.state, self.kept)
        self.bytes = self.segment.read_bytes()
        self.records = records_in(self.bytes)
        self.assertGreater(len(self.records), 9)

    def put(self, records):
        body = self.bytes[:SEGMENT_HEADER] + b"".join(records)
        self.segment.write_bytes(body + bytes(len(self.bytes) - len(body)))

    def is_found(self, what):
        damaged = self.segment.read_bytes().rstrip(b"\0") if self.segment.exists() else None
        done = self.home.run("ledger", "verify", "--json")
        self.assertEqual(VERIFY_FAILED, done.returncode, (what, done.stdout))
        envelope = json.loads(done.stdout)
        error = self.refused(envelope, "corrupt")
        self.assertRegex(error["message"], "record|segment", what)
        self.assertTrue(error["hint"], (what, error))
        # Nothing is mended, cut or written over behind the reader's back.
        self.assertEqual(VERIFY_FAILED, self.home.run("ledger", "verify").returncode, what)
        now = self.segment.read_bytes() if self.segment.exists() else None
        self.assertEqual(damaged, now and now[:len(damaged)], what)
        shutil.rmtree(self.home.state)
        shutil.copytree(self.kept, self.home.state)

    def test_an_index_that_cannot_be_used_keeps_nobody_from_working(self):
        self.home.output("fs.write", path="a", content="x")
        database = self.home.state / "lilux.db"
        database.unlink(missing_ok=True)
        database.mkdir()
        self.assertEqual("x", self.home.output("fs.read", path="a")["content"])
        self.assertEqual("serving", self.home.output("kernel.status")["state"])
        self.assertIn("lilux.db", self.home.run("logs").stderr)
        database.rmdir()
        self.assertIn("fs.write", self.home.run("logs").stdout)

    def test_a_flipped_byte_anywhere(self):
        end = SEGMENT_HEADER + sum(map(len, self.records))
        for at in [0, 12, 16, 40, 77, SEGMENT_HEADER, *range(SEGMENT_HEADER + 3, end, (end - SEGMENT_HEADER) // 17)]:
            damaged = bytearray(self.bytes)
            damaged[at] ^= 0x20
            self.segment.write_bytes(damaged)
            self.is_found(f"byte {at} of {end}")

    def test_a_record_that_is_dropped_moved_or_repeated(self):
        records = self.records
        for at in (0, 1, len(records) // 2, len(records) - 2):
            self.put(records[:at] + records[at + 1:])
            self.is_found(f"record {at + 1} dropped")
            self.put(records[:at] + [records[at + 1], records[at]] + records[at + 2:])
            self.is_found(f"record {at + 1} moved")
            self.put(records[:at + 1] + records[at:])
            self.is_found(f"record {at + 1} repeated")

    def test_a_cut_below_the_newest_checkpoint(self):
        for left in (0, 1, len(self.records) // 2, len(self.records) - 1):
            self.put(self.records[:left])
            self.is_found(f"all but {left} records cut off")
        self.segment.write_bytes(self.bytes[:SEGMENT_HEADER + len(self.records[0]) + 10])
        self.is_found("the file cut short")
        self.segment.unlink()
        self.is_found("the segment gone")

    def test_a_state_folder_that_is_put_back_to_an_earlier_one(self):
        self.home.output("fs.write", path="a", content="later")
        self.home.run("ledger", "verify")
        shutil.rmtree(self.home.state)
        shutil.copytree(self.kept, self.home.state)
        done = self.home.run("ledger", "verify", "--json")
        self.assertEqual(VERIFY_FAILED, done.returncode, done.stdout)

    def test_damage_done_while_a_daemon_serves(self):
        self.home.up()
        self.home.output("fs.write", path="a", content="more")
        damaged = bytearray(self.segment.read_bytes())
        damaged[SEGMENT_HEADER + RECORD_HEADER + 3] ^= 1
        with open(self.segment, "r+b") as file:
            file.write(damaged[:SEGMENT_HEADER + RECORD_HEADER + 4])
        done = self.home.run("ledger", "verify", "--json")
        self.assertEqual(VERIFY_FAILED, done.returncode, done.stdout)
        self.assertFalse(self.home.output("kernel.doctor")["healthy"])

    def test_a_sound_record_is_called_sound(self):
        done = self.home.run("ledger", "verify", "--json")
        self.assertEqual(0, done.returncode)
        self.assertTrue(json.loads(done.stdout)["output"]["sound"])


class Secrets(SystemTest):
    def test_arguments_for_another_tool_hold_no_secret_that_is_kept(self):
        self.home.up()
        spawn = {"command": "true", "secret_env": {"KEY": "canary-of-a-secret"}}
        nested = {"tool": "process.spawn", "arguments": spawn}
        self.refused(self.home.call("task.spawn", **nested), "invalid_argument", "secret")
        self.refused(self.home.call("task.spawn", tool="task.spawn", arguments=nested), "invalid_argument", "secret")
        hook = self.home.call("event.add_hook", "--yes", event="none", run_tool="process.spawn", run_arguments=spawn)
        self.refused(hook, "invalid_argument", "secret")
        self.home.output("policy.test", **nested)
        self.home.output("policy.test", tool="policy.test", arguments=nested)
        self.home.daemons[0].stop()
        for file in self.home.state.rglob("*"):
            self.assertFalse(file.is_file() and b"canary-of-a-secret" in file.read_bytes(), file)


if __name__ == "__main__":
    main()
