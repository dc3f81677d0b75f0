"""`pushoff account`: accounts of the coach's page."""

import secrets

import typer

from pushoff.coach.accounts import Role, add_account, disable, list_accounts, set_password
from pushoff.services import open_services

app = typer.Typer(no_args_is_help=True, help="Accounts of the coach's page.")


@app.command("add")
def add(
    name: str = typer.Argument(help="Name to sign in with."),
    role: Role = typer.Option(Role.COACH, help="Role."),
    generate: bool = typer.Option(False, help="Generate a password and print it."),
) -> None:
    """Add an account."""
    password = _new_password(generate)
    with open_services() as services:
        add_account(services.database, name, role, password)
    print(f"{name} can sign in as {role.value}" + (f", password {password}" if generate else ""))


@app.command("password")
def password(
    name: str = typer.Argument(help="Account."),
    generate: bool = typer.Option(False, help="Generate a password and print it."),
) -> None:
    """Set a new password and end all sign-ins of the account."""
    chosen = _new_password(generate)
    with open_services() as services:
        set_password(services.database, name, chosen)
    print(f"{name} has a new password" + (f": {chosen}" if generate else ""))


@app.command("disable")
def disable_account(name: str = typer.Argument(help="Account.")) -> None:
    """Disable an account; its sessions stay."""
    with open_services() as services:
        disable(services.database, name)
    print(f"{name} is disabled")


@app.command("enable")
def enable_account(name: str = typer.Argument(help="Account.")) -> None:
    """Enable a disabled account."""
    with open_services() as services:
        disable(services.database, name, False)
    print(f"{name} is enabled")


@app.command("list")
def list_all() -> None:
    """List the accounts."""
    with open_services() as services:
        accounts = list_accounts(services.database)
    if not accounts:
        print("no account yet; create one with `pushoff account add NAME --role coach`")
    for account, disabled in accounts:
        print(f"{account.name}  {account.role.value}{'  disabled' if disabled else ''}")


def _new_password(generate: bool) -> str:
    if generate:
        return secrets.token_urlsafe(12)
    return typer.prompt("Password", hide_input=True, confirmation_prompt=True)
