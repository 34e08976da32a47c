"""The command line: which commands there are, and what all of them accept before their name."""

import typer

from tongguan.commands import (
    appeal,
    audit,
    backup,
    bulletin,
    case,
    certificate,
    change,
    complaint,
    district,
    duty,
    emergency,
    evidence,
    examination,
    gate,
    guarantee_release,
    look,
    partner,
    payment,
    pki,
    purge,
    quarantine,
    register,
    release,
    report,
    run,
    slot,
    status,
    submit,
    trace,
    transit_control,
    watched,
    work,
)
from tongguan.lazy import LazyGroup, register_stand_ins
from tongguan.options import Authority, Certificate, Csv, Gateway, Identity, Json, Key, State, given_before

app = typer.Typer(
    name="tongguan",
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help is as clear and three times as quick
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(run.run)
for function in (district.up, district.down, district.stop, district.start, district.restart, district.kill):
    app.command()(function)
app.command()(status.status)
for function in (backup.backup, backup.restore, backup.resume):
    app.command()(function)
app.command()(submit.submit)
register_stand_ins(app)
app.command()(look.show)
app.command("list")(look.list_)
app.command()(look.watch)
app.command()(trace.trace)
app.add_typer(work.app)
app.add_typer(gate.app)
app.add_typer(slot.app)
app.add_typer(watched.app)
app.add_typer(appeal.app)
app.add_typer(case.app)
app.add_typer(examination.app)
app.add_typer(report.app)
app.add_typer(evidence.app)
app.add_typer(audit.app)
app.add_typer(certificate.app)
app.add_typer(register.app)
app.add_typer(guarantee_release.app)
app.add_typer(release.app)
app.add_typer(emergency.app)
app.add_typer(quarantine.app)
app.add_typer(bulletin.app)
app.add_typer(complaint.app)
app.add_typer(partner.app)
app.add_typer(pki.app)
app.command()(purge.purge)
app.add_typer(transit_control.app)
app.add_typer(payment.app)
app.command()(duty.duty)
app.command()(change.amend)
app.command()(change.withdraw)
app.command()(look.describe)


@app.callback()
def before_the_command(
    state: State = None,
    gateway: Gateway = "",
    ca: Authority = "",
    cert: Certificate = "",
    key: Key = "",
    identity: Identity = "",
    json_lines: Json = False,
    csv: Csv = False,
) -> None:
    """Tongguan 通关: one submission, all agencies of the port at once.

    Exit codes: 0 done, 1 refused or an item failed, 2 not understood, 3 nobody answers, 4 not permitted.
    """
    shown = {"json_lines": json_lines, "csv": csv}
    given_before(state=state, gateway=gateway, ca=ca, cert=cert, key=key, identity=identity, **shown)
