"""The log of requests: one JSON object a line, so that calls can be counted."""

import json
import threading
import time
from pathlib import Path
from typing import Any


class RequestLog:
    """Appends to a file; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")

    def write(self, **entry: Any) -> None:
        line = json.dumps({"time": round(time.time(), 3), **entry})
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()
