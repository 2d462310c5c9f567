"""The process behind closed doors: everything that a text could try is refused there, whoever lets it try."""

import json
import subprocess
import sys

TRIES = """
import json, os, sys, socket, ssl, subprocess, ctypes, tempfile, shutil, mmap, threading, urllib.request, importlib
from crossgate.cli.closed_doors import close_doors
folder = sys.argv[1]
def write(path):
    with open(path, "w") as file: file.write("x")
left, right = socket.socketpair()
tries = {
    "read": lambda: open("/etc/passwd").read(),
    "read of a path of bytes": lambda: open(b"/etc/passwd").read(),
    "read by the system's open": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "read through a folder of the program": lambda: open(os.__file__ + "/../../../../../etc/passwd"),
    "read of a device": lambda: open("/dev/zero").read(1),
    "read of the process": lambda: open("/proc/self/environ").read(),
    "read of a file here": lambda: open(os.path.join(folder, "canary.py")).read(),
    "write": lambda: write(os.path.join(folder, "new")),
    "write into the program": lambda: write(os.path.join(os.path.dirname(os.__file__), "crossgate-new")),
    "listing": lambda: os.listdir(folder),
    "scan": lambda: list(os.scandir("/etc")),
    "removal": lambda: os.remove(os.path.join(folder, "canary.py")),
    "new name": lambda: os.rename(os.path.join(folder, "canary.py"), os.path.join(folder, "x")),
    "new folder": lambda: os.mkdir(os.path.join(folder, "x")),
    "symbolic link": lambda: os.symlink("/etc", os.path.join(folder, "x")),
    "temporary file": lambda: tempfile.TemporaryFile(),
    "process": lambda: subprocess.run(["true"]),
    "shell": lambda: os.system("true"),
    "fork": lambda: os.fork(),
    "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "program": lambda: os.execv("/bin/true", ["true"]),
    "connection": lambda: socket.create_connection(("127.0.0.1", int(sys.argv[2]))),
    "connection by a socket": lambda: socket.socket().connect(("127.0.0.1", int(sys.argv[2]))),
    "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)),
    "local socket": lambda: socket.socket(socket.AF_UNIX).connect("/dev/log"),
    "listener": lambda: socket.socket().bind(("127.0.0.1", 0)),
    "name": lambda: socket.getaddrinfo("localhost", 80),
    "old name": lambda: socket.gethostbyname("localhost"),
    "URL": lambda: urllib.request.urlopen("http://127.0.0.1:1/"),
    "URL of a file": lambda: urllib.request.urlopen("file:///etc/passwd"),
    "certificates": lambda: ssl.create_default_context(),
    "certificates of a file": lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations("/etc/ssl/certs/x"),
    "library": lambda: ctypes.CDLL("libc.so.6"),
    "module of a folder": lambda: (sys.path.insert(0, folder), importlib.import_module("canary")),
    "signal": lambda: os.kill(os.getppid(), 0),
}
close_doors()
said = {}
for name, attempt in tries.items():
    try:
        attempt()
        said[name] = "done"
    except (OSError, ImportError) as error:
        said[name] = "refused"
    except BaseException as error:
        said[name] = repr(error)
json.loads  # what needs no door still goes
import xml.dom.minidom
thread = threading.Thread(target=lambda: mmap.mmap(-1, 4096)); thread.start(); thread.join()
left.send(b"x"); assert right.recv(1) == b"x"
try:
    bytearray(3 * 1024**3)
    said["memory"] = "done"
except MemoryError:
    said["memory"] = "refused"
said["environment"] = "refused" if not os.environ and not os.getenv("CANARY") else "done"
print(json.dumps(said))
"""


def test_everything_that_reaches_out_is_refused(tmp_path):
    (tmp_path / "canary.py").write_text("print('imported')")
    done = subprocess.run(
        [sys.executable, "-c", TRIES, str(tmp_path), "9"],
        capture_output=True,
        env={"CANARY": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    said = json.loads(done.stdout)
    assert {name: told for name, told in said.items() if told != "refused"} == {}
    assert len(said) > 30
    assert [file.name for file in tmp_path.iterdir()] == ["canary.py"]


def test_time_is_bounded_by_the_system():
    script = (
        "from crossgate.cli import closed_doors\nclosed_doors.CPU_SECONDS = 1\nclosed_doors.close_doors()\n"
        "while True:\n    try:\n        x = 1\n    except BaseException:\n        pass\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode < 0
