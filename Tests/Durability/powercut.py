"""A power cut, simulated: strace wrote down every write and every sync of the database's files in order, and every
answer that showed a receipt. At a point of that record the disk holds {all that was synced} and {any part of what was
not, torn at 512 bytes}; from that the database is put together and looked at."""
import collections
import pathlib
import random
import re
import sqlite3

STRACE = [
    "strace", "-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", "1048576", "-e",
    "trace=pwrite64,ftruncate,fdatasync,fsync,write,writev,sendto",
]
CALL = re.compile(r"^(\d+)\s+(\w+)\((\d+)<([^>]*)>,? ?(.*)$")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
SHOWN = re.compile(rb'<dd><span class="ltr">(\d{10})</span>')


def bytes_of(text):
    return bytes.fromhex(text.replace("\\x", ""))


def whole_lines(log):
    """strace cuts a call in two when another thread comes between."""
    unfinished = {}
    with open(log, errors="replace") as lines:
        for line in lines:
            line = line.rstrip("\n")
            resumed = re.match(r"^(\d+)\s+<\.\.\. (\w+) resumed>(.*)$", line)
            if resumed:
                begun = unfinished.pop((resumed.group(1), resumed.group(2)), None)
                if begun is not None:
                    yield begun + resumed.group(3)
            elif line.endswith("<unfinished ...>"):
                begun = re.match(r"^(\d+)\s+(\w+)\(", line)
                if begun:
                    unfinished[begun.groups()] = line[:-len(" <unfinished ...>")]
            else:
                yield line


def events(log, files):
    """("write", name, offset, bytes), ("truncate", name, size), ("sync", name) and ("shown", reference), in order."""
    names = {str(path): path.name for path in files}
    said = collections.defaultdict(bytes)
    for line in whole_lines(log):
        match = CALL.match(line)
        if not match or " = -1 " in line:
            continue
        _, call, number, path, rest = match.groups()
        name = names.get(bytes_of(path).decode("utf-8", "replace") if path.startswith("\\x") else path)
        if name and call == "pwrite64":
            parts = re.match(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?, (\d+), (\d+)\)', rest)
            if not parts or parts.group(2):
                raise ValueError(f"cannot read {line[:200]}")
            yield "write", name, int(parts.group(4)), bytes_of(parts.group(1))
        elif name and call == "ftruncate":
            yield "truncate", name, int(re.match(r"(\d+)", rest).group(1))
        elif name and call in ("fdatasync", "fsync"):
            yield "sync", name
        elif not name and call in ("write", "writev", "sendto"):
            # An answer may leave in pieces.
            said[number] = (said[number] + b"".join(map(bytes_of, TEXT.findall(rest))))[-100_000:]
            found = SHOWN.findall(said[number])
            if found:
                said[number] = b""
            for reference in found:
                yield "shown", reference.decode()


def apply(content, event):
    if event[0] == "truncate":
        size = event[2]
        del content[size:]
        content.extend(bytes(size - len(content)))
    else:
        _, _, offset, data = event
        content.extend(bytes(max(0, offset - len(content))))
        content[offset:offset + len(data)] = data


def survivors(pending, mode, chance):
    """Which of the writes that were not synced reached the disk."""
    if mode == "none":
        return []
    if mode == "all":
        return pending
    if mode == "first":
        return pending[:chance.randrange(len(pending) + 1)]
    chosen = [event for event in pending if chance.random() < 0.5]
    if mode == "torn":
        chosen = [
            (*event[:3], event[3][:512 * chance.randrange(len(event[3]) // 512 + 1)])
            if event[0] == "write" and chance.random() < 0.3 else event for event in chosen]
    return chosen


def fault(database, shown):
    """What is wrong with the database found after the cut; nothing if every shown report is whole."""
    try:
        connection = sqlite3.connect(database)
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            return "corrupt"
        whole = {row[0] for row in connection.execute(
            """
            SELECT reference FROM report WHERE
                (SELECT count(*) FROM report_entry WHERE report_id = report.id) >= 2
                AND (SELECT count(*) FROM report_item WHERE report_id = report.id) = 2
                AND EXISTS (SELECT 1 FROM case_file WHERE report_id = report.id)
            """)}
        connection.close()
        return "lost" if shown - whole else None
    except sqlite3.DatabaseError:
        return "corrupt"


def replay(log, before, files, points, seed, folder):
    """Cuts the power at so many points. `before` is a copy of the files as they were when recording began. Returns how
    often nothing was wrong, a report was lost, the file was corrupt; and how many receipts were shown in all."""
    record = list(events(log, files))
    chance = random.Random(seed)
    answers = [number for number, event in enumerate(record) if event[0] == "shown"]
    if not answers:
        raise ValueError("no receipt was shown while recording")
    cuts = sorted(chance.randrange(answers[0] + 1, len(record) + 1) for _ in range(points))
    durable = {path.name: bytearray((before / path.name).read_bytes() if (before / path.name).exists() else b"")
               for path in files}
    pending = collections.defaultdict(list)
    shown, outcome, done = set(), collections.Counter(), 0
    folder.mkdir(parents=True, exist_ok=True)
    for cut in cuts:
        for event in record[done:cut]:
            if event[0] == "shown":
                shown.add(event[1])
            elif event[0] == "sync":
                for write in pending.pop(event[1], []):
                    apply(durable[event[1]], write)
            else:
                pending[event[1]].append(event)
        done = cut
        mode = chance.choice(["none", "all", "first", "some", "torn"])
        for stale in folder.iterdir():
            stale.unlink()
        for path in files:
            content = bytearray(durable[path.name])
            for write in survivors(pending[path.name], mode, chance):
                apply(content, write)
            (folder / path.name).write_bytes(content)
        outcome[fault(folder / files[0].name, shown) or "whole"] += 1
    return outcome, len(answers)


def database_files(database):
    database = pathlib.Path(database)
    return [database, database.with_name(database.name + "-wal")]
