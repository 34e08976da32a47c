"""`tongguan` and `python -m tongguan`."""

from tongguan.cli import app


def main() -> None:
    """Runs the command line; exits with one of tongguan.failures.Exit."""
    app(prog_name="tongguan")


if __name__ == "__main__":
    main()
