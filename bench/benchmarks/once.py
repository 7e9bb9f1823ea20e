"""``kod-intake once`` on a full mailbox, against the bare download and the straight-line script, and its memory.

All are whole processes, start included, on mailboxes that Dovecot has already taken in. The main figure is receiving,
storing, classifying, planning and filing away with the shipped rules, all urgencies set to "sammel"; a second one has
the real urgencies and so sends the letters too. The bare download is measured without encryption, where it is fastest,
and over TLS, the only way to a server that is not on the same machine.
"""

import json
import statistics
from collections.abc import Iterator
from pathlib import Path

from bench import report
from bench.options import Options
from bench.support import installation, mailbox, measured, sink

MEMORY_MB = 150


def measure(options: Options) -> Iterator[report.Row]:
    yield from _all(options)
    if options.security != "tls":
        yield from _over_tls(options)


def _all(options: Options) -> Iterator[report.Row]:
    root, words = options.root, installation.words()
    (root / "words.json").write_text(json.dumps(installation.keywords()), encoding="utf-8")
    with (
        mailbox.post_office(root, options.mails, words, security=options.security, seed=options.seed) as post,
        sink.fast(root) as smtp_port,
    ):
        straight_run = _straight(post, root)
        straight = post.count / straight_run.seconds
        yield report.Row("straight-line script", f"{straight:.0f} mails/s", f"peak {straight_run.peak_mb:.0f} MB")
        runs, download = _beside_downloads(post, root, smtp_port, 2)
        yield report.Row(
            f"bare imaplib download of {post.count} mails", f"{download:.0f} mails/s", f"{post.size / 1e6:.0f} MB"
        )
        rate = post.count / statistics.mean(run.seconds for run in runs)
        text = f"{rate:.0f} mails/s"
        yield report.at_least("once", text, "straight-line script", rate / straight, 6, ">= 6 x")
        yield report.at_least("once", text, "bare download", rate / download, 1 / 12, ">= 1/12")
        tenth = post.count // 10
        small = run(post, root / "small", smtp_port, tenth, urgency="sammel")
        yield from _memory(runs, small, post.count, tenth)
        letters = run(post, root / "letters", smtp_port, post.count, urgency="")
        yield report.Row("once with real urgencies, letters sent", f"{post.count / letters.seconds:.0f} mails/s")


def _over_tls(options: Options) -> Iterator[report.Row]:
    root = options.root / "tls"
    root.mkdir()  # whose owner and mode mailbox.post_office sees to
    with (
        mailbox.post_office(root, options.mails, installation.words(), security="tls", seed=options.seed) as post,
        sink.fast(root) as smtp_port,
    ):
        (one,), download = _beside_downloads(post, root, smtp_port, 1)
        rate = post.count / one.seconds
        against = f"bare download over TLS: {download:.0f} mails/s"
        yield report.at_least("once over TLS", f"{rate:.0f} mails/s", against, rate / download, 1 / 12, ">= 1/12")


def _beside_downloads(post: mailbox.Post, root: Path, smtp_port: int, count: int) -> tuple[list[measured.Run], float]:
    """So many runs of ``once``, and the mails a second of bare downloads before, between and after them.

    A machine has fast and slow minutes: the two are compared within the same ones.
    """
    downloads = [_download(post), _download(post)]
    runs = []
    for number in range(count):
        runs.append(run(post, root / f"once{number}", smtp_port, post.count, urgency="sammel"))
        downloads += [_download(post), _download(post)]
    return runs, post.count / statistics.median(run.seconds for run in downloads)


def _memory(runs: list[measured.Run], small: measured.Run, count: int, tenth: int) -> Iterator[report.Row]:
    peak = max(run.peak_mb for run in runs)
    budget = f"<= {MEMORY_MB} MB"
    yield report.Row(f"memory at its peak, {count} mails", f"{peak:.0f} MB", "", "", budget, peak <= MEMORY_MB)
    yield report.Row(
        f"memory at its peak, {tenth} mails",
        f"{small.peak_mb:.0f} MB",
        f"{count} mails",
        f"{peak / small.peak_mb:.2f} x",
        budget,
        small.peak_mb <= MEMORY_MB,
    )


def _trusted(post: mailbox.Post) -> list[str | Path]:
    return [post.server.ca_file] if post.security == "tls" else []


def _download(post: mailbox.Post) -> measured.Run:
    user = post.fill()
    run = measured.run(measured.python("-m", "bench.baselines.download", str(post.port), user, *_trusted(post)))
    check("the download", run, int(run.output.split()[0]), post.count)
    return run


def _straight(post: mailbox.Post, root: Path) -> measured.Run:
    files = (root / "straight.sqlite", root / "words.json")
    run = measured.run(
        measured.python("-m", "bench.baselines.straight", str(post.port), post.fill(), *files, *_trusted(post))
    )
    check("the straight-line script", run, int(run.output.split()[0]), post.count)
    return run


def run(post: mailbox.Post, folder: Path, smtp_port: int, count: int, *, urgency: str) -> measured.Run:
    """``kod-intake once`` in a new installation in ``folder``, on a mailbox with the first ``count`` mails."""
    user = post.fill(0)
    config = installation.write(folder, post, user, smtp_port, urgency=urgency)
    command = installation.command(config, "once")
    measured.run(command, environment=installation.ENVIRONMENT)  # an installation that is in use, not its first start
    post.fill(count, user)
    done = measured.run(command, environment=installation.ENVIRONMENT, exit_codes=(0, 4))
    check("once", done, installation.stored(config), count)
    return done


def check(what: str, run: measured.Run, got: int, wanted: int) -> None:
    """Raise FailedError where something has not worked on all mails: nothing is gained by losing some."""
    if got != wanted:
        raise measured.FailedError(f"{what} kept {got} of {wanted} mails:\n{run.output[-2000:]}")
