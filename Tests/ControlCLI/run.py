#!/usr/bin/env python3
"""Drives a gateway with upstream's unmodified command line: `run.py PORT [--tls PORT FOLDER]
[--real PORT PORT PORT] [--word WORD]`.

It must be run by the Python of Scripts/upstream-cli. The gateway is what `ControlledGateway` of GatewayRPCTests
makes, and has nothing yet; or, with --real and three ports of 127.0.0.1 that are free for listeners, a `gatewayd serve`
of group g1 with the host name gw1, the name client.gw1, an encryption key, and 64 MiB images img1, img2, img3 and used
in pool rbd. Each case of cases.py is a command line, the exit code it must have, and what it must print; they are run
in order, for they build on each other. To save the second that a start of the command line takes, each runs in a child
forked from here, where its `main` is loaded already; one runs the installed program itself.

Prints `ok LINE` or `FAIL LINE: why` for each, then the same for each command and option that the command line has: one
that no case uses, or that no case sees fail, is a failure. (With --real options are not looked at: some are about what
only the fake target has.) Exits with 1 if any failed.
"""

import argparse
import io
import json
import os
import socket
import subprocess
import sys
import traceback

os.environ.setdefault("NVMEOF_VERSION", "1.5.1")

import control.cli  # noqa: E402

import cases  # noqa: E402

PROGRAM = os.path.join(os.path.dirname(sys.executable), "ceph-nvmeof")


def run_forked(arguments, environment):
    """The exit code and what was printed, both streams together."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        os.close(reading)
        os.close(writing)
        code = 70
        try:
            for name, value in environment.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
            result = control.cli.main(arguments)
            code = 0 if result is None else result
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code & 0xFF)
    os.close(writing)
    with io.open(reading, encoding="utf-8", errors="replace") as stream:
        text = stream.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


def run_program(arguments, environment):
    variables = {**os.environ, **{n: v for n, v in environment.items() if v is not None}}
    done = subprocess.run([PROGRAM, *arguments], env=variables, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def holds(wanted, found):
    """Whether `found` has all that `wanted` says: the keys of a dictionary, the items of a list in their order."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(k in found and holds(v, found[k]) for k, v in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(holds, wanted, found))
    return wanted == found


def why_not(case, code, text):
    """What is wrong with what a case came to; None if nothing is."""
    if code != case.code:
        return f"exit code {code}, not {case.code}: {text.strip()}"
    for part in case.texts:
        if part not in text:
            return f"{part!r} is not in {text.strip()!r}"
    if case.json is not None:
        # "Get subsystems:" stands before the one answer that has no text of its own.
        try:
            found = json.loads(text[text.index("{"):])
        except ValueError as error:
            return f"{error}: {text.strip()}"
        if not holds(case.json, found):
            return f"{case.json} is not in {found}"
    return None


def options_of(parser, path=()):
    """(command, its parser) for each command of the command line."""
    children = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not children or not children[0].choices:
        yield path, parser
        return
    seen = set()
    for name, child in children[0].choices.items():
        if id(child) not in seen:
            seen.add(id(child))
            yield from options_of(child, path + (name,))


# `get_subsystems` has its own code for a failure, and `gw set_log_level` exits with 0 when the gateway is not there.
NEVER_FAIL = ("get_subsystems", "gw set_log_level")


def unused(executed, with_options):
    """What the command line has and no case has used, or seen fail."""
    parser = control.cli.GatewayClient.cli.parser
    aliases = {"ns": "namespace"}
    lines = [([aliases.get(w, w) for w in case.arguments], case.code) for case in executed]
    for action in parser._actions:
        if with_options and action.option_strings and action.dest != "help":
            if not any(set(action.option_strings) & set(words) for words, _ in lines):
                yield f"{action.option_strings[0]}: no case uses it"
    for path, command in options_of(parser):
        mine = [(w, c) for w, c in lines if " ".join(path) in " ".join(x for x in w if not x.startswith("-"))]
        name = " ".join(path)
        if not any(code == 0 for _, code in mine):
            yield f"{name}: no case sees it succeed"
        if not any(code not in (0, 2) for _, code in mine) and name not in NEVER_FAIL:
            yield f"{name}: no case sees it fail"
        for action in command._actions:
            if with_options and action.option_strings and action.dest != "help":
                if not any(code == 0 and set(action.option_strings) & set(words) for words, code in mine):
                    yield f"{name} {action.option_strings[0]}: no case sees it succeed"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("port")
    options.add_argument("--tls", nargs=2, metavar=("PORT", "FOLDER"))
    options.add_argument("--real", nargs=3, metavar="PORT")
    options.add_argument("--word", default="")
    chosen = options.parse_args()
    places = {"port": chosen.port, "real": bool(chosen.real)}
    if chosen.tls:
        places["tls_port"], places["folder"] = chosen.tls
    # A port that is taken.
    busy = socket.create_server(("127.0.0.1", 0))
    places["BUSY"] = str(busy.getsockname()[1])
    places |= cases.real_places(chosen.port, chosen.real) if chosen.real else cases.FAKE_PLACES
    failed = False
    executed = []
    for case in cases.all_cases(places):
        if chosen.word not in case.line:
            continue
        runner = run_program if case.is_program else run_forked
        problem = why_not(case, *runner(case.arguments, case.environment))
        executed.append(case)
        failed = failed or problem is not None
        print(f"ok {case.line}" if problem is None else f"FAIL {case.line}: {problem}", flush=True)
    if not chosen.word:
        for problem in unused(executed, with_options=not chosen.real):
            failed = True
            print(f"FAIL {problem}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
