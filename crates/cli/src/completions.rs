//! `portcullis completions`: what shells complete.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap_complete::{Shell, generate};

use crate::CommandResult;

const EXAMPLES: &str = "Examples:
  source <(portcullis completions bash)
  portcullis completions zsh > ~/.zfunc/_portcullis
  portcullis completions fish > ~/.config/fish/completions/portcullis.fish";

/// Write a script that completes commands and options in a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Always exit code 0.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let mut script = Vec::new();
    generate(arguments.shell, &mut crate::command(), "portcullis", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
