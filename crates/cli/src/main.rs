//! `portcullis`: what a policy says, before a proxy asks it.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis_cli::run()
}
