"""An asyncio loop in a thread of its own, for servers that live inside the test process."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from tests.support.waiting import CEILING

Result = TypeVar("Result")


class LoopThread:
    """Runs coroutines for callers in other threads; ``close`` cancels what is left and ends the thread."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run ``work`` in the loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(CEILING)

    def close(self) -> None:
        """Cancel every task, end the loop, join the thread."""
        self.run(self._cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(CEILING)
        self.loop.close()

    @staticmethod
    async def _cancel_all() -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        await asyncio.sleep(0)  # transports that were closed say goodbye in the next round
        await asyncio.sleep(0)
